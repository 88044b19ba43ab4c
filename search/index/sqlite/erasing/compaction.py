"""Databases written anew, so that no freed page holds what was deleted from them.

Deletes no row. ``PRAGMA secure_delete`` would not do: SQLite moves rows between pages,
and leaves copies behind which it does not overwrite when a row is deleted later.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from search.index.private_files import make_file, mode_of
from search.index.sqlite.connection import connect
from search.index.sqlite.undo.folders import sync_folder

# Milliseconds that the log's end waits for readers, whose looks are shorter.
PATIENCE = 5_000


def compact(db: sqlite3.Connection) -> bool:
    """Write a database anew, and shorten its log to nothing; raises sqlite3.Error.

    The connection is in no transaction. Returns False where a reader keeps the state
    before: that stays in the file until a later call.
    """
    db.execute("VACUUM")
    return shorten_log(db)


def shorten_log(db: sqlite3.Connection) -> bool:
    """Bring the log into the database and empty it, False where a reader needs it."""
    (usual,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    is_busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    db.execute(f"PRAGMA busy_timeout = {usual}")
    return not is_busy


def compact_unread(path: Path) -> None:
    """Write a database anew that nobody has open; raises sqlite3.Error and OSError.

    A third of what ``compact`` writes: the new file takes the old one's place.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    make_file(partial, mode_of(path))
    with closing(connect(path, mode="rw")) as db:
        # A log that outlived its file would be read into the new one.
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("VACUUM INTO ?", (str(partial),))
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(path)
    sync_folder(path.parent)
