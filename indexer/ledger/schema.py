"""The opening of a ledger of any version, brought up to date.

Opens the database; reads and writes no records.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from indexer.ledger.migrations import (
    FIRST_WITH_IDENTITIES,
    IDENTITIES_OF_ROWS,
    MIGRATIONS,
)
from indexer.text.urls import identity_of
from search.errors import BlogsearchError
from search.index.private_files import make_folder
from search.index.sqlite.connection import MEMORY, connect, connect_to_read
from search.text.urls import AddressError


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a ledger, made or brought up to date where need be.

    Raises sqlite3.Error and BlogsearchError.
    """
    make_folder(path.parent)
    db = connect(path)
    try:
        # Before anything is written: what is not a ledger of ours stays as it is.
        version = _version(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        # The index's writer brings the log in (search/index/sqlite/undo).
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA foreign_keys = ON")
        _migrate(db, version)
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a ledger without writing to it.

    One of an older version is brought up to date in memory; where there is none, an
    empty one is made there.
    """
    if not path.is_file():
        return _in_memory(0)
    db = connect_to_read(path).connection
    version = _version(db, path)
    if version == len(MIGRATIONS):
        return db
    with closing(db):
        return _in_memory(version, db)


def identity_or_url(url: str) -> str:
    """Return the identity of an address; of what is none, as in a damaged row, itself."""
    try:
        return identity_of(url)
    except AddressError:
        return url


def _in_memory(
    version: int, source: sqlite3.Connection | None = None
) -> sqlite3.Connection:
    db = connect(MEMORY)
    if source is not None:
        source.backup(db)
    _migrate(db, version)
    return db


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise BlogsearchError(
            "A newer Blogsearch made this ledger; update Blogsearch to use it."
        )
    if not version and db.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise BlogsearchError(
            f"{path.name} there was not made by Blogsearch; choose another --index folder."
        )
    return version


def _migrate(db: sqlite3.Connection, version: int) -> None:
    newest = len(MIGRATIONS)
    if version < newest:
        # In one transaction: after a crash the ledger is of one version or the other.
        made = "".join(MIGRATIONS[max(version, FIRST_WITH_IDENTITIES) :])
        if version < FIRST_WITH_IDENTITIES:
            db.create_function("identity_of", 1, identity_or_url, deterministic=True)
            older = "".join(MIGRATIONS[version:FIRST_WITH_IDENTITIES])
            made = older + IDENTITIES_OF_ROWS + made
        db.executescript(f"BEGIN; {made} PRAGMA user_version = {newest}; COMMIT;")
