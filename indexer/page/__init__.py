"""A page's HTML as metadata and blocks: what extract.py is made of."""
