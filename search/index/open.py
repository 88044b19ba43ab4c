"""The home of an index, by its address: a folder, or a database on a server.

Importing this loads no home, and so neither SQLite, FAISS, psycopg nor a model.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import platformdirs

from search.errors import IndexAddressError, StorageFailed
from search.index.server_address import ServerAddress, is_server_address

if TYPE_CHECKING:  # it brings numpy along
    from search.ports import Index

IndexAddress: TypeAlias = Path | ServerAddress

# What `--help` says of --index.
INDEX_HELP = "the index: a folder, or the postgresql:// address of a database"
DRIVERS = ("psycopg", "psycopg_pool", "pgvector")
NO_DRIVER = (
    "An index in PostgreSQL needs parts that aren't installed here ({what}). Get them with:"
    " pip install 'blogsearch[postgres]'"
)


def open_index(
    address: str | IndexAddress, *, indexer: str = "", partitions: int = 1
) -> Index:
    """Return the index at an address, a folder or a server's; nothing is read yet, and it
    need not exist.

    Of one on a server, ``indexer`` names whose articles its writers put, and
    ``partitions`` counts the parts in which it is made, if it is not there. Raises
    IndexAddressError for what is no address, and StorageFailed for one of a file and
    where a server's driver is missing.
    """
    if isinstance(address, str):
        address = index_address(address)
    if isinstance(address, ServerAddress):
        return _open_server(address, indexer, partitions)
    require_folder(address)
    from search.index.sqlite.home import SqliteIndex  # needs FAISS: a second

    return SqliteIndex(address)


def _open_server(address: ServerAddress, indexer: str, partitions: int) -> Index:
    try:
        from search.index.postgres.home import PostgresIndex
    except ImportError as error:
        # Without libpq, psycopg raises one that names no module.
        if error.name is None or error.name.partition(".")[0] in DRIVERS:
            what = error.name or str(error).partition("\n")[0].rstrip(".")
            raise StorageFailed(NO_DRIVER.format(what=what)) from error
        raise
    return PostgresIndex(address, indexer=indexer, partitions=partitions)


def index_address(text: str) -> IndexAddress:
    """Read the address of an index; raises IndexAddressError, which never repeats it."""
    if is_server_address(text):
        return ServerAddress(text)
    return Path(text)


def require_folder(path: Path, what: str = "an index") -> None:
    """Raise StorageFailed where something else stands in the place of an index, or of
    what else is kept in a folder."""
    try:
        is_other = path.exists() and not path.is_dir()
    except OSError:
        return  # this user may not look there, as the first use of the index will say
    if is_other:
        raise StorageFailed(f"{path} is a file; {what} is a folder.")


def index_option(text: str) -> IndexAddress:
    """Read what is given with --index. Raises argparse.ArgumentTypeError."""
    # As a path it would be the current folder, which nobody means by it.
    if not text.strip():
        raise ArgumentTypeError(
            "it is empty; name a folder, or leave --index out for the usual one"
        )
    try:
        return index_address(text)
    except IndexAddressError as error:
        # argparse would repeat the text of any other error's option.
        raise ArgumentTypeError(str(error)) from error


def index_of(environment: Mapping[str, str]) -> IndexAddress:
    """Return what BLOGSEARCH_INDEX names; an empty one is as good as none. Raises
    IndexAddressError."""
    named = environment.get("BLOGSEARCH_INDEX", "").strip()
    if not named:
        return default_index_dir()
    try:
        address = index_address(named)
    except IndexAddressError as error:
        raise IndexAddressError(f"BLOGSEARCH_INDEX: {error}") from error
    # No shell has seen it.
    if isinstance(address, Path):
        return address.expanduser()
    return address


def data_dir() -> Path:
    """Return the platform's user data folder for Blogsearch."""
    return platformdirs.user_data_path("blogsearch", appauthor=False)


def default_index_dir() -> Path:
    """Return the folder of the usual index."""
    return data_dir() / "index"
