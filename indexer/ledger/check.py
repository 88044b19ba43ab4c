"""Examination of a ledger.

Writes to nothing but the copy that it is given.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path

from indexer.ledger.erasing import erasing_of
from indexer.ledger.migrations import MIGRATIONS
from indexer.ledger.rows import (
    file_of,
    item_of,
    list_of,
    moment_of_hold,
    object_of,
    page_of,
    robots_of,
    source_of,
)
from search.errors import IndexDamaged, IndexMismatch
from search.index.sqlite.connection import require_damage
from search.index.sqlite.doctor.findings import Finding, named
from search.index.sqlite.doctor.integrity import Schema, schema_of, structure_of

# Of each table, a column and what reads it. What backfill keeps is its own affair, but
# for its form on the whole.
READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "sources": ("value", source_of),
    "items": ("value", item_of),
    "pages": ("value", page_of),
    "files": ("value", file_of),
    "robots": ("value", robots_of),
    "holds": ("until", moment_of_hold),
    "discoveries": ("value", object_of),
    "links": ("value", list_of),
    "erasing": ("value", erasing_of),
    "index_seen": ("checksum", str),
    "unsettled": ("identity", str),
    "uncounted": ("source", str),
    "repeats": ("hash", str),
}


def examine_ledger(path: Path, indexed: Collection[str] | None) -> list[Finding]:
    """Examine a copy of a ledger.

    ``indexed`` are the addresses in the index, None where these can't be read. Raises
    IndexDamaged for another program's database, and IndexMismatch for a newer ledger.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            version = _version(db, path)
            findings = [*_check_structure(db, version), *_check_records(db)]
            # Of a damaged ledger it can't be said what it lists.
            if indexed is not None and not findings:
                findings += _check_articles(db, indexed)
        except sqlite3.DatabaseError as error:
            require_damage(error)  # a disk that fails says nothing of what is stored
            return [_lost(f"A part of the ledger can't be read ({error}).")]
        except UnicodeDecodeError:  # SQLite quotes a damaged name in its message
            return [_lost("A part of the ledger can't be read.")]
    return findings


def _lost(text: str) -> Finding:
    # Whatever it is: all that a ledger has comes from outside.
    return Finding("ledger", text, mendable=False)


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {
        row[0]
        for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if tables and not tables >= {"sources", "items", "pages"}:
        raise IndexDamaged(f"{path.name} is no ledger of Blogsearch.")
    if version > len(MIGRATIONS):
        raise IndexMismatch(
            "A newer Blogsearch made this ledger; update Blogsearch to use it."
        )
    return version


def _check_structure(db: sqlite3.Connection, version: int) -> Iterator[Finding]:
    found = structure_of(db)
    if found.damage:
        yield _lost(f"SQLite finds the ledger damaged ({found.damage}).")
    if found.orphans:
        yield _lost(f"{len(found.orphans)} rows of the ledger belong to no source.")
    if found.schema != _schema_of_version(version):
        yield _lost("The ledger's tables are not those that Blogsearch makes.")


def _schema_of_version(version: int) -> Schema:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        return schema_of(db)


def _check_records(db: sqlite3.Connection) -> Iterator[Finding]:
    # An older ledger hasn't all of them.
    tables = {name.decode() for name, _ in schema_of(db)} & READERS.keys()
    unreadable = 0
    for table in tables:
        column, read = READERS[table]
        for (value,) in db.execute(f"SELECT CAST({column} AS BLOB) FROM {table}"):  # noqa: S608  # fixed names
            try:
                # On a damaged page a value may be NULL, though its column forbids it.
                read((value or b"").decode())
            except (IndexDamaged, ValueError):  # no JSON, or not even a text
                unreadable += 1
    if unreadable:
        yield _lost(f"{unreadable} rows of the ledger can't be read.")


def _check_articles(
    db: sqlite3.Connection, indexed: Collection[str]
) -> Iterator[Finding]:
    rows = db.execute("SELECT DISTINCT article FROM pages WHERE article != ''")
    listed = {url for (url,) in rows}
    if missing := sorted(listed.difference(indexed)):
        text = f"The ledger has {len(missing)} articles that the index doesn't hold:"
        yield Finding("ledger-ahead", f"{text} {named(missing)}.")
