"""The embedded home of an index: one directory, opened to be read or written.

index.sqlite        articles, passages, vectors, full text, manifest: what is true
vectors-N-….faiss   derived from it; its name and sha256 are in the manifest of generation N, and
                    of those after it until it is written again
lock                taken by the one process that writes
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from search.errors import IndexBusy, IndexDamaged, IndexMissing
from search.index.private_files import make_folder
from search.index.sqlite import schema
from search.index.sqlite.connection import connect, explain, is_file, is_told
from search.index.sqlite.doctor.verdict import Verdict
from search.index.sqlite.kept import Kept
from search.index.sqlite.meta_store import read_manifest
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.receiving import SqliteReceiver
from search.index.sqlite.thread_connections import KeptConnection, ThreadConnections
from search.index.sqlite.vectors.current import CurrentVectors
from search.index.sqlite.vectors.view import VectorView
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.manifest import Manifest
from search.ports import Embedder

# Looks at the manifest: a commit may take the vector file away between the row and the
# load. At the last look the vectors are derived from the rows.
LOOKS = 3


class SqliteIndex:
    """The Index of a directory; its files are opened at the first use."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / DATABASE
        self._connections = ThreadConnections(self._path)
        self._verdict = Verdict(self._path)
        self._vectors = CurrentVectors(directory)  # which all threads share
        self._kept: tuple[Manifest | None, Kept] = (None, Kept())

    @contextmanager
    def snapshot(self, question: str = "") -> Iterator[SqliteSnapshot]:
        """Open the newest generation for the block; see the port."""
        with self._noted():
            mine = self._connections.mine()
            try:
                yield from self._snapshots(mine)
            except (sqlite3.Error, IndexDamaged) as error:
                # What failed may be the connection itself; the next snapshot opens
                # another.
                mine.close()
                code = getattr(error, "sqlite_errorcode", 0)
                # An interruption is the time limit's.
                if isinstance(error, IndexDamaged) or code == sqlite3.SQLITE_INTERRUPT:
                    raise
                raise explain(error, self._path) from error
            finally:
                self._connections.release(mine)

    def require_sound(self) -> None:
        """Raise IndexDamaged where damage was met and is still there; see the port."""
        if self._verdict:
            with self.snapshot() as index:
                damage = self._verdict.examine(index.connection)
            if damage:
                raise IndexDamaged(damage)

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> SqliteWriter:
        """Open or make the index for writing; see the port."""
        return SqliteWriter(
            self._directory, embedder, splitter=splitter, rebuild=rebuild
        )

    def receiver(self, manifest: Manifest) -> SqliteReceiver:
        """Open or make the index for what another one stores; see the port."""
        return SqliteReceiver(self._directory, manifest)

    def model(self) -> str | None:
        """Return the name of the model, None where there is no index yet."""
        path = self._directory / DATABASE
        if not is_file(path):
            return None
        with closing(schema.open_database_to_read(path).connection) as db:
            known = read_manifest(db) if schema.check(db) else None
        return known.model if known else None

    def copy_to(self, target: Path) -> None:
        """Copy the last commit into a directory without an index.

        The vector file stays behind: it is derived from the rows.
        """
        make_folder(target)
        opened = schema.open_database_to_read(self._directory / DATABASE)
        with closing(opened.connection) as source:
            schema.require_current(source)
            with closing(connect(target / DATABASE)) as copy:
                source.backup(copy)

    def close(self) -> None:
        """Close the connections of all threads; one that reads just now closes its own
        when it is done."""
        self._connections.close()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Remember damage that is raised inside."""
        try:
            yield
        except IndexDamaged as error:
            self._verdict.note(str(error))
            raise

    def _snapshots(self, kept: KeptConnection) -> Iterator[SqliteSnapshot]:
        mine, db = kept.connection, kept.connection.connection
        for look in range(1, LOOKS + 1):
            db.execute("BEGIN")
            try:
                known = read_manifest(db)
                if known is None:
                    raise IndexMissing(schema.EMPTY)
                # Before a question's time limit begins.
                vectors = self._vectors_of(known, db, derive=look == LOOKS)
                if vectors is not None:
                    yield SqliteSnapshot(db, known, vectors, self._found(known))
                    break
            except Exception as error:
                # Damaged rows and faults of a program fail alike. The rows tell which
                # it was, and are examined as they were read: in this transaction.
                if not is_told(error) and (damage := self._verdict.examine(db)):
                    raise IndexDamaged(damage) from error
                raise
            finally:
                if db.in_transaction:  # some failures end it
                    db.execute("ROLLBACK")
        if mine.is_unlocked and mine.is_outdated():
            raise IndexBusy("The index has been written to just now; ask again.")

    def _found(self, known: Manifest) -> Kept:
        """Return what was found out about this generation."""
        kept = self._kept
        if kept[0] != known:
            kept = self._kept = known, Kept()
        return kept[1]

    def _vectors_of(
        self, known: Manifest, db: sqlite3.Connection, *, derive: bool
    ) -> VectorView | None:
        """Return the vectors of this generation, None where their file is gone."""
        # That is no reason to derive them yet, unless ``derive``: a newer commit may
        # have put another in its place, which the next look at the manifest will show.
        try:
            return self._vectors.of(known, db, derive=derive, passages=known.passages)
        except FileNotFoundError:
            return None
