"""What can be read of a damaged database → a new one of the same kind. The damaged one
stays as it is."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from search.index.sqlite.directory_snapshot import copy_database
from search.index.sqlite.sqlite_file import (
    HEADER,
    MAGIC,
    USUAL_PAGE_SIZE,
    Row,
    SqliteFile,
    Value,
)

Values = Sequence[Value]

_TYPES: dict[str, tuple[type, ...]] = {
    "n": (type(None),), "s": (str,), "S": (str, type(None)), "i": (int,), "b": (bytes,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table to read: what its rows look like, a letter a column: rowid (n), text (s),
    number (i), bytes (b); capitals may be NULL. Columns from ``added`` on came with
    later versions and may be lacking.

    ``tells`` tells its rows from those of other tables that look alike, on pages to
    which nothing leads any more; without it such pages are passed over.
    """

    name: str
    shape: str
    added: int = 99
    tells: Callable[[Values], bool] | None = lambda values: True

    def fits(self, values: Values) -> bool:
        """Whether a row may be one of this table."""
        enough = min(self.added, len(self.shape)) <= len(values) <= len(self.shape)
        return enough and all(
            isinstance(value, _TYPES[kind])
            for value, kind in zip(values, self.shape, strict=False)
        )


def salvage(
    damaged: Path, new: sqlite3.Connection, tables: Iterable[Table]
) -> int | None:
    """Copy every row that can be read into the tables of a new database, in one
    transaction of the caller's.

    The version that the damaged one says it is of; None where not even its schema could
    be read, so that deleted rows may be among those that were copied.

    Of two rows under one key the one counts to which the tables' own pages lead.
    """
    file = SqliteFile(_whole(damaged))
    roots = file.tables()
    reached: set[int] = set()
    found = {
        name: list(file.rows(root, reached))
        for name, root in {**roots, "sqlite_schema": 1}.items()
    }
    loose = [
        row
        for number in file.leaves()
        if number not in reached
        for row in file.leaf(number)
    ]
    for table in tables:
        _insert(
            new,
            table,
            (row for row in found.get(table.name, ()) if table.fits(row.values)),
        )
        if table.tells is not None:
            tells = table.tells
            _insert(
                new,
                table,
                (row for row in loose if table.fits(row.values) and tells(row.values)),
            )
    return file.user_version if roots else None


def _insert(new: sqlite3.Connection, table: Table, rows: Iterator[Row]) -> None:
    names = [row[1] for row in new.execute(f"PRAGMA table_info({table.name})")]
    for rowid, values in rows:
        taken = [
            rowid if kind == "n" else value
            for value, kind in zip(values, table.shape, strict=False)
        ]
        columns = ", ".join(names[: len(taken)])
        marks = ", ".join("?" * len(taken))
        # One that breaks a rule of its table isn't what was written.
        with suppress(sqlite3.IntegrityError, OverflowError):
            new.execute(
                f"INSERT OR IGNORE INTO {table.name} ({columns}) VALUES ({marks})",  # noqa: S608  # fixed names
                taken,
            )


def _whole(damaged: Path) -> bytes:
    """The file's bytes, with what its WAL holds in place."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "damaged.sqlite"
        copy_database(damaged, copy)
        _mend_header(copy)
        # What SQLite says of a damaged schema may quote bytes of it that are no text.
        with (
            suppress(sqlite3.Error, UnicodeDecodeError),
            closing(sqlite3.connect(copy)) as db,
        ):
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return copy.read_bytes()


def _mend_header(path: Path) -> None:
    """Give the header the values that it has in all our databases, so that SQLite takes
    up the WAL."""
    with path.open("r+b") as file:
        header = bytearray(file.read(HEADER))
        if len(header) < HEADER:
            return
        header[:24] = MAGIC + struct.pack(
            ">HBBBBBB", USUAL_PAGE_SIZE, 2, 2, 0, 64, 32, 32
        )
        header[28:32] = struct.pack(">I", path.stat().st_size // USUAL_PAGE_SIZE)
        header[44:48] = struct.pack(">I", 4)  # the format of the schema
        header[52:60] = struct.pack(">II", 0, 1)  # no auto-vacuum; UTF-8
        file.seek(0)
        file.write(header)
