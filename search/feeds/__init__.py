"""Results as feeds: Atom and JSON Feed."""
