"""Whole states of an index directory: the one before the last change, and one that
takes its place.

previous/   all databases as they were before the last run that changed the index: as
            copies, or as the pages that were changed since (undo/record.py)
restore/    databases that take the place of the directory's own, all or none: the
            folder gets this name only when it is whole, and whoever finds it goes on
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from search.errors import StorageFailed
from search.index.private_files import make_file, make_folder, mode_of
from search.index.sqlite.connection import connect, explain, require_damage
from search.index.sqlite.directory_snapshot import (
    INDEX,
    DirectorySnapshot,
    copy_database,
    open_to_copy,
)
from search.index.sqlite.undo.folders import NEW, PREVIOUS, swap_folder, sync_folder
from search.index.sqlite.undo.record import (
    is_undo,
    make_whole,
    names_in,
    write_state,
)
from search.index.sqlite.undo.rollback_point import RollbackPoint, note_left
from search.index.work_folder import remove_left_elsewhere

RESTORE = "restore"
UNFINISHED = (
    "*.partial",
    "*.partial-*",
    f"*{NEW}",
    RESTORE,
)  # patterns of what a killed run leaves
# Results of SQLite that say that a file can't be written to as a database any more.
_UNUSABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def stage(directory: Path) -> Iterator[Path]:
    """Make an empty folder for a new state; it is removed unless that is put in place.

    The caller holds the lock.
    """
    finish_restore(directory)
    clear_unfinished(directory)
    staged = directory / f"{RESTORE}{NEW}"
    shutil.rmtree(staged, ignore_errors=True)
    make_folder(staged)
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def exchange(directory: Path, staged: Path) -> None:
    """Put a staged state in place, and keep the directory's own as the one before.

    The caller holds the lock. After a crash either nothing has changed, or the next
    writer goes on. Raises StorageFailed.
    """
    before = directory / f"{PREVIOUS}{NEW}"
    shutil.rmtree(before, ignore_errors=True)
    try:
        try:
            with (
                closing(RollbackPoint(directory, is_kept=False)),
                DirectorySnapshot(directory, locked=True) as snapshot,
            ):
                if INDEX in snapshot.names:
                    snapshot.copy(before)
        except sqlite3.DatabaseError as error:
            require_damage(error)
            shutil.rmtree(before, ignore_errors=True)
            make_whole(directory)
            for path in directory.glob("*.sqlite"):
                keep_damaged(path)
        swap_folder(staged, directory / RESTORE)
        finish_restore(directory)
    except (OSError, sqlite3.Error) as error:
        if not (directory / RESTORE).is_dir():
            # Nothing of the directory's own was touched yet.
            shutil.rmtree(before, ignore_errors=True)
            raise explain(error, directory) from error
        raise StorageFailed(
            f"It can't be put in place yet ({error}). It lies in {directory / RESTORE},"
            " and the next run that writes puts it in place."
        ) from error


def put_in_place(directory: Path, staged: Path) -> None:
    """Put a staged state in place; the one before stays what it is."""
    make_whole(directory)
    swap_folder(staged, directory / RESTORE)
    finish_restore(directory)


def names_before(directory: Path) -> list[str]:
    """Return the databases of which there is a state to go back to."""
    folder = directory / PREVIOUS
    return names_in(folder) or sorted(path.name for path in folder.glob("*.sqlite"))


def copy_state_before(directory: Path, folder: Path) -> None:
    """Write the state to go back to into a folder.

    Raises IndexDamaged, OSError, and sqlite3.Error where the disk fails.
    """
    before = directory / PREVIOUS
    if is_undo(before):
        write_state(directory, before, folder)
    else:
        for name in names_before(directory):
            copy_database(before / name, folder / name)


def clear_unfinished(directory: Path) -> None:
    """Remove what killed runs have left; the caller holds the lock, so nobody needs it.

    What can't be removed does no harm.
    """
    remove_left_elsewhere(directory)
    for path in unfinished(directory):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def unfinished(directory: Path) -> list[Path]:
    """Return what killed runs have left, while nobody holds the lock."""
    return [path for pattern in UNFINISHED for path in directory.glob(pattern)]


def finish_restore(directory: Path) -> None:
    """Put the databases of ``restore`` in place, where there is such a folder.

    After a crash in the middle of this the next writer does it again. Readers go on,
    and see the new state when it is whole. Everybody who writes begins with this.
    """
    staged, before = directory / RESTORE, directory / f"{PREVIOUS}{NEW}"
    if not staged.is_dir():
        note_left(directory)
        return
    if before.is_dir():  # it was copied before
        swap_folder(before, directory / PREVIOUS)
    # In one order, so that after a crash the same ones are done again.
    for path in sorted(staged.glob("*.sqlite")):
        overwrite_database(directory / path.name, path)
    shutil.rmtree(staged)


def overwrite_database(live: Path, source: Path) -> None:
    """Make one database equal to another.

    In one transaction, for which readers needn't stop. What can't be written to as a
    database any more is replaced as a file, and readers open the new one.
    """
    with closing(open_to_copy(source)) as db:
        try:
            _copy_into(db, live)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _UNUSABLE:
                raise
        else:
            return
        partial = live.with_name(f"{live.name}.partial")
        partial.unlink(missing_ok=True)
        make_file(partial, mode_of(live))
        with closing(connect(partial)) as target:
            db.backup(target)
    # They belong to the old file, and would be read into the new one.
    for end in ("-wal", "-shm"):
        live.with_name(live.name + end).unlink(missing_ok=True)
    partial.replace(live)
    sync_folder(live.parent)


def _copy_into(db: sqlite3.Connection, live: Path) -> None:
    with closing(connect(live)) as target:
        db.backup(target)
        target.execute("PRAGMA journal_mode = WAL")
        # The log is shortened later where a reader of the state before keeps it.
        target.execute("PRAGMA busy_timeout = 0")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def keep_damaged(live: Path) -> Path:
    """Copy a damaged database to a name that says so, in place of an older such copy.

    It is for whoever wants to look for more than a repair could use.
    """
    older = list(live.parent.glob(f"{live.name}.damaged-*"))
    # No colons: not every file system takes them.
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = live.with_name(f"{live.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = live.with_name(f"{live.name}.damaged-{stamp}-{number}")
    # Under another name until it is whole.
    partial = aside.with_name(f"{aside.name}.partial")
    for end in ("", "-wal"):
        Path(f"{partial}{end}").unlink(missing_ok=True)
    make_file(partial)
    copy_database(live, partial)
    log_of_it = Path(f"{partial}-wal")
    if log_of_it.is_file():
        log_of_it.rename(f"{aside}-wal")
    partial.rename(aside)
    for path in older:
        path.unlink(missing_ok=True)
    return aside
