"""Connections to SQLite files, the writer's lock, and their failures as sentences.

A file can be read where nobody may write. Nothing here knows what a table means.
"""

from __future__ import annotations

import errno
import fcntl
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from search.errors import (
    BlogsearchError,
    IndexBusy,
    IndexDamaged,
    QueryError,
    StorageFailed,
)
from search.index.private_files import make_file, mode_beside

SHARED = 32_768  # bytes of the least -shm file that is in use
LOCK = "lock"
MEMORY = Path(":memory:")
PATIENCE = 30.0  # seconds that a statement waits for another process's lock
# Steps of SQLite's virtual machine between two looks at the clock: a millisecond or two.
STEPS = 20_000

_here = threading.local()  # its ``until``: this thread's processor time at its limit

UNHARMED = "What was held before is unharmed."
FULL = f"The disk is full: {{place}} can't be written. Make room, then run this again. {UNHARMED}"
TOO_LARGE = f"{{place}} may not grow larger. Raise the limit (ulimit -f), then run this again. {UNHARMED}"
FORBIDDEN = "{place} can't be opened or written by this user ({what}). Change that, then run this again."
UNOPENED = "{place} can't be opened ({what}). See if this user may and there is room, then run this again."
FAILING = f"The disk failed at {{place}} ({{what}}). Check the disk, then run this again. {UNHARMED}"
OTHER = "{place} can't be used: {what}."
DAMAGED = "{place} is damaged ({what}). See what is wrong with: blog-indexer doctor"
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
# Codes that are the machine's or another process's trouble, whatever the file holds.
OF_MACHINE = {
    *BY_CODE,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
}
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class ReadConnection:
    """A connection for reading, and the state of its file when it was opened."""

    connection: sqlite3.Connection
    path: Path
    is_unlocked: bool
    seen: tuple[int, ...]

    def is_outdated(self) -> bool:
        """Tell if another file has taken its place, or a writer came to one that is
        read without locks."""
        return _look(self.path, closely=self.is_unlocked) != self.seen


def connect(path: Path, *, mode: str = "rwc") -> sqlite3.Connection:
    """Open a database in autocommit mode: transactions are begun and ended by name.

    One that is new can be read by those who may read the index that it lies beside.
    """
    if path == MEMORY:
        address = "file::memory:"
    else:
        address = f"{path.absolute().as_uri()}?mode={mode}"
        if mode == "rwc":
            make_file(path, mode_beside(path))
    return sqlite3.connect(
        address,
        uri=True,
        isolation_level=None,
        timeout=PATIENCE,
        check_same_thread=False,
    )


def connect_to_read(path: Path) -> ReadConnection:
    """Open a database for reading, while others write it or where nobody can.

    In a folder where this user may not write, or on a full disk, SQLite can't make the
    file in which readers and writers meet. Where that is missing nobody writes; the
    database is then read without it, and ``is_outdated`` tells if a writer has come
    meanwhile. Raises sqlite3.Error.
    """
    seen = _look(path, closely=False)
    db = connect(path, mode="ro")
    try:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return ReadConnection(db, path, is_unlocked=False, seen=seen)
    except UnicodeDecodeError as error:  # SQLite quotes a damaged name in what it says
        db.close()
        raise _malformed() from error
    except sqlite3.OperationalError:
        db.close()
        seen = _look(path, closely=True)
        is_closed = _size(path, "-wal") <= 0 and _size(path, "-shm") < SHARED
        if not path.is_file() or not is_closed:
            raise
    db = connect(path, mode="ro&immutable=1")
    return ReadConnection(db, path, is_unlocked=True, seen=seen)


def _malformed() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("its schema is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def explain(error: sqlite3.Error | OSError, place: Path | str) -> BlogsearchError:
    """Turn a failure at ``place``, which an OSError may name more closely, into an error
    that says what a person can do about it."""
    if isinstance(error, OSError):
        at = error.filename2 or error.filename or place
        what = error.strerror or str(error) or type(error).__name__
        return StorageFailed(
            BY_ERRNO.get(error.errno or 0, OTHER).format(place=at, what=what)
        )
    code = _code(error)
    if code in DAMAGE:
        return IndexDamaged(DAMAGED.format(place=place, what=error))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return IndexBusy(BUSY)
    text = BY_CODE.get(code, OTHER)
    # SQLite calls both a failing disk; where there is a limit it is the likelier.
    if text == FAILING and _is_limited():
        text = TOO_LARGE
    return StorageFailed(text.format(place=place, what=error))


def is_told(error: Exception) -> bool:
    """Tell if an error itself says what it is: a failure of the disk, a lock, a limit,
    or a sentence of ours.

    Any other one is a fault of a program, or comes of rows that no program of ours has
    written: the error alone doesn't tell which.
    """
    if isinstance(error, sqlite3.Error):
        return _code(error) in OF_MACHINE | DAMAGE
    return isinstance(error, (BlogsearchError, OSError))


def is_of_machine(error: sqlite3.Error) -> bool:
    """Tell if an error is the machine's, and says nothing of what the database holds."""
    return _code(error) in OF_MACHINE


def require_damage(error: sqlite3.Error) -> None:
    """Raise an error again that is the machine's."""
    if is_of_machine(error):
        raise error


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _is_limited() -> bool:
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Raise what SQLite reports inside as one of our errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, place) from error


def is_file(path: Path) -> bool:
    """Tell if a file is there; raises StorageFailed where this user may not look."""
    try:
        return path.is_file()
    except OSError as error:
        raise explain(error, path) from error


def is_locked(directory: Path) -> bool:
    """Tell if a writer is at work in this directory just now."""
    try:
        with (directory / LOCK).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # there is none yet, or it can't be read: who takes it will say so
    return False


@dataclass(frozen=True)
class WriterLock:
    """The writer's lock of an index directory, which its open file holds."""

    file: IO[bytes]

    def close(self) -> None:
        """Unlock the directory; the second time does nothing."""
        if self.file.closed:
            return
        # Closing is not enough: a process that is just being started holds a copy of
        # the open file until it runs its program, and the lock with it.
        with suppress(OSError):
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.file.close()


def lock(directory: Path) -> WriterLock:
    """Take the writer's lock of an index directory; raises IndexBusy.

    It ends when it is closed or the process ends, however it ends.
    """
    make_file(directory / LOCK, mode_beside(directory / LOCK))
    handle = (directory / LOCK).open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise IndexBusy(BUSY) from error
    return WriterLock(handle)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop what this thread reads in the block by QueryError "too-slow" after so much
    processor time, which other threads do not use up."""
    _here.until = time.thread_time() + seconds
    try:
        yield
    except sqlite3.OperationalError as error:
        if not _is_over():
            raise
        raise QueryError(
            "too-slow",
            "This question takes too long to answer; ask with fewer words and operators.",
        ) from error
    finally:
        del _here.until


def watch(db: sqlite3.Connection) -> None:
    """Let the time limit of the thread that reads stop a connection."""
    db.set_progress_handler(_is_over, STEPS)


def _is_over() -> bool:
    return time.thread_time() > getattr(_here, "until", float("inf"))


def state_of(path: Path) -> tuple[int, ...]:
    """Describe a database so that it differs once anybody has written to it."""
    try:
        logged = path.with_name(f"{path.name}-wal").stat().st_mtime_ns
    except OSError:
        logged = 0
    return (*_look(path, closely=True), logged)


def _look(path: Path, *, closely: bool) -> tuple[int, ...]:
    """Describe a file so that another differs; ``closely``: also one that was written to,
    or is being written."""
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
