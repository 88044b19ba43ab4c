"""Folders for the time of some work, which go even where its process is killed.

A process locks the folder in which it works, and the system unlocks it however the
process ends. One that nobody has locked is abandoned, and is removed by the next such
work in the same place. Nothing else is ever removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from search.index.private_files import PRIVATE_FOLDER, make_file

WORK = "blogsearch-work-"  # what the names of ours begin with in the system's place
# A person may have folders that begin like ours, and they are theirs.
_NAME = re.compile(r"\.?blogsearch-[a-z]+-[0-9a-f]{12}")
NOTE = ".at"  # how the name of a note ends, which says where a work folder is
LONGEST = 4096  # bytes of a path


@contextmanager
def work_folder(
    prefix: str, parent: Path | None = None, *, noted_in: Path | None = None
) -> Iterator[Path]:
    """Make an empty folder for the block, in the system's place for such or in another;
    raises OSError.

    ``noted_in`` is an index's folder: the next run that writes there removes this one
    if its process is killed, wherever it is.
    """
    place = parent or Path(tempfile.gettempdir())
    remove_abandoned(place, prefix)
    folder = place / f"{prefix}{secrets.token_hex(6)}"
    note = None
    if noted_in is not None:
        # First: from here on it is found again.
        note = noted_in / f"{folder.name.removeprefix('.')}{NOTE}"
        make_file(note)
        with suppress(OSError):  # where this user can only read
            note.write_bytes(os.fsencode(folder))
    handle = _made_and_locked(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)
        if note is not None:
            with suppress(OSError):
                note.unlink()


def remove_abandoned(place: Path, prefix: str) -> None:
    """Remove the folders in a place that a killed process of this user has left there."""
    with suppress(OSError):
        for folder in place.glob(f"{prefix}*"):
            _remove_if_abandoned(folder)


def remove_left_elsewhere(directory: Path) -> None:
    """Remove what killed processes have left outside an index's folder."""
    remove_abandoned(Path(tempfile.gettempdir()), WORK)
    for note, folder in _notes(directory):
        _remove_if_abandoned(folder)
        if not folder.exists():
            with suppress(OSError):
                note.unlink()


def left_elsewhere(directory: Path) -> list[Path]:
    """Return what killed processes have left elsewhere, as their notes have it."""
    found = []
    for _, folder in _notes(directory):
        with _lock_of_nobody(folder) as is_abandoned:
            if is_abandoned:
                found.append(folder)
    return found


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    total = 0
    for one in [path, *path.rglob("*")]:
        with suppress(OSError):
            facts = one.lstat()
            total += facts.st_size * stat.S_ISREG(facts.st_mode)
    return total


def _made_and_locked(folder: Path) -> int:
    """Make a folder, and return the open file that locks it."""
    while True:
        folder.mkdir(mode=PRIVATE_FOLDER)
        try:
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # another process took it for an abandoned one, as it is empty
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if folder.is_dir():
            return handle
        os.close(handle)


def _remove_if_abandoned(folder: Path) -> None:
    with _lock_of_nobody(folder) as is_abandoned:
        if is_abandoned:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock_of_nobody(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock for the block; gives False where another holds it, or where
    it is none that this user's processes have made."""
    handle = None
    try:
        if not _NAME.fullmatch(folder.name):
            raise FileNotFoundError(folder)
        # No link is followed: in a place for all, such as /tmp, it may be anybody's.
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        handle = os.open(folder, flags)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_abandoned = os.fstat(handle).st_uid == os.geteuid()
    except OSError:
        is_abandoned = False
    try:
        yield is_abandoned
    finally:
        if handle is not None:
            os.close(handle)


def _notes(directory: Path) -> list[tuple[Path, Path]]:
    """Read the notes, each with the folder that it names."""
    found = []
    for note in directory.glob(f"*{NOTE}"):
        with suppress(OSError, ValueError):
            name = f".{note.name.removesuffix(NOTE)}"
            # One that is empty was about to be written: there is no folder yet.
            said = os.fsdecode(note.read_bytes()[:LONGEST]) or directory / name
            # A note could say anything, and what it names may be removed.
            if Path(said).name == name and _NAME.fullmatch(name):
                found.append((note, Path(said)))
    return found
