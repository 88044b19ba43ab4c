"""One read connection a thread, closed when its thread ends or its index is closed.

Transactions are the caller's.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from pathlib import Path

from search.errors import IndexMissing, OpenedBeforeFork
from search.index.sqlite import schema
from search.index.sqlite.connection import ReadConnection, is_file, watch

_forked: list[sqlite3.Connection] = []
"""Connections of the process that this one was forked from. SQLite's may be neither
used nor closed here, not even by the end of their life."""


class KeptConnection:
    """A thread's connection, which the thread alone owns: it ends with the thread."""

    def __init__(
        self, connection: ReadConnection, owner: weakref.ref[ThreadConnections]
    ) -> None:
        self.connection = connection
        self.is_reading = True
        self.is_closed = False
        self._process = os.getpid()
        self._end = weakref.finalize(
            self, _end_thread, connection.connection, self._process, owner
        )
        self._end.atexit = False

    def close(self) -> None:
        """Close it now, whatever becomes of the thread."""
        self.is_closed = True
        if self._end.detach():
            _close(self.connection.connection, self._process)


class ThreadConnections:
    """One read connection a thread, opened at its first use.

    POSIX drops all locks of a process on a file when any of its descriptors is closed,
    and each connection keeps a lock, so SQLite leaves the files of closed connections
    open until the last one goes. When a thread has ended, the connections that nobody
    reads with are therefore closed too; their threads open new ones.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = 0  # the one that uses this index, 0 before the first use
        self._here = threading.local()
        self._all: weakref.WeakSet[KeptConnection] = weakref.WeakSet()
        self._is_closing = False  # as soon as nobody reads
        # Re-entrant: the garbage collector may find an ended thread at any moment.
        self._lock = threading.RLock()

    def mine(self) -> KeptConnection:
        """Return this thread's connection, for one snapshot at a time."""
        # Before any lock, which another thread may have had while it was forked.
        if self._is_foreign():
            raise OpenedBeforeFork(
                "This index was opened before the process was forked; open it again in the new process."
            )
        kept: KeptConnection | None = getattr(self._here, "kept", None)
        if kept is not None and kept.connection.is_outdated():
            kept.close()
        if kept is None or not self._is_taken(kept):
            kept = self._here.kept = self._opened()
        return kept

    def release(self, kept: KeptConnection) -> None:
        """End a thread's use of its connection."""
        with self._lock:
            kept.is_reading = False
            if self._is_closing:
                self.close_idle()

    def close(self) -> None:
        """Close all connections; those that read just now at their release."""
        if self._is_foreign():
            self._lock = threading.RLock()
        self.close_idle()
        self._process = 0

    def close_idle(self) -> None:
        """Close the connections that nobody reads with, and the others at their
        release."""
        with self._lock:
            self._is_closing = False
            for kept in list(self._all):
                if kept.is_reading:
                    self._is_closing = True
                else:
                    kept.close()

    def _is_foreign(self) -> bool:
        return self._process not in (0, os.getpid())

    def _is_taken(self, kept: KeptConnection) -> bool:
        """Take a connection into use, unless it was closed meanwhile."""
        with self._lock:
            kept.is_reading = not kept.is_closed
            return kept.is_reading

    def _opened(self) -> KeptConnection:
        """Open a connection, in use already."""
        if not is_file(self._path):
            raise IndexMissing(
                f"There is no index in {self._path.parent}. Make one with: blog-indexer add SOURCE"
            )
        self._process = os.getpid()
        kept = KeptConnection(
            schema.open_database_to_read(self._path), weakref.ref(self)
        )
        try:
            schema.require_current(kept.connection.connection)
        except BaseException:
            kept.close()
            raise
        watch(kept.connection.connection)
        with self._lock:
            self._all.add(kept)
        return kept


def _end_thread(
    db: sqlite3.Connection, process: int, owner: weakref.ref[ThreadConnections]
) -> None:
    """Close the connection of a thread that has ended, or of an index that is gone."""
    _close(db, process)
    connections = owner()
    if connections is not None and process == os.getpid():
        connections.close_idle()


def _close(db: sqlite3.Connection, process: int) -> None:
    if process == os.getpid():
        db.close()
    else:
        _forked.append(db)
