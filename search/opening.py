"""Opening what an index directory holds: the database, and the lock of the one writer."""

from __future__ import annotations

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from search.errors import IndexBusy, IndexDamaged
from search.passages import squashed


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an index's database, in autocommit mode; raises IndexDamaged where it is none."""
    # Autocommit: transactions are begun and ended by name. WAL: readers go on during a commit.
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.create_function("fold", 1, lambda text: (text or "").casefold(), deterministic=True)
    db.create_function("squashed", 1, squashed, deterministic=True)
    try:
        if not read_only:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        db.close()
        raise IndexDamaged(f"{path} can't be used as an index ({error}).") from error
    return db


def lock(directory: Path) -> IO[bytes]:
    """Hold the writer's lock of an index directory till the file is closed; raises IndexBusy."""
    handle = (directory / "lock").open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise IndexBusy("Another run is writing to this index; try again when it is done.") from error
    return handle
