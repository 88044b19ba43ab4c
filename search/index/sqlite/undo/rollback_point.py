"""The state before a run, kept while the run changes it.

A run writes to the logs of the databases. What a log is about to replace in its database
is noted before the log is brought in, so that it costs what changes:

    COMMIT → capture (undo/record.py) → checkpoint

Only here the holder of the lock brings a log into its database while there is a record.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from search.errors import IndexDamaged
from search.index.private_files import make_folder
from search.index.sqlite.connection import connect
from search.index.sqlite.directory_snapshot import (
    DirectorySnapshot,
    closed_on_failure,
)
from search.index.sqlite.undo.folders import NEW, PREVIOUS, swap_folder
from search.index.sqlite.undo.log_frames import LogFrames
from search.index.sqlite.undo.record import UndoRecord, is_undo, load_records
from search.index.sqlite.undo.segment import Size

# Milliseconds that the start of a run waits for readers, whose looks are shorter.
PATIENCE = 5_000
log = logging.getLogger(__name__)


class RollbackPoint:
    """The state before a run, kept as ``previous`` if the run changes the index.

    What a run changes that doesn't is added to the state that is kept already. A disk
    without room for it is no reason not to commit. ``is_kept``: False where there is
    nothing yet to go back to. The caller holds the lock.
    """

    def __init__(self, directory: Path, *, is_kept: bool = True) -> None:
        self._directory = directory
        self._new = directory / f"{PREVIOUS}{NEW}"
        self._open = ExitStack()
        self._databases: dict[str, _Database] = {}
        self._records: dict[str, UndoRecord] = {}
        # Where pages can't be noted: what is copied as a whole, when it changes.
        self._snapshot: DirectorySnapshot | None = None
        self._is_kept = is_kept
        with closed_on_failure(self._open):
            self._look()
            self._settle(PATIENCE)
            self._sizes = {name: one.size() for name, one in self._databases.items()}
            is_written = all(one.is_written for one in self._databases.values())
            if is_kept and not is_written:
                self._snapshot = self._open.enter_context(
                    DirectorySnapshot(directory, locked=True)
                )

    def save(self) -> None:
        """Copy the state before the first commit, where its pages can't be noted."""
        if self._snapshot is None:
            return
        try:
            shutil.rmtree(self._new, ignore_errors=True)
            self._snapshot.copy(self._new)
        except (OSError, sqlite3.Error) as error:
            self._is_kept = False
            self._snapshot.close()
            self._give_up(error)

    def publish(self) -> None:
        """Make the state before the one to roll back to, after the first commit; note
        what any commit has changed."""
        if self._is_kept:
            try:
                self._begin()
            except OSError as error:
                self._give_up(error)
            self._is_kept = False
        self._settle()

    def close(self) -> None:
        """Note what was changed since, and let go of the databases."""
        if self._snapshot is not None:
            self._snapshot.close()
        try:
            with suppress(sqlite3.Error):  # of a file that came meanwhile
                self._look()
            self._settle()
        except BaseException:
            # Stopped by Ctrl-C: the last connection that is closed brings the logs in.
            self._settle()
            raise
        finally:
            self._open.close()

    def _look(self) -> None:
        """Open the databases that are there."""
        for path in sorted(self._directory.glob("*.sqlite")):
            if path.name not in self._databases:
                self._databases[path.name] = self._open.enter_context(
                    closing(_Database(path))
                )

    def _begin(self) -> None:
        """Begin the record of this run, or take the copy of the state for it."""
        records: dict[str, UndoRecord] = {}
        if self._snapshot is None:
            shutil.rmtree(self._new, ignore_errors=True)
            make_folder(self._new)
            for name, size in self._sizes.items():
                records[name] = UndoRecord(self._new, name, size)
                database = self._databases[name]
                records[name].capture(database.path, database.frames.changed())
        else:
            self._snapshot.close()
        # Whoever is stopped between the two finds by the folder which one is there.
        self._records = {}
        swap_folder(self._new, self._directory / PREVIOUS)
        for record in records.values():
            record.move(self._directory / PREVIOUS)
        self._records = records

    def _settle(self, patience: int = 0) -> None:
        """Note what the logs are about to replace, and bring them in."""
        try:
            if not self._records:
                self._records = load_records(self._directory / PREVIOUS)
            for name, database in self._databases.items():
                changed = database.frames.changed()
                if name in self._records:
                    self._records[name].capture(database.path, changed)
                # Only now: whoever is stopped before finds it again.
                database.frames.go_on(changed)
        except (OSError, IndexDamaged) as error:
            self._give_up(error)
        # Where even that failed the logs are brought in later.
        if self._records or not is_undo(self._directory / PREVIOUS):
            for database in self._databases.values():
                database.checkpoint(patience)

    def _give_up(self, error: Exception) -> None:
        # An older state would be taken for this one.
        for folder in (self._new, self._directory / PREVIOUS):
            shutil.rmtree(folder, ignore_errors=True)
        self._records = {}
        log.warning(
            "The state before this run can't be kept for a rollback (%s).", error
        )


def note_left(directory: Path) -> None:
    """Note what a run that was killed has left in the logs, before anybody brings it in.

    The caller holds the lock, and has opened none of the databases.
    """
    folder = directory / PREVIOUS
    try:
        with suppress(IndexDamaged):  # whoever goes back to it is told
            for name, record in load_records(folder).items():
                record.capture(directory / name, LogFrames(directory / name).changed())
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        log.warning("The state to roll back to is lost (%s).", error)


class _Database:
    """One database, and the log that is brought into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = LogFrames(path)
        self.is_written = False  # all of the log is in the database
        # While it is open no other connection is the last, which would bring the log in.
        self._db = connect(path, mode="rw")
        try:
            self._db.execute("PRAGMA wal_autocheckpoint = 0")
            self.size()  # only a statement makes SQLite open the file
        except BaseException:
            self._db.close()
            raise

    def size(self) -> Size:
        return Size(self._pragma("page_size"), self._pragma("page_count"))

    def checkpoint(self, patience: int) -> None:
        """Bring the log in, as far as readers let it."""
        self.is_written = False
        with suppress(sqlite3.Error):  # the log holds it, and the next one tries
            self._db.execute(f"PRAGMA busy_timeout = {patience}")
            # The first waits for nobody.
            brought = self._brought("PASSIVE") or self._brought("FULL")
            self.is_written = brought and self.has_log()

    def close(self) -> None:
        self._db.close()

    def _brought(self, how: str) -> bool:
        found = self._db.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        _, pages, brought = found
        return bool(pages == brought)

    def has_log(self) -> bool:
        """Tell if changes go through a log."""
        mode = self._db.execute("PRAGMA journal_mode").fetchone()[0]
        return bool(mode == "wal")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])
