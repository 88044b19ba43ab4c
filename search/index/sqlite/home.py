"""The embedded home of an index: one directory, opened to be read or written.

index.sqlite        articles, passages, vectors, full text, manifest: what is true
vectors-N-….faiss   derived from it; its name and sha256 are in the manifest of generation N
lock                taken by the one process that writes
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from search.errors import IndexBusy, IndexDamaged, IndexMissing, OpenedBeforeFork
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.commit import load_vectors, vectors_of_rows
from search.index.sqlite.connection import ReadConnection, explain, watch
from search.index.sqlite.faiss_vectors import FaissIndex
from search.index.sqlite.meta_store import read_manifest
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.manifest import Manifest
from search.ports import Embedder

# Looks at the manifest: a commit may take the vector file away between the row and the
# load. At the last look the vectors are derived from the rows.
LOOKS = 3

_forked: list[sqlite3.Connection] = []
"""Connections of the process that this one was forked from. SQLite's may be neither
used nor closed here, not even by the end of their life."""


class SqliteIndex:
    """The Index of a directory; its files are opened at the first use."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._connections = _ThreadConnections(directory / DATABASE)
        self._lock = threading.Lock()  # over the vectors, which all threads share
        self._loaded: tuple[str, FaissIndex] = ("", FaissIndex(1))

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """Open the newest generation for the block; see the port."""
        mine = self._connections.mine()
        try:
            yield from self._snapshots(mine.connection)
        except sqlite3.Error as error:
            mine.close()
            code = getattr(error, "sqlite_errorcode", 0)
            if code == sqlite3.SQLITE_INTERRUPT:  # by the time limit
                raise
            raise explain(error, self._directory / DATABASE) from error
        finally:
            self._connections.release(mine)

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> SqliteWriter:
        """Open or make the index for writing; see the port."""
        return SqliteWriter(
            self._directory, embedder, splitter=splitter, rebuild=rebuild
        )

    def model(self) -> str | None:
        """Return the name of the model, None where there is no index yet."""
        path = self._directory / DATABASE
        if not path.is_file():
            return None
        with closing(schema.open_database_to_read(path).connection) as db:
            known = read_manifest(db) if schema.check(db) else None
        return known.model if known else None

    def copy_to(self, address: str) -> None:
        """Copy the last commit into a directory without an index.

        The vector file stays behind: it is derived from the rows.
        """
        target = Path(address)
        target.mkdir(parents=True, exist_ok=True)
        opened = schema.open_database_to_read(self._directory / DATABASE)
        with closing(opened.connection) as source:
            schema.require_current(source)
            with closing(sqlite3.connect(target / DATABASE)) as copy:
                source.backup(copy)

    def close(self) -> None:
        """Close the connections of all threads; one that reads just now closes its own
        when it is done."""
        self._connections.close()

    def _snapshots(self, mine: ReadConnection) -> Iterator[SqliteSnapshot]:
        db = mine.connection
        for look in range(1, LOOKS + 1):
            db.execute("BEGIN")
            try:
                known = read_manifest(db)
                if known is None:
                    raise IndexMissing(schema.EMPTY)
                vectors = self._vectors(known, db, derive=look == LOOKS)
                if vectors is not None:
                    yield SqliteSnapshot(db, known, vectors)
                    break
            finally:
                if db.in_transaction:  # some failures end it
                    db.execute("ROLLBACK")
        if mine.is_unlocked and mine.is_outdated():
            raise IndexBusy("The index has been written to just now; ask again.")

    def _vectors(
        self, known: Manifest, db: sqlite3.Connection, *, derive: bool
    ) -> FaissIndex | None:
        """Load the vectors of this generation, from the rows where the file is gone or
        damaged.

        A missing file is no reason to derive yet, unless ``derive``: a newer commit may
        have put another in its place, which the next look at the manifest will show.
        """
        with self._lock:
            if self._loaded[0] != known.vectors_sha256:
                try:
                    loaded = load_vectors(self._directory, known)
                except FileNotFoundError:
                    if not derive:
                        return None
                    loaded = vectors_of_rows(ArticleStore(db), known.dimension)
                except (OSError, IndexDamaged):
                    loaded = vectors_of_rows(ArticleStore(db), known.dimension)
                self._loaded = (known.vectors_sha256, loaded)
            return self._loaded[1]


class _Kept:
    """A thread's connection, which the thread alone owns: it ends with the thread."""

    def __init__(
        self, connection: ReadConnection, owner: weakref.ref[_ThreadConnections]
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


class _ThreadConnections:
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
        self._all: weakref.WeakSet[_Kept] = weakref.WeakSet()
        self._is_closing = False  # as soon as nobody reads
        # Re-entrant: the garbage collector may find an ended thread at any moment.
        self._lock = threading.RLock()

    def mine(self) -> _Kept:
        """Return this thread's connection, for one snapshot at a time."""
        # Before any lock, which another thread may have had while it was forked.
        if self._is_foreign():
            raise OpenedBeforeFork(
                "This index was opened before the process was forked; open it again in the new process."
            )
        kept: _Kept | None = getattr(self._here, "kept", None)
        if kept is not None and kept.connection.is_outdated():
            kept.close()
        if kept is None or not self._is_taken(kept):
            kept = self._here.kept = self._opened()
        return kept

    def release(self, kept: _Kept) -> None:
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

    def _is_taken(self, kept: _Kept) -> bool:
        """Take a connection into use, unless it was closed meanwhile."""
        with self._lock:
            kept.is_reading = not kept.is_closed
            return kept.is_reading

    def _opened(self) -> _Kept:
        """Open a connection, in use already."""
        if not self._path.is_file():
            raise IndexMissing(
                f"There is no index in {self._path.parent}. Make one with: blog-indexer add SOURCE"
            )
        self._process = os.getpid()
        kept = _Kept(schema.open_database_to_read(self._path), weakref.ref(self))
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
    db: sqlite3.Connection, process: int, owner: weakref.ref[_ThreadConnections]
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
