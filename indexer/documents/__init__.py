"""What a link leads to that is no HTML page: one module a kind, ``kinds.read_document``
before them all."""
