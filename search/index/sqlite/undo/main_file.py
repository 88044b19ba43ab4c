"""The bytes of a database's main file, read beside SQLite's own connections.

Its log is not looked at, and nothing is written.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

CHUNK = 1 << 20  # bytes that are copied at once
# Files kept open. A run of ours writes two; who opens more has hundreds of indexes.
LIMIT = 64

# By device and inode. Closing any file of a database takes the locks away that this
# process has on it, and nobody here knows who else reads it: so they stay open.
_open: dict[tuple[int, int], int] = {}


def main_file(path: Path) -> int:
    """Return a descriptor of a database's file, which the caller leaves open."""
    facts = path.stat()
    key = facts.st_dev, facts.st_ino
    if key not in _open:
        while len(_open) >= LIMIT:
            os.close(_open.pop(next(iter(_open))))
        _open[key] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return _open[key]


def read_page(path: Path, number: int, size: int) -> bytes:
    """Read a page by its number from 1; raises OSError."""
    image = os.pread(main_file(path), size, (number - 1) * size)
    if len(image) < size:
        raise OSError(errno.EIO, "a page is missing", str(path))
    return image


def copy_main_file(path: Path, target: Path) -> None:
    """Copy all pages to another file; raises OSError."""
    with target.open("wb") as out:
        for chunk in _chunks(main_file(path)):
            out.write(chunk)


def _chunks(handle: int) -> Iterator[bytes]:
    place = 0
    while chunk := os.pread(handle, CHUNK, place):
        place += len(chunk)
        yield chunk
