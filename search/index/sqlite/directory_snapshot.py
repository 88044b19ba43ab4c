"""The databases of an index directory as of one moment, whoever writes to them.

Changes none of them.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from search.index.private_files import DATABASE, make_file, make_folder
from search.index.sqlite import connection as database
from search.index.sqlite.connection import connect, require_damage

INDEX = DATABASE  # beside what the indexer keeps there
# A writer commits to two databases one right after the other, and seldom.
TRIES = 20


class DirectorySnapshot:
    """The state of every ``*.sqlite`` of a directory, readable until it is closed.

    The index and what the indexer keeps beside it are committed one after the other;
    this is never the middle of that. ``locked``: the caller holds the writer's lock,
    and whatever is closed last tidies up. Raises sqlite3.Error where one of them can't
    be opened.
    """

    def __init__(self, directory: Path, *, locked: bool = False) -> None:
        self._open = ExitStack()
        with closed_on_failure(self._open):
            paths = sorted(directory.glob("*.sqlite"))
            paths.sort(key=lambda path: path.name == INDEX)  # it is begun last
            self._connections = {
                path.name: self._connect(path, locked=locked) for path in paths
            }
            # Connections of their own: within a transaction nothing new is seen.
            probes = [self._connect(path, locked=locked) for path in paths]
            self._begin(probes)

    def _connect(self, path: Path, *, locked: bool) -> sqlite3.Connection:
        db = self._open.enter_context(closing(open_to_copy(path, locked=locked)))
        if not locked or _journal_mode(db) == "wal":
            return db
        # With a rollback journal, as a disk that failed once leaves a database, reading
        # would keep the run itself from writing: it waits for its own lock. So what it
        # reads is a copy.
        copy = self._open.enter_context(closing(sqlite3.connect(":memory:")))
        db.backup(copy)
        return copy

    def _begin(self, probes: list[sqlite3.Connection]) -> None:
        """Begin to read all of them while nobody commits to any, which the probes
        see."""
        for _ in range(TRIES):
            before = list(map(_version, probes))
            for db in self._connections.values():
                db.execute("BEGIN")
                # Only the first statement makes SQLite begin to read.
                db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if before == list(map(_version, probes)):
                return
            for db in self._connections.values():
                db.execute("ROLLBACK")
        # So it seems too on a connection over which the disk failed once.
        raise sqlite3.OperationalError(
            "it is being written to all the time, or the disk failed; run this again"
        )

    def __enter__(self) -> DirectorySnapshot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the databases."""
        return tuple(self._connections)

    def size(self) -> int:
        """Return the bytes of all databases."""
        return sum(
            _pragma(db, "page_count") * _pragma(db, "page_size")
            for db in self._connections.values()
        )

    def copy(self, folder: Path) -> None:
        """Copy all of them into a folder, durable when this returns; raises
        sqlite3.Error or OSError."""
        make_folder(folder)
        for name, db in self._connections.items():
            with closing(connect(folder / name)) as copy:
                db.backup(copy)

    def close(self) -> None:
        """Let go of the databases."""
        self._open.close()


@contextmanager
def closed_on_failure(opened: ExitStack) -> Iterator[None]:
    """Close what was opened where the block fails; raises sqlite3.DatabaseError for a
    name that is damaged."""
    try:
        yield
    except UnicodeDecodeError as error:
        opened.close()
        # SQLite quotes a damaged name in its message.
        raise sqlite3.DatabaseError("a schema is malformed") from error
    except BaseException:
        opened.close()
        raise


def open_to_copy(path: Path, *, locked: bool = False) -> sqlite3.Connection:
    """Open a database to read from, in autocommit mode.

    Only the holder of the lock can tidy up at its end.
    """
    if locked:
        return connect(path, mode="rw")
    return database.connect_to_read(path).connection


def copy_databases(directory: Path, folder: Path) -> None:
    """Copy all databases as of one moment, or file by file where one is damaged.

    Raises OSError, and sqlite3.Error where the disk fails.
    """
    try:
        with DirectorySnapshot(directory) as snapshot:
            snapshot.copy(folder)
    except sqlite3.DatabaseError as error:
        require_damage(error)
        # Some may have been copied already, and not as of one moment with the others.
        for path in directory.glob("*.sqlite"):
            (folder / path.name).unlink(missing_ok=True)
            copy_database(path, folder / path.name)


def copy_database(path: Path, target: Path) -> None:
    """Copy one database, damaged or not, to a name that isn't taken; raises OSError,
    and sqlite3.Error where the disk fails.

    Through SQLite where that can open it: closing a file that was merely read would
    take the locks away that this process has on it. Else the bytes, and those of its
    WAL.
    """
    try:
        with (
            closing(open_to_copy(path)) as db,
            closing(connect(target)) as copy,
        ):
            db.backup(copy)
    except sqlite3.DatabaseError as error:
        require_damage(error)
        for end in ("", "-wal"):
            with suppress(FileNotFoundError), open(f"{path}{end}", "rb") as bytes_of:
                make_file(Path(f"{target}{end}"))
                with open(f"{target}{end}", "wb") as out:
                    shutil.copyfileobj(bytes_of, out)


def _version(db: sqlite3.Connection) -> int:
    """Read a number that changes whenever another connection commits."""
    return _pragma(db, "data_version")


def _journal_mode(db: sqlite3.Connection) -> str:
    return str(db.execute("PRAGMA journal_mode").fetchone()[0])


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
