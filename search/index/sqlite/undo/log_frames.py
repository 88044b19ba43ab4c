"""The numbers of the pages in a database's write-ahead log, read from the log itself.

Its checksums are not looked at: a page too many does no harm to whoever asks.
https://www.sqlite.org/fileformat2.html#walformat
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

# Magic number, version, page size, number of checkpoints, two salts, two checksums.
_HEADER = struct.Struct(">I4xI4x8s8x")
# Page, pages of the database after a commit (else 0), two salts, two checksums.
_FRAME = struct.Struct(">2I8s8x")
_MAGIC = (0x377F0682, 0x377F0683)


@dataclass(slots=True)
class Changed:
    """Pages that were written, and the fewest pages that the database had meanwhile."""

    pages: set[int] = field(default_factory=set)
    fewest: int | None = None
    salts: bytes = b""
    end: int = 0  # frames up to the end of a commit


class LogFrames:
    """The log of one database, from where it was last looked at."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-wal")
        self._seen = Changed()

    def changed(self) -> Changed:
        """Return what was written since the state that ``go_on`` got; raises OSError."""
        found = Changed()
        with suppress(FileNotFoundError), self._path.open("rb", buffering=0) as log:
            self._read(log, found)
        return found

    def go_on(self, seen: Changed) -> None:
        """Leave out from now on what was found."""
        self._seen = seen

    def _read(self, log: BinaryIO, found: Changed) -> None:
        header = log.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        magic, size, found.salts = _HEADER.unpack(header)
        if magic not in _MAGIC:
            return
        # With other salts it was begun from its start again.
        if found.salts == self._seen.salts:
            found.end = self._seen.end
        number = found.end
        while frame := _frame(log, _HEADER.size + number * (_FRAME.size + size), found):
            page, pages_after = frame
            found.pages.add(page)
            number += 1
            if pages_after:
                # What lies behind it may be of a transaction that was given up, and
                # is written over.
                found.end = number
                found.fewest = min(found.fewest or pages_after, pages_after)


def _frame(log: BinaryIO, place: int, of: Changed) -> tuple[int, int] | None:
    log.seek(place)
    head = log.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    page, pages_after, salts = _FRAME.unpack(head)
    # Behind the newest lie frames of the log's earlier rounds, with other salts.
    if salts != of.salts:
        return None
    return page, pages_after
