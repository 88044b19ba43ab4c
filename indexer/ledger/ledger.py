"""The ledger: which sources there are, what they list, and how each page ended.

Knows SQLite; decides nothing about pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from indexer.ledger.erasing import ErasingRows
from indexer.ledger.page_rows import PageRows
from indexer.ledger.pending import Pending
from indexer.ledger.rows import item_of, source_of, to_row
from indexer.ledger.schema import identity_or_url, open_to_read, open_to_write
from indexer.ledger.side_tables import SideTables
from indexer.records import Item, SourceRecord
from search.index.sqlite.connection import explain
from search.index.sqlite.erasing.compaction import compact
from search.text.tags import names_of

DATABASE = "ledger.sqlite"
PAGES = 1000  # of the log, after which it is brought in: SQLite's usual number
# A row that changes keeps its number, by which the order of a list is known. Tags are
# not hashed; older rows have none, and a damaged one is the doctor's.
_PUT_ITEM = """
INSERT INTO items VALUES (?, ?, ?, ?, ?)
ON CONFLICT (source, url) DO UPDATE SET hash = excluded.hash, value = excluded.value
WHERE hash != excluded.hash
    OR coalesce(iif(json_valid(items.value), items.value ->> 'tags', NULL), '[]')
        != excluded.value ->> 'tags'
"""


class Ledger(PageRows, SideTables, ErasingRows, Pending):
    """The crawl's memory between runs. Only the holder of the index's lock writes.

    With ``read_only`` it is looked at as it is, also where nothing may be written; a
    folder without one has an empty one.
    """

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        path = directory / DATABASE
        try:
            self._db = open_to_read(path) if read_only else open_to_write(path)
        except sqlite3.DatabaseError as error:
            raise explain(error, path) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def keep_log_short(self) -> None:
        """Bring the log in while a run goes on, where no index's writer does."""
        self._db.execute(f"PRAGMA wal_autocheckpoint = {PAGES}")

    def compact(self) -> bool:
        """Write the file anew, so that nothing is in it but its rows.

        Returns False where a reader keeps what was there before.
        """
        return compact(self._db)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all writes inside, or none of them."""
        # Immediate: another writer is met here, not in the middle of the writes.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a failing disk may have ended it
                self._db.execute("ROLLBACK")
            raise

    # Sources

    def sources(self) -> list[SourceRecord]:
        """Return all sources, in the order in which they were added."""
        rows = self._db.execute("SELECT value FROM sources ORDER BY rowid")
        return [source_of(value) for (value,) in rows]

    def source(self, url: str) -> SourceRecord | None:
        """Return the source that is read from this address."""
        sql = "SELECT value FROM sources WHERE url = ?"
        row = self._db.execute(sql, (url,)).fetchone()
        if row:
            return source_of(row[0])
        return None

    def put_source(self, source: SourceRecord) -> None:
        """Store a source, or what has changed of it."""
        known = self.source(source.url)
        if known != source:
            self._db.execute(
                "INSERT INTO sources VALUES (?, ?)"
                " ON CONFLICT (url) DO UPDATE SET value = excluded.value",
                (source.url, to_row(source)),
            )
        if known is not None and known.collections != source.collections:
            self.unsettle(source.url)

    def move_source(self, old: str, new: str) -> None:
        """Give a source a new address for good (301, 308).

        A source that is there already takes it over.
        """
        record = self.source(old)
        if record is None or old == new:
            return
        # Items belong to a source that is there, so the new one comes first.
        there = self.source(new) or replace(record, url=new)
        collections = names_of((*there.collections, *record.collections))
        self.put_source(replace(there, collections=collections))
        for table in ("items", "discoveries"):
            self._db.execute(
                f"UPDATE OR IGNORE {table} SET source = ? WHERE source = ?",  # noqa: S608  # fixed names
                (new, old),
            )
        self.drop_source(old)

    def drop_source(self, url: str) -> None:
        """Drop a source, and what is known of the addresses that no other lists.

        What the user wants out stays known.
        """
        self.drop_items(url, self._listed_alone(url))
        self._db.execute("DELETE FROM sources WHERE url = ?", (url,))
        self._db.execute("DELETE FROM discoveries WHERE source = ?", (url,))

    # Items

    def put_items(self, source: str, items: Iterable[Item]) -> None:
        """Store what a source lists; what it listed before stays.

        Of what is forgotten or gone no words are stored.
        """
        self._db.executemany(
            _PUT_ITEM,
            [
                (source, item.url, hash_, to_row(item), identity_or_url(item.url))
                for item, hash_ in self.without_words(items)
            ],
        )

    def drop_items(self, source: str, urls: Iterable[str]) -> None:
        """Drop addresses from a source's list.

        What is known of those that no other source lists goes too, but for what the
        user wants out.
        """
        dropped = set(urls)
        for url in dropped.intersection(self._listed_alone(source)):
            self._db.execute(
                "DELETE FROM pages WHERE url = ? AND value ->> 'state' != 'forgotten'",
                (url,),
            )
            self._db.execute("DELETE FROM links WHERE page = ?", (url,))
        self._db.executemany(
            "DELETE FROM items WHERE source = ? AND url = ?",
            [(source, url) for url in dropped],
        )

    def _listed_alone(self, source: str) -> list[str]:
        rows = self._db.execute(
            "SELECT url FROM items WHERE source = ?"
            " AND url NOT IN (SELECT url FROM items WHERE source != ?)",
            (source, source),
        )
        return [url for (url,) in rows]

    def urls_of_source(self, source: str) -> list[str]:
        """Return the addresses that a source lists, in its order."""
        rows = self._db.execute(
            "SELECT url FROM items WHERE source = ? ORDER BY rowid", (source,)
        )
        return [url for (url,) in rows]

    def hash_of_url(self, url: str) -> str:
        """Return one hash over what all sources say of an address."""
        rows = self._db.execute(
            "SELECT hash FROM items WHERE url = ? ORDER BY rowid", (url,)
        )
        return "".join(full[:16] for (full,) in rows)

    def listed_urls(self) -> list[str]:
        """Return every address that any source lists."""
        rows = self._db.execute("SELECT DISTINCT url FROM items")
        return [url for (url,) in rows]

    def listings(self, identity: str) -> list[tuple[str, str, str]]:
        """Return source, address and item hash of each listing of an identity, oldest
        first."""
        return self._db.execute(
            "SELECT source, url, hash FROM items WHERE identity = ? ORDER BY rowid",
            (identity,),
        ).fetchall()

    def entries(self, source: str) -> list[tuple[str, tuple[str, str]]]:
        """Return what a source lists under a title: address, (title, ISO date or "")."""
        rows = self._db.execute(
            "SELECT url, value ->> 'title', value ->> 'published' FROM items"
            " WHERE source = ? AND value ->> 'title' != '' ORDER BY rowid",
            (source,),
        )
        return [(url, (title, day)) for url, title, day in rows]

    def items_of_url(self, url: str) -> list[tuple[Item, SourceRecord]]:
        """Return the item of each source that lists an address, oldest source first."""
        rows = self._db.execute(
            "SELECT i.value, s.value FROM items i JOIN sources s ON s.url = i.source"
            " WHERE i.url = ? ORDER BY s.rowid",
            (url,),
        )
        return [(item_of(item), source_of(source)) for item, source in rows]
