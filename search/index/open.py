"""The home of an index, by its address.

Importing this loads no home, and so neither SQLite, FAISS nor a model.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from search.errors import IndexMissing, StorageFailed

if TYPE_CHECKING:  # it brings numpy along
    from search.ports import Index


def open_index(address: str | Path) -> Index:
    """Return the index at an address, the path of a directory; nothing is read yet, and
    it need not exist. Raises IndexMissing for an address without a home, StorageFailed
    for one of a file."""
    if "://" in str(address):
        raise IndexMissing(
            f"An index can't be kept at {address} yet; give the path of a directory."
        )
    require_folder(Path(address))
    from search.index.sqlite.home import SqliteIndex  # needs FAISS: a second

    return SqliteIndex(Path(address))


def require_folder(path: Path) -> None:
    """Raise StorageFailed where something else stands in the place of an index."""
    try:
        is_other = path.exists() and not path.is_dir()
    except OSError:
        return  # this user may not look there, as the first use of the index will say
    if is_other:
        raise StorageFailed(f"{path} is a file; an index is a folder.")


def index_option(text: str) -> Path:
    """Read the folder given with --index. Raises argparse.ArgumentTypeError."""
    # As a path it would be the current folder, which nobody means by it.
    if not text.strip():
        raise ArgumentTypeError(
            "it is empty; name a folder, or leave --index out for the usual one"
        )
    return Path(text)


def index_of(environment: Mapping[str, str]) -> Path:
    """Return the folder that BLOGSEARCH_INDEX names; an empty one is as good as none."""
    named = environment.get("BLOGSEARCH_INDEX", "").strip()
    if named:
        return Path(named).expanduser()
    return default_index_dir()


def default_index_dir() -> Path:
    """Return the platform's user data folder for Blogsearch."""
    return platformdirs.user_data_path("blogsearch", appauthor=False) / "index"
