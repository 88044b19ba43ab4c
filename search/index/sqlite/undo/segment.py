"""A file of an undo record: pages of a database as they were before they were changed.

Written once and whole; never changed after.

head      what it is; the page size, and the pages of the database before
images    one after another
table     number and digest of each page
tail      the number of images, and a digest of head and table
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from search.errors import IndexDamaged
from search.index.private_files import make_file
from search.index.sqlite.undo.main_file import read_page

_MAGIC = b"BLOGUND1"
_HEAD = struct.Struct(">8s2I")
_ENTRY = struct.Struct(">I16s")
_TAIL = struct.Struct(">I16s")
DAMAGED = "{path} is not what was written."


class Size(NamedTuple):
    """The bytes of a page, and the pages of a database."""

    page: int
    pages: int


class Segment(NamedTuple):
    """A segment without its images: the digest of each, by its page's number."""

    path: Path
    size: Size
    digests: dict[int, bytes]


def write_segment(
    path: Path, database: Path, *, size: Size, pages: Sequence[int]
) -> None:
    """Copy pages of a database's main file; the contents are durable at the end.

    Raises OSError.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    make_file(partial)
    head = _HEAD.pack(_MAGIC, *size)
    table = bytearray()
    with partial.open("wb") as out:
        out.write(head)
        for number in pages:
            image = read_page(database, number, size.page)
            table += _ENTRY.pack(number, _digest(image))
            out.write(image)
        out.write(table)
        out.write(_TAIL.pack(len(pages), _digest(head + table)))
        out.flush()
        os.fsync(out.fileno())
    partial.rename(path)


def read_segment(path: Path) -> Segment:
    """Read all but the images; raises IndexDamaged and OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        with suppress(OSError):  # of a file that is too short
            file.seek(-_TAIL.size, os.SEEK_END)
        tail = file.read()
        if len(head) < _HEAD.size or len(tail) < _TAIL.size:
            raise IndexDamaged(DAMAGED.format(path=path))
        magic, *numbers = _HEAD.unpack(head)
        size = Size(*numbers)
        count, digest = _TAIL.unpack(tail)
        table = _read_at(file, _HEAD.size + count * size.page, count * _ENTRY.size)
    if magic != _MAGIC or _digest(head + table) != digest:
        raise IndexDamaged(DAMAGED.format(path=path))
    return Segment(path, size, dict(_ENTRY.iter_unpack(table)))


def read_images(segment: Segment) -> Iterator[tuple[int, bytes]]:
    """Read number and image of each page; raises IndexDamaged and OSError."""
    with segment.path.open("rb") as file:
        file.seek(_HEAD.size)
        for number, digest in segment.digests.items():
            image = file.read(segment.size.page)
            if _digest(image) != digest:
                raise IndexDamaged(DAMAGED.format(path=segment.path))
            yield number, image


def _read_at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
