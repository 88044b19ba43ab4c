"""The databases of an index directory as of one moment, whoever writes to them
meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType

from search.index.sqlite import connection as database
from search.index.sqlite.connection import connect

INDEX = "index.sqlite"
TRIES = 20  # a writer commits to two databases one right after the other, and seldom


class DirectorySnapshot:
    """Keeps what every ``*.sqlite`` of a directory holds now readable until it is
    closed.

    The index and what the indexer keeps beside it are committed one after the other;
    this is never the middle of that. ``locked``: the caller holds the writer's lock,
    and whatever is closed last tidies up. Raises sqlite3.Error where one of them can't
    be opened.
    """

    def __init__(self, directory: Path, *, locked: bool = False) -> None:
        self._open = ExitStack()
        self._held: dict[str, sqlite3.Connection] = {}
        try:
            for path in sorted(
                directory.glob("*.sqlite"), key=lambda path: path.name == INDEX
            ):
                self._held[path.name] = self._open.enter_context(
                    closing(open_to_copy(path, locked=locked))
                )
            probes = [
                self._open.enter_context(
                    closing(open_to_copy(directory / name, locked=locked))
                )
                for name in self._held
            ]
            for _ in range(TRIES):
                before = [_version(probe) for probe in probes]
                for db in self._held.values():
                    db.execute("BEGIN")
                    db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                if before == [_version(probe) for probe in probes]:
                    return
                for db in self._held.values():
                    db.execute("ROLLBACK")
            raise sqlite3.OperationalError("it is being written to all the time")
        except BaseException:
            self._open.close()
            raise

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
        return tuple(self._held)

    def connection(self, name: str) -> sqlite3.Connection:
        """One of them, to read from."""
        return self._held[name]

    def copy(self, folder: Path) -> None:
        """Copy all of them into a folder, durable when this returns; raises
        sqlite3.Error or OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, db in self._held.items():
            with closing(sqlite3.connect(folder / name)) as copy:
                db.backup(copy)

    def close(self) -> None:
        """Let go of the moment."""
        self._open.close()


def open_to_copy(path: Path, *, locked: bool = False) -> sqlite3.Connection:
    """A connection to read from, in autocommit mode. Only the holder of the lock can
    tidy up at its end."""
    return (
        connect(path, mode="rw")
        if locked
        else database.connect_to_read(path).connection
    )


def copy_database(path: Path, target: Path) -> None:
    """Copy one database, damaged or not, to a name that isn't taken; raises OSError.

    Through SQLite where that can open it: closing a file that was merely read would
    take the locks away that this process has on it. Else the bytes, and those of its
    WAL.
    """
    try:
        with (
            closing(open_to_copy(path)) as db,
            closing(sqlite3.connect(target)) as copy,
        ):
            db.backup(copy)
    except sqlite3.DatabaseError:
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{end}", f"{target}{end}")


def _version(db: sqlite3.Connection) -> int:
    """Changes whenever another connection commits."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])
