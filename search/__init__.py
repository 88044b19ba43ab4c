"""A semantic search over blog archives: the names that other programs import.

    from search import Engine, open_index
    Engine(open_index("path/to/index")).search("sourdough in a cold kitchen")

Importing this loads nothing; each name is imported at its first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.engine import Engine
    from search.errors import (
        ArticleUnknown,
        BlogsearchError,
        IndexAddressError,
        IndexBusy,
        IndexDamaged,
        IndexMismatch,
        IndexMissing,
        ModelError,
        OpenedBeforeFork,
        QueryError,
        StorageFailed,
    )
    from search.index.open import open_index
    from search.types import Article, Hit

__all__ = [
    "Article",
    "ArticleUnknown",
    "BlogsearchError",
    "Engine",
    "Hit",
    "IndexAddressError",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "ModelError",
    "OpenedBeforeFork",
    "QueryError",
    "StorageFailed",
    "open_index",
]

_MODULES = {
    "Engine": "search.engine",
    "open_index": "search.index.open",
    "Article": "search.types",
    "Hit": "search.types",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES.get(name, "search.errors")), name)
