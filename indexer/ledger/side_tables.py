"""The ledger's smaller tables: files of folders, searches for older posts, links between
pages, and what servers asked for.

Writes nothing by itself, but for the servers: the caller opens the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from indexer.fetch.http.server_memory import ServerMemory
from indexer.ledger.rows import file_of, moment_of_hold, robots_of, to_row
from indexer.records import FileRecord


class SideTables:
    """The part of the ledger that other folders keep their notes in."""

    _db: sqlite3.Connection

    def transaction(self) -> AbstractContextManager[None]:
        """Do all writes inside, or none of them."""
        raise NotImplementedError

    def files(self, source: str) -> dict[str, FileRecord]:
        """Return the files of a folder as they were last seen, by address."""
        rows = self._db.execute("SELECT value FROM files WHERE source = ?", (source,))
        records = [file_of(value) for (value,) in rows]
        return {record.file: record for record in records}

    def put_files(self, source: str, files: Mapping[str, FileRecord]) -> None:
        """Store the files of a folder in place of those stored before."""
        before = self.files(source)
        gone = [(source, file) for file in before.keys() - files.keys()]
        changed = [
            (source, file, to_row(record))
            for file, record in files.items()
            if before.get(file) != record
        ]
        self._db.executemany("DELETE FROM files WHERE source = ? AND file = ?", gone)
        self._db.executemany(
            "INSERT INTO files VALUES (?, ?, ?)"
            " ON CONFLICT (source, file) DO UPDATE SET value = excluded.value",
            changed,
        )

    # What repeats on a site's pages

    def repeats(self, site: str) -> set[str]:
        """Return the hashes of what repeats on the pages of a host."""
        rows = self._db.execute("SELECT hash FROM repeats WHERE site = ?", (site,))
        return {hash_ for (hash_,) in rows}

    def add_repeats(self, found: Iterable[tuple[str, str]]) -> None:
        """Note hosts with the hashes of what repeats on their pages."""
        self._db.executemany(
            "INSERT INTO repeats VALUES (?, ?) ON CONFLICT DO NOTHING", found
        )

    # The search for older posts

    def discovery(self, source: str) -> str:
        """Return the state of the search for a source's older posts, "" before any."""
        row = self._db.execute(
            "SELECT value FROM discoveries WHERE source = ?", (source,)
        ).fetchone()
        if row:
            return str(row[0])
        return ""

    def put_discovery(self, source: str, value: str) -> None:
        """Store the state of the search for a source's older posts."""
        self._db.execute(
            "INSERT INTO discoveries VALUES (?, ?)"
            " ON CONFLICT (source) DO UPDATE SET value = excluded.value",
            (source, value),
        )

    def put_links(self, page: str, value: str) -> None:
        """Store where a page leads on its own site."""
        self._db.execute(
            "INSERT INTO links VALUES (?, ?)"
            " ON CONFLICT (page) DO UPDATE SET value = excluded.value",
            (page, value),
        )

    def links_of_source(self, source: str) -> list[str]:
        """Return where the pages of a source's items lead, as far as they were read."""
        rows = self._db.execute(
            "SELECT l.value FROM links l JOIN items i ON i.url = l.page"
            " WHERE i.source = ?",
            (source,),
        )
        return [value for (value,) in rows]

    # Servers

    def memory(self) -> ServerMemory:
        """Return what is remembered of servers."""
        robots = {}
        for url, value in self._db.execute("SELECT url, value FROM robots"):
            robots[url] = robots_of(value)
        holds = {}
        for key, until in self._db.execute("SELECT key, until FROM holds"):
            holds[key] = moment_of_hold(until)
        return ServerMemory(robots, holds)

    def put_memory(self, memory: ServerMemory) -> None:
        """Store what is new of it, in a transaction of its own."""
        known = self.memory()
        robots = [
            (url, to_row(copy))
            for url, copy in memory.robots.items()
            if known.robots.get(url) != copy
        ]
        holds = list(memory.pauses.items() - known.pauses.items())
        if not robots and not holds:
            return
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO robots VALUES (?, ?)", robots)
            self._db.executemany("INSERT OR REPLACE INTO holds VALUES (?, ?)", holds)
