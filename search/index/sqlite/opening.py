"""Opening what an index directory holds: the database, and the lock of the one
writer."""

from __future__ import annotations

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from search.errors import BlogsearchError, IndexBusy
from search.index.sqlite import connection as database
from search.index.sqlite import schema
from search.index.sqlite.articles import squashed


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an index's database, in autocommit mode; raises IndexDamaged where it is
    none."""
    if read_only:
        return connect_to_read(path).connection
    try:
        db = database.connect(path)
    except sqlite3.Error as error:
        raise database.explain(error, path) from error
    try:
        schema.check(db)  # before anything is written to what may be another program's
        db.execute("PRAGMA journal_mode = WAL")  # readers go on during a commit
        db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        db.close()
        raise database.explain(error, path) from error
    except BlogsearchError:
        db.close()
        raise
    _prepare(db)
    return db


def connect_to_read(path: Path) -> database.Reading:
    """Open it for reading only, also where nobody may write; raises IndexDamaged and
    StorageFailed."""
    try:
        reading = database.connect_to_read(path)
    except sqlite3.DatabaseError as error:
        raise database.explain(error, path) from error
    _prepare(reading.connection)
    return reading


def _prepare(db: sqlite3.Connection) -> None:
    """Make known what the statements call, and what rows are expected."""
    db.row_factory = sqlite3.Row
    db.create_function(
        "fold", 1, lambda text: (text or "").casefold(), deterministic=True
    )
    db.create_function("squashed", 1, squashed, deterministic=True)


def lock(directory: Path) -> IO[bytes]:
    """Hold the writer's lock of an index directory till the file is closed or the
    process ends, however it ends; raises IndexBusy."""
    handle = (directory / database.LOCK).open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise IndexBusy(database.BUSY) from error
    return handle
