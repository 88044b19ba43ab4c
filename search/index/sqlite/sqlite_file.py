"""Pure: SQLite's file format, as far as it takes to read rows past damage.

A page that can't be understood costs its own rows only: leaves that no intact page
leads to any more are found by looking at every page
(https://sqlite.org/fileformat2.html, sections 1 and 2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

Value = None | int | float | str | bytes

MAGIC = b"SQLite format 3\0"
HEADER = 100  # bytes before the first page's own content
USUAL_PAGE_SIZE = 4096
LEAF, INTERIOR = 0x0D, 0x05  # of tables; those of indexes are of no interest here
_SIZES = {
    0: 0,
    1: 1,
    2: 2,
    3: 3,
    4: 4,
    5: 6,
    6: 8,
    7: 8,
    8: 0,
    9: 0,
}  # bytes by serial type


class Row(NamedTuple):
    """A row as it lies in the file; the column that stands for the rowid is None
    there."""

    rowid: int
    values: tuple[Value, ...]


class _Unreadable(Exception):
    """What lies there is no page, cell or record."""


class SqliteFile:
    """A database file without journal or WAL, read whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = _page_size(data)
        self.pages = len(data) // self._size
        self.user_version = int.from_bytes(data[60:64], "big")

    def tables(self) -> dict[str, int]:
        """The first page of each table that the schema still names."""
        found = {}
        for _, values in self.rows(1):
            match values:
                case ["table", str(name), _, int(root), *_] if root:
                    found[name] = root
        return found

    def rows(self, root: int, reached: set[int] | None = None) -> Iterator[Row]:
        """What can be read of the table that begins at this page; ``reached`` gets its
        pages."""
        seen: set[int] = set()
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in seen or not 1 <= number <= self.pages:
                continue
            seen.add(number)
            if self._kind(number) == INTERIOR:
                waiting += self._children(number)
            elif self._kind(number) == LEAF:
                yield from self.leaf(number)
        if reached is not None:
            reached |= seen

    def leaf(self, number: int) -> Iterator[Row]:
        """The rows of a page of a table, but for those that can't be read."""
        for place in self._cells(number):
            try:
                yield self._row(number, place)
            except (_Unreadable, IndexError, UnicodeDecodeError, struct.error):
                continue

    def leaves(self) -> list[int]:
        """Every page that looks like one with rows of a table, whatever leads to it,
        but for free ones."""
        free = self._free()
        return [
            number
            for number in range(1, self.pages + 1)
            if self._kind(number) == LEAF and number not in free
        ]

    def _free(self) -> set[int]:
        """The pages that were given back: what lies on them is deleted."""
        found: set[int] = set()
        trunk = int.from_bytes(self._data[32:36], "big")
        while 1 <= trunk <= self.pages and trunk not in found:
            found.add(trunk)
            page = self._page(trunk)
            trunk, count = struct.unpack_from(">II", page)
            if count <= self._size // 4 - 2:
                found.update(struct.unpack_from(f">{count}I", page, 8))
        return found

    def _page(self, number: int) -> bytes:
        return self._data[(number - 1) * self._size : number * self._size]

    def _start(self, number: int) -> int:
        return HEADER if number == 1 else 0

    def _kind(self, number: int) -> int:
        return self._data[(number - 1) * self._size + self._start(number)]

    def _cells(self, number: int) -> Sequence[int]:
        """Where the cells begin on their page."""
        page, start = self._page(number), self._start(number)
        first = start + (8 if self._kind(number) == LEAF else 12)
        count = min(
            int.from_bytes(page[start + 3 : start + 5], "big"),
            (self._size - first) // 2,
        )
        return struct.unpack_from(f">{count}H", page, first)

    def _children(self, number: int) -> list[int]:
        page, start = self._page(number), self._start(number)
        places = [
            *(place for place in self._cells(number) if place <= self._size - 4),
            start + 8,
        ]
        return [
            int.from_bytes(page[place : place + 4], "big") for place in reversed(places)
        ]

    def _row(self, number: int, place: int) -> Row:
        page = self._page(number)
        length, place = _varint(page, place)
        rowid, place = _varint(page, place)
        return Row(_signed(rowid), _values(self._payload(page, place, length)))

    def _payload(self, page: bytes, place: int, length: int) -> bytes:
        """The record that begins at a place, with what of it lies on other pages."""
        if length > len(self._data):
            raise _Unreadable
        most, least = self._size - 35, (self._size - 12) * 32 // 255 - 23
        local = length
        if length > most:
            local = least + (length - least) % (self._size - 4)
            local = local if local <= most else least
        parts = [page[place : place + local]]
        following = page[place + local : place + local + 4] if local < length else b""
        missing = length - len(parts[0])
        while missing > 0 and following:
            more = self._page(int.from_bytes(following, "big"))
            if len(more) < self._size:
                raise _Unreadable
            parts.append(more[4 : 4 + missing])
            missing -= len(parts[-1])
            following = more[:4]
        return b"".join(parts)


def _page_size(data: bytes) -> int:
    said = int.from_bytes(data[16:18], "big")
    said = 65536 if said == 1 else said
    is_one = said >= 512 and said & (said - 1) == 0 and data[:16] == MAGIC
    return said if is_one else USUAL_PAGE_SIZE


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for at in range(place, place + 8):
        byte = data[at]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + 1
    return value << 8 | data[place + 8], place + 9


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _values(record: bytes) -> tuple[Value, ...]:
    end, place = _varint(record, 0)
    types = []
    while place < end:
        kind, place = _varint(record, place)
        types.append(kind)
    sizes = [_SIZES[kind] if kind in _SIZES else (kind - 12) // 2 for kind in types]
    if 10 in types or 11 in types or place != end or end + sum(sizes) != len(record):
        raise _Unreadable
    values: list[Value] = []
    for kind, size in zip(types, sizes, strict=True):
        values.append(_value(kind, record[end : end + size]))
        end += size
    return tuple(values)


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind >= 12:
        return data.decode() if kind % 2 else data
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    return kind - 8 if kind >= 8 else int.from_bytes(data, "big", signed=True)
