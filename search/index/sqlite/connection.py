"""How SQLite files are opened, to be read also where nobody may write, and what their
failures say."""

from __future__ import annotations

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from search.errors import BlogsearchError, IndexBusy, IndexDamaged, StorageFailed

SHARED = 32_768  # bytes of the least -shm file that is in use
LOCK = "lock"
MEMORY = Path(":memory:")
PATIENCE = 30.0  # seconds that a statement waits for another process's lock

UNHARMED = "What was held before is unharmed."
FULL = f"The disk is full: {{place}} can't be written. Make room, then run this again. {UNHARMED}"
TOO_LARGE = f"{{place}} may not grow larger. Raise the limit (ulimit -f), then run this again. {UNHARMED}"
FORBIDDEN = "{place} can't be opened or written by this user ({what}). Change that, then run this again."
UNOPENED = "{place} can't be opened ({what}). See if this user may and there is room, then run this again."
FAILING = f"The disk failed at {{place}} ({{what}}). Check the disk, then run this again. {UNHARMED}"
OTHER = "{place} can't be used: {what}."
DAMAGED = (
    "{place} is damaged ({what}). What can be mended is told by: blog-indexer doctor"
)
BUSY = "Another run is writing to this index; try again when it is done."

BY_ERRNO = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: TOO_LARGE,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EROFS: FORBIDDEN,
    errno.EIO: FAILING,
}
BY_CODE = {  # SQLite's primary result codes
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FAILING,
    sqlite3.SQLITE_READONLY: FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: UNOPENED,
    sqlite3.SQLITE_PERM: FORBIDDEN,
}


def default_index_dir() -> Path:
    """The platform's user data folder for Blogsearch."""
    return platformdirs.user_data_path("blogsearch", appauthor=False) / "index"


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection for reading, and what its file was like when it was opened."""

    connection: sqlite3.Connection
    path: Path
    is_unlocked: bool
    seen: tuple[int, ...]

    def is_outdated(self) -> bool:
        """Whether another file has taken its place, or a writer came to one that is
        read without locks."""
        return _look(self.path, closely=self.is_unlocked) != self.seen


def connect(path: Path, *, mode: str = "rwc") -> sqlite3.Connection:
    """Open a database in autocommit mode: transactions are begun and ended by name."""
    address = (
        "file::memory:" if path == MEMORY else f"{path.absolute().as_uri()}?mode={mode}"
    )
    return sqlite3.connect(
        address,
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
        check_same_thread=False,
    )


def connect_to_read(path: Path) -> Reading:
    """Open a database for reading, while others write it or where nobody can.

    In a folder where this user may not write, or on a full disk, SQLite can't make the
    file in which readers and writers meet. Where that is missing nobody writes; the
    database is then read without it, and whether a writer has come meanwhile is told by
    ``is_outdated``. Raises sqlite3.Error.
    """
    seen = _look(path, closely=False)
    db = connect(path, mode="ro")
    try:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return Reading(db, path, is_unlocked=False, seen=seen)
    except UnicodeDecodeError as error:  # SQLite quotes a damaged name in what it says
        db.close()
        raise _malformed() from error
    except sqlite3.OperationalError:
        db.close()
        seen = _look(path, closely=True)
        is_closed = _size(path, "-wal") <= 0 and _size(path, "-shm") < SHARED
        if not path.is_file() or not is_closed:
            raise
    return Reading(
        connect(path, mode="ro&immutable=1"), path, is_unlocked=True, seen=seen
    )


def _malformed() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("its schema is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def explain(error: sqlite3.Error | OSError, place: Path | str) -> BlogsearchError:
    """What a person can do about a failure at ``place``, which an OSError may name more
    closely."""
    if isinstance(error, OSError):
        at = error.filename2 or error.filename or place
        what = error.strerror or str(error) or type(error).__name__
        return StorageFailed(
            BY_ERRNO.get(error.errno or 0, OTHER).format(place=at, what=what)
        )
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return IndexDamaged(DAMAGED.format(place=place, what=error))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return IndexBusy(BUSY)
    return StorageFailed(BY_CODE.get(code, OTHER).format(place=place, what=error))


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Raise what SQLite reports inside as one of our errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, place) from error


def is_locked(directory: Path) -> bool:
    """Whether a writer is at work in this directory just now."""
    try:
        with (directory / LOCK).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # there is none yet, or it can't be read: who takes it will say so
    return False


def _look(path: Path, *, closely: bool) -> tuple[int, ...]:
    """What tells a file from another; ``closely`` also whether it was written to, or is
    being written."""
    try:
        facts = path.stat()
    except OSError:
        return ()
    same = (facts.st_dev, facts.st_ino)
    if not closely:
        return same
    return (
        *same,
        facts.st_size,
        facts.st_mtime_ns,
        _size(path, "-wal"),
        _size(path, "-shm"),
    )


def _size(path: Path, ending: str) -> int:
    """Bytes of a file beside it, -1 where there is none."""
    try:
        return path.with_name(path.name + ending).stat().st_size
    except OSError:
        return -1
