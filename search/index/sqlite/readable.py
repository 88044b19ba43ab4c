"""Facts about an index that may be damaged: read where they can be, else None.

Says nothing about what is wrong.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from search.errors import BlogsearchError
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.directory_snapshot import INDEX, open_to_copy
from search.index.sqlite.meta_store import read_manifest
from search.manifest import Manifest

# Raised in the midst of reading damaged rows: by SQLite, our stores, json and numpy.
UNREADABLE = (
    sqlite3.DatabaseError,
    BlogsearchError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)


def readable_urls(path: Path) -> set[str] | None:
    """Read the addresses of an index's articles."""
    try:
        with closing(open_to_copy(path)) as db:
            return set(ArticleStore(db).urls())
    except UNREADABLE:
        return None


def readable_manifest(path: Path) -> Manifest | None:
    """Read an index's manifest; None also where there is none yet."""
    try:
        with closing(open_to_copy(path)) as db:
            return read_manifest(db)
    except UNREADABLE:
        return None


def generation_of(directory: Path) -> int:
    """Read the generation of a directory's index, 0 where it can't be read."""
    known = readable_manifest(directory / INDEX)
    if known:
        return known.generation
    return 0
