"""The segments in which FTS5 writes a table: which there are, their checksums, and
their merging by whole levels.

Knows no words. A segment is never written to again but by a merge, so that each has one
checksum, and a commit reads what it wrote. FTS5's own merging goes by small steps that
nobody sees; it is switched off. The format is that of fts5_index.c.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from search.errors import IndexDamaged

TABLES = {"passages_fts": "fulltext", "vocabulary": "vocabulary"}  # and their groups
# Rows of a table's data that are of no segment: sums over all rows, and the structure.
_AVERAGES, _STRUCTURE = 1, 10
_ROOT = 0  # the number under which their checksum is stored; no segment has it
# Bits of the number of a row below that of its segment: page, height, kind.
_SEGMENT_SHIFT = 31 + 5 + 1
_COOKIE = 4  # bytes before the structure
FULL = 4  # segments that make a level full: FTS5's usual "usermerge"
MANY = 16  # segments that a run may leave unmerged, FTS5's usual "crisismerge"
_NEVER = 1999  # segments: FTS5's greatest "crisismerge"
_WHOLE_LEVELS = 1 << 30  # pages that one call may merge


class Segment(NamedTuple):
    """A segment, with the numbers of its first and its last page."""

    number: int
    first: int
    last: int


def leave_merging_to_us(db: sqlite3.Connection) -> None:
    """Switch FTS5's own merging off, for good; the setting is stored in the table."""
    _flush(db)
    for table in TABLES:
        for name, value in (("automerge", 0), ("crisismerge", _NEVER)):
            db.execute(
                f"INSERT INTO {table} ({table}, rank) VALUES (?, ?)",  # noqa: S608  # fixed names
                (name, value),
            )
        _merge_levels(db, table)  # so that none is begun and not at its end


def levels_of(db: sqlite3.Connection, table: str) -> list[list[Segment]]:
    """Return the segments of a table by their level; raises IndexDamaged where that
    can't be read."""
    row = db.execute(
        f"SELECT block FROM {table}_data WHERE id = ?",  # noqa: S608  # fixed names
        (_STRUCTURE,),
    ).fetchone()
    try:
        numbers = _varints(row[0][_COOKIE:])
        count, _, _ = next(numbers), next(numbers), next(numbers)
        return [_level(numbers) for _ in range(count)]
    except (TypeError, StopIteration, RuntimeError) as error:
        raise IndexDamaged(
            "The full text can't be read; see what is wrong with: blog-indexer doctor"
        ) from error


def has_many(db: sqlite3.Connection) -> bool:
    """Tell if segments should be merged before the end of a long transaction."""
    return any(
        max(map(len, levels_of(db, table)), default=0) >= MANY for table in TABLES
    )


def settle(db: sqlite3.Connection) -> None:
    """Take the checksums of new segments and merge full levels; in a transaction.

    Raises IndexDamaged where a segment that is to be merged is not what was stored.
    """
    _flush(db)
    for table in TABLES:
        _take_checksums(db, table)
        before = levels_of(db, table)
        full = _full(before)
        if full:
            _require_unchanged(db, table, full)
            _merge_levels(db, table)
            # A merge that FTS5 had begun goes on too: its segments end elsewhere then.
            same = set(chain(*before)).intersection(chain(*levels_of(db, table)))
            kept = {segment.number for segment in same} - full
            _forget_checksums(db, table, _stored(db, table).keys() - kept)
            _take_checksums(db, table)
        _store(db, table, _ROOT, _of_root(db, table))


def merge_all(db: sqlite3.Connection) -> None:
    """Merge all segments of a table into one, which has no word of what was dropped; in
    a transaction. The caller has compared them with their checksums."""
    for table in TABLES:
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608  # fixed names
    # At once: the next segment may get the number of one that is gone.
    db.execute("DELETE FROM segments")
    settle(db)


def changed_tables(db: sqlite3.Connection, *, roots_only: bool = False) -> list[str]:
    """Return those of the tables that are not as they were stored; ``roots_only``
    without looking into their segments, of which there are as many as there is text."""
    return [table for table in TABLES if not _is_unchanged(db, table, roots_only)]


def _is_unchanged(db: sqlite3.Connection, table: str, roots_only: bool) -> bool:
    stored = _stored(db, table)
    try:
        if stored.pop(_ROOT, b"") != _of_root(db, table):
            return False
        numbers = {
            segment.number for level in levels_of(db, table) for segment in level
        }
    except (IndexDamaged, sqlite3.DatabaseError):
        return False
    if roots_only:
        return numbers == stored.keys()
    return numbers == stored.keys() and all(
        _of_segment(db, table, number) == stored[number] for number in numbers
    )


def _merge_levels(db: sqlite3.Connection, table: str) -> None:
    db.execute(
        f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)",  # noqa: S608  # fixed names
        (_WHOLE_LEVELS,),
    )


def _flush(db: sqlite3.Connection) -> None:
    """Have FTS5 write the rows that it holds back until a savepoint is released."""
    db.execute("SAVEPOINT flush")
    db.execute("RELEASE flush")


def _full(levels: list[list[Segment]]) -> set[int]:
    """Return the segments that a merge of all full levels may take in."""
    found: set[int] = set()
    from_below = 0
    for level in levels:
        is_full = len(level) + from_below >= FULL
        from_below = int(is_full)
        if is_full:
            found.update(segment.number for segment in level)
    return found


def _take_checksums(db: sqlite3.Connection, table: str) -> None:
    """Take the checksums of those segments that have none, and drop those of segments
    that are gone."""
    stored = _stored(db, table)
    numbers = {segment.number for level in levels_of(db, table) for segment in level}
    _forget_checksums(db, table, stored.keys() - numbers - {_ROOT})
    for number in numbers - stored.keys():
        _store(db, table, number, _of_segment(db, table, number))


def _require_unchanged(
    db: sqlite3.Connection, table: str, numbers: Iterable[int]
) -> None:
    stored = _stored(db, table)
    for number in numbers:
        if _of_segment(db, table, number) != stored[number]:
            raise IndexDamaged(
                "The full text is not what was stored; see: blog-indexer doctor"
            )


def _stored(db: sqlite3.Connection, table: str) -> dict[int, bytes]:
    rows = db.execute(
        "SELECT segment, checksum FROM segments WHERE source = ?", (table,)
    )
    return dict(map(tuple, rows))


def _store(db: sqlite3.Connection, table: str, number: int, checksum: bytes) -> None:
    db.execute(
        "INSERT OR REPLACE INTO segments (source, segment, checksum) VALUES (?, ?, ?)",
        (table, number, checksum),
    )


def _forget_checksums(
    db: sqlite3.Connection, table: str, numbers: Iterable[int]
) -> None:
    db.executemany(
        "DELETE FROM segments WHERE source = ? AND segment = ?",
        [(table, number) for number in numbers],
    )


def _of_segment(db: sqlite3.Connection, table: str, number: int) -> bytes:
    checksum = hashlib.sha256()
    bounds = number << _SEGMENT_SHIFT, (number + 1) << _SEGMENT_SHIFT
    data = f"SELECT id, block FROM {table}_data WHERE id >= ? AND id < ? ORDER BY id"  # noqa: S608  # fixed names
    for row, block in db.execute(data, bounds):
        checksum.update(b"%d:%d:" % (row, len(block)))
        checksum.update(block)
    index = f"SELECT term, pgno FROM {table}_idx WHERE segid = ? ORDER BY term"  # noqa: S608  # fixed names
    for term, page in db.execute(index, (number,)):
        checksum.update(repr((term, page)).encode())
    return checksum.digest()


def _of_root(db: sqlite3.Connection, table: str) -> bytes:
    rows = db.execute(
        f"SELECT id, block FROM {table}_data WHERE id IN (?, ?) ORDER BY id",  # noqa: S608  # fixed names
        (_AVERAGES, _STRUCTURE),
    )
    config = db.execute(f"SELECT k, v FROM {table}_config ORDER BY k")  # noqa: S608  # fixed names
    values = [tuple(row) for part in (rows, config) for row in part]
    return hashlib.sha256(repr(values).encode()).digest()


def _level(numbers: Iterator[int]) -> list[Segment]:
    _, count = next(numbers), next(numbers)  # of segments in a merge, and of all
    return [Segment(next(numbers), next(numbers), next(numbers)) for _ in range(count)]


def _varints(data: bytes) -> Iterator[int]:
    """Read SQLite's integers of seven bits a byte, the last with its highest bit
    unset; none here is so large that a ninth byte would count in full."""
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            yield value
            value = 0
