"""States of an index directory that stand by: the one before the last change, and one
that takes its place.

previous/   copies of all databases as they were before the last run that changed the index
restore/    databases that take the place of the directory's own, all or none: whoever finds the folder
            goes on with that, as its name is given only when all in it is whole
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from search.index.sqlite.directory_snapshot import (
    INDEX,
    DirectorySnapshot,
    copy_database,
    open_to_copy,
)

PREVIOUS, RESTORE, NEW = "previous", "restore", ".new"
UNFINISHED = ("*.partial", f"*{NEW}", RESTORE)  # what a run that is killed may leave
_UNUSABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
log = logging.getLogger(__name__)


class RollbackPoint:
    """The state before a run, kept as ``previous`` if the run changes anything."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._moment: DirectorySnapshot | None = DirectorySnapshot(
            directory, locked=True
        )

    def save(self) -> None:
        """Called before the first commit. A full disk is no reason not to commit."""
        if self._moment is None:
            return
        new = self._directory / f"{PREVIOUS}{NEW}"
        try:
            shutil.rmtree(new, ignore_errors=True)
            self._moment.copy(new)
        except (OSError, sqlite3.Error) as error:
            for folder in (
                new,
                self._directory / PREVIOUS,
            ):  # an older one would be taken for this one
                shutil.rmtree(folder, ignore_errors=True)
            log.warning(
                "The state before this run can't be kept for a rollback (%s).", error
            )
            self.close()

    def publish(self) -> None:
        """Called after the first commit: what was copied is the state to roll back to
        from now on."""
        if self._moment is not None:
            try:
                swap_folder(
                    self._directory / f"{PREVIOUS}{NEW}", self._directory / PREVIOUS
                )
            except OSError as error:
                log.warning(
                    "The state before this run can't be kept for a rollback (%s).",
                    error,
                )
            self.close()

    def close(self) -> None:
        """Let go of the state before."""
        if self._moment is not None:
            self._moment.close()
            self._moment = None


def put_in_place(directory: Path, staged: Path) -> None:
    """Put a staged state, which is whole, in the place of a directory's, and keep that
    as the one before. The caller holds the lock. After a crash either nothing has
    changed, or the next writer goes on."""
    before = directory / f"{PREVIOUS}{NEW}"
    shutil.rmtree(before, ignore_errors=True)
    try:
        with DirectorySnapshot(directory, locked=True) as moment:
            if INDEX in moment.names:
                moment.copy(before)
    except sqlite3.DatabaseError:  # it is damaged
        shutil.rmtree(before, ignore_errors=True)
        keep_damaged(directory / INDEX)
    swap_folder(staged, directory / RESTORE)
    if before.is_dir():
        swap_folder(before, directory / PREVIOUS)
    finish_restore(directory)


def swap_folder(new: Path, folder: Path) -> None:
    """Give a folder that is whole its name, in place of an older one."""
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    sync_folder(folder.parent)


def finish_restore(directory: Path) -> None:
    """Put the databases of ``restore`` in place, where there is such a folder; a crash
    in the middle of this only means that the next writer does it again. Readers go on,
    and see the new state when it is whole."""
    staged = directory / RESTORE
    if not staged.is_dir():
        return
    for path in sorted(staged.glob("*.sqlite")):
        overwrite_database(directory / path.name, path)
    shutil.rmtree(staged)


def overwrite_database(live: Path, source: Path) -> None:
    """Make one database equal to another in one transaction, for which readers needn't
    stop. What can't be written to as a database any more is replaced as a file, and
    readers open the new one."""
    with closing(open_to_copy(source)) as db:
        try:
            with closing(
                sqlite3.connect(live, timeout=30, isolation_level=None)
            ) as target:
                db.backup(target)
                target.execute("PRAGMA journal_mode = WAL")
                target.execute(
                    "PRAGMA busy_timeout = 0"
                )  # not for a reader of the state before
                target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _UNUSABLE:
                raise
        partial = live.with_name(f"{live.name}.partial")
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(partial)) as target:
            db.backup(target)
    for end in ("-wal", "-shm"):
        live.with_name(live.name + end).unlink(missing_ok=True)
    partial.replace(live)
    sync_folder(live.parent)


def keep_damaged(live: Path) -> Path:
    """Keep a damaged database under a name that says so as well."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = live.with_name(f"{live.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = live.with_name(f"{live.name}.damaged-{stamp}-{number}")
    copy_database(live, aside)
    return aside


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
