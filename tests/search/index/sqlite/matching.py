"""What matches an expression of FTS5, as the asking side finds it."""

from search.index.sqlite.words.matches import Look


def lexical(db, match, k, allowed=None):
    """Return (id, BM25 score), best first."""
    return list(Look(db, k, allowed, ()).scores(match).items())
