"""An undo record: a state of databases, as the pages that were changed since.

It holds a page before the database's main file changes there: that is the caller's care.
Then the main file with these pages put back is the state, whatever lies in the log.

index.sqlite.undo-000001    the pages that one capture added (undo/segment.py)
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from search.errors import IndexDamaged
from search.index.private_files import make_file, make_folder
from search.index.sqlite.undo.folders import NEW, PREVIOUS, swap_folder, sync_folder
from search.index.sqlite.undo.log_frames import Changed
from search.index.sqlite.undo.main_file import copy_main_file
from search.index.sqlite.undo.segment import (
    DAMAGED,
    Segment,
    Size,
    read_images,
    read_segment,
    write_segment,
)

_MARK = ".undo-"
log = logging.getLogger(__name__)


class UndoRecord:
    """The record of one database, in a folder."""

    def __init__(self, folder: Path, name: str, size: Size) -> None:
        self._folder = folder
        self._name = name
        self._size = size
        self._held: set[int] = set()  # numbers of pages
        self._segments = 0

    @classmethod
    def load(cls, folder: Path, name: str) -> UndoRecord:
        """Read which pages it holds; raises IndexDamaged and OSError."""
        segments = list(_segments(folder, name))
        record = cls(folder, name, segments[0].size)
        for segment in segments:
            record._held.update(segment.digests)
        record._segments = len(segments)
        return record

    def capture(self, database: Path, changed: Changed) -> None:
        """Copy the pages that were changed and are not held yet; raises OSError."""
        wanted = {page for page in changed.pages if page <= self._size.pages}
        if changed.fewest is not None:
            # What was cut off is in no log.
            wanted.update(range(changed.fewest + 1, self._size.pages + 1))
        wanted -= self._held
        if wanted or not self._segments:
            path = self._folder / f"{self._name}{_MARK}{self._segments + 1:06}"
            write_segment(path, database, size=self._size, pages=sorted(wanted))
            sync_folder(self._folder)
            self._segments += 1
            self._held |= wanted

    def move(self, folder: Path) -> None:
        """Go on in a folder that took this one's place."""
        self._folder = folder


UndoRecords = Mapping[str, UndoRecord]  # by the name of the database


def is_undo(folder: Path) -> bool:
    """Tell if a folder holds a record, and not databases of their own."""
    return any(folder.glob(f"*{_MARK}*"))


def load_records(folder: Path) -> dict[str, UndoRecord]:
    """Read the records of a folder; raises IndexDamaged and OSError."""
    return {name: UndoRecord.load(folder, name) for name in names_in(folder)}


def make_whole(directory: Path) -> None:
    """Turn the state before into databases of their own, where it is a record.

    Before the databases are written anew; the caller holds the lock. One that is damaged
    is removed. Raises OSError.
    """
    folder, new = directory / PREVIOUS, directory / f"{PREVIOUS}{NEW}"
    if not is_undo(folder):
        return
    shutil.rmtree(new, ignore_errors=True)
    make_folder(new)
    try:
        write_state(directory, folder, new)
        swap_folder(new, folder)
    except IndexDamaged as error:
        shutil.rmtree(folder)
        log.warning("The state to roll back to is damaged, and removed (%s).", error)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_state(directory: Path, folder: Path, target: Path) -> None:
    """Write the databases of a record into another folder, durable at the end.

    Raises IndexDamaged and OSError.
    """
    for name in names_in(folder):
        segments = list(_segments(folder, name))
        make_file(target / name)
        copy_main_file(directory / name, target / name)
        with (target / name).open("r+b") as out:
            for segment in segments:
                for number, image in read_images(segment):
                    out.seek((number - 1) * segment.size.page)
                    out.write(image)
            out.truncate(segments[0].size.page * segments[0].size.pages)
            out.flush()
            os.fsync(out.fileno())
    sync_folder(target)


def names_in(folder: Path) -> list[str]:
    """Return the names of the databases of which a folder holds a record."""
    found = {path.name.partition(_MARK)[0] for path in _files(folder, "*")}
    return sorted(found)


def _segments(folder: Path, name: str) -> Iterator[Segment]:
    size = None
    for number, path in enumerate(_files(folder, name), start=1):
        segment = read_segment(path)
        size = size or segment.size
        if not path.name.endswith(f"{number:06}") or segment.size != size:
            raise IndexDamaged(DAMAGED.format(path=path))
        yield segment


def _files(folder: Path, name: str) -> list[Path]:
    # What a kill left of a capture is ".partial", and written again.
    return sorted(folder.glob(f"{name}{_MARK}" + "[0-9]" * 6))
