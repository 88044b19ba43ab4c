"""What is wrong with the ledger, what can be read of a damaged one, and what it
believes the index holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.ledger.ledger import Ledger
from indexer.ledger.rows import file_of, item_of, page_of, source_of
from indexer.ledger.schedule import timestamp
from indexer.ledger.schema import MIGRATIONS
from indexer.records import SourceKind, SourceRecord
from indexer.text.urls import post_fragment, shared_page
from search.errors import IndexDamaged, IndexMismatch
from search.index.sqlite.check import ENOUGH, Finding, bare_schema, named
from search.index.sqlite.salvage import Table, salvage
from search.index.sqlite.sqlite_file import SqliteFile

TABLES = (
    Table("sources", "ss", tells=lambda values: '"kind":' in str(values[1])),
    Table("items", "ssss"),
    Table("pages", "sss", tells=lambda values: '"state":' in str(values[2])),
    Table("discoveries", "ss", tells=None),
    Table("links", "ss", tells=None),
    Table("robots", "ss", tells=lambda values: '"seen":' in str(values[1])),
    Table("files", "sss", tells=lambda values: '"stamp":' in str(values[2])),
    Table("forgotten_sites", "s"),
    Table("holds", "ss", tells=None),
)
_READ: dict[str, Callable[[str], object]] = {
    "sources": source_of,
    "items": item_of,
    "pages": page_of,
    "files": file_of,
    "robots": json.loads,
    "discoveries": json.loads,
    "links": json.loads,
}
_SAID_TWICE = {  # columns that a row's JSON has as well
    "sources": ("url",), "items": ("url",), "pages": ("url", "article"), "files": ("file",),
}  # fmt: skip

_FAILS = (
    sqlite3.DatabaseError,
    UnicodeDecodeError,
)  # the second where SQLite quotes a damaged name


def examine_ledger(path: Path, held: Collection[str] | None) -> Iterator[Finding]:
    """Look at a copy of a ledger; ``held`` are the addresses in the index, None where
    that can't be read.

    Raises IndexDamaged or IndexMismatch where it is no ledger, or a newer one.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            version = _version(db, path)
        except _FAILS as error:
            if not _is_ours(path):
                raise IndexDamaged(
                    f"{path.name} is no ledger of Blogsearch ({error})."
                ) from error
            yield Finding("ledger", "The beginning of the ledger is damaged.")
            return
        try:
            yield from _structure(db, version)
            yield from _believed(db, held)
        except _FAILS as error:
            yield Finding("ledger", f"A part of the ledger can't be read ({error}).")


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {
        row[0]
        for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if tables and not tables >= {"sources", "items", "pages"}:
        raise IndexDamaged(f"{path.name} is no ledger of Blogsearch.")
    if version > len(MIGRATIONS) and tables != {table.name for table in TABLES}:
        raise IndexMismatch(
            "A newer Blogsearch made this ledger; update Blogsearch to use it."
        )
    return version


def _is_ours(path: Path) -> bool:
    file = SqliteFile(path.read_bytes())
    if len(file.tables().keys() & {table.name for table in TABLES}) >= ENOUGH:
        return True
    pages = next(table for table in TABLES if table.name == "pages")
    rows = (row.values for number in file.leaves() for row in file.leaf(number))
    return any(
        pages.fits(values) and pages.tells is not None and pages.tells(values)
        for values in rows
    )


def _structure(db: sqlite3.Connection, version: int) -> Iterator[Finding]:
    db.text_factory = bytes
    try:
        said = [row[0] for row in db.execute("PRAGMA integrity_check(10)")]
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
        made = db.execute(
            "SELECT name, sql FROM sqlite_schema ORDER BY name"
        ).fetchall()
    finally:
        db.text_factory = str
    if said != [b"ok"]:
        first = said[0].decode(errors="replace").splitlines()[-1]
        yield Finding("ledger", f"SQLite finds the ledger damaged ({first}).")
    if orphans:
        yield Finding(
            "ledger", f"{len(orphans)} rows of the ledger belong to no source."
        )
    if version > len(MIGRATIONS) or bare_schema(made) != _schema(version):
        yield Finding(
            "ledger", "The ledger's tables are not those that Blogsearch makes."
        )
    unread = sum(
        len(_unreadable(db, table))
        for table in _READ
        if table in {row[0].decode() for row in made}
    )
    if unread:
        yield Finding("ledger", f"{unread} rows of the ledger can't be read.")


def _schema(version: int) -> list[tuple[bytes, bytes]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        db.text_factory = bytes
        return bare_schema(
            db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        )


def _unreadable(db: sqlite3.Connection, table: str) -> list[int]:
    """The numbers of rows whose values are not what is written there."""
    found = []
    names = _SAID_TWICE.get(table, ())
    columns = ", ".join(f"CAST({name} AS BLOB)" for name in ("value", *names))
    for number, value, *keys in db.execute(f"SELECT rowid, {columns} FROM {table}"):  # noqa: S608  # fixed names
        try:
            record = _READ[table](value.decode())
            is_sound = all(
                getattr(record, n) == k.decode()
                for n, k in zip(names, keys, strict=True)
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            is_sound = False
        if not is_sound:
            found.append(number)
    return found


def _believed(
    db: sqlite3.Connection, held: Collection[str] | None
) -> Iterator[Finding]:
    if held is None:
        return
    listed = {
        row[0]
        for row in db.execute("SELECT DISTINCT article FROM pages WHERE article != ''")
    }
    if missing := sorted(listed.difference(held)):
        text = f"The ledger has {len(missing)} articles that the index doesn't hold: {named(missing)}."
        yield Finding("ledger-ahead", text)


def make_ledger_over(damaged: Path, folder: Path) -> list[str]:
    """Write a new ledger from what can be read of a damaged one; the sources of which
    only what they list was left, and that are followed again."""
    Ledger(folder).close()
    with closing(sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)) as db:
        db.execute("BEGIN")
        salvage(damaged, db, TABLES)
        for table in _READ:
            rows = [(number,) for number in _unreadable(db, table)]
            db.executemany(f"DELETE FROM {table} WHERE rowid = ?", rows)  # noqa: S608  # fixed names
        lost = [
            row[0]
            for row in db.execute(
                "SELECT source FROM items UNION SELECT source FROM files EXCEPT SELECT url FROM sources"
            )
        ]
        for url in lost:
            values = (url, json.dumps(asdict(SourceRecord(url, _kind(db, url)))))
            db.execute("INSERT INTO sources VALUES (?, ?)", values)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return lost


def _kind(db: sqlite3.Connection, source: str) -> SourceKind:
    """What kind of source lists what this one does."""
    items = [
        item_of(row[0])
        for row in db.execute("SELECT value FROM items WHERE source = ?", (source,))
    ]
    if any(item.notes for item in items):
        return "linkpage"
    if any(item.file for item in items) or not items:
        return "folder" if Path(source.removeprefix("file://")).is_dir() else "archive"
    return "article" if [item.url for item in items] == [source] else "feed"


def align(
    ledger: Ledger, held: Collection[str], doubtful: Collection[str]
) -> list[str]:
    """Have the next update fetch what the index lacks, and look again at what may have
    changed by itself; the addresses of the articles that it lacks."""
    lacking = []
    with ledger.transaction():
        for page in ledger.pages():
            if page.article and page.article not in held:
                lacking.append(page.article)
                ledger.drop_page(page.url)
            elif page.article and page.article in doubtful:
                again = replace(
                    page, item_hash="", validators={}, due=timestamp(datetime.now(UTC))
                )
                ledger.put_page(again)
            else:
                continue
            if post_fragment(page.url):
                ledger.drop_page(shared_page(page.url))
    return sorted(set(lacking))
