"""The SQLite room of the crawl: which sources there are, what they list, how each page
fared."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.fetch.http.server_memory import Memory
from indexer.ledger.schema import open_to_read, open_to_write
from indexer.records import (
    FileRecord,
    Item,
    PageRecord,
    RobotsCopy,
    SourceRecord,
    Validators,
)
from search.index.sqlite.connection import explain

DATABASE = "ledger.sqlite"


class Ledger:
    """Remembers the crawl between runs. Only the holder of the index's lock writes.

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

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside, or none of them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a failing disk may have ended it
                self._db.execute("ROLLBACK")
            raise

    def sources(self) -> list[SourceRecord]:
        """All sources, in the order in which they were added."""
        rows = self._db.execute("SELECT value FROM sources ORDER BY rowid")
        return [SourceRecord(**json.loads(row[0])) for row in rows]

    def source(self, url: str) -> SourceRecord | None:
        """The source that is read from this address."""
        row = self._db.execute(
            "SELECT value FROM sources WHERE url = ?", (url,)
        ).fetchone()
        return SourceRecord(**json.loads(row[0])) if row else None

    def put_source(self, source: SourceRecord) -> None:
        """Remember a source, or what has changed of it."""
        if self.source(source.url) != source:
            self._db.execute(
                "INSERT INTO sources VALUES (?, ?) ON CONFLICT (url) DO UPDATE SET value = excluded.value",
                (source.url, _dump(source)),
            )

    def move_source(self, old: str, new: str) -> None:
        """The source has a new address for good (301, 308); one already there takes it
        over."""
        record = self.source(old)
        if record is not None and old != new:
            if self.source(new) is None:
                self.put_source(replace(record, url=new))
            self._db.execute(
                "UPDATE OR IGNORE items SET source = ? WHERE source = ?", (new, old)
            )
            self._db.execute(
                "UPDATE OR IGNORE discoveries SET source = ? WHERE source = ?",
                (new, old),
            )
            self.drop_source(old)

    def lone_urls(self, source: str) -> list[str]:
        """The addresses that this source lists and no other."""
        rows = self._db.execute(
            "SELECT url FROM items WHERE source = ? AND url NOT IN (SELECT url FROM items WHERE source != ?)",
            (source, source),
        )
        return [row[0] for row in rows]

    def drop_source(self, url: str) -> None:
        """Forget a source, and the addresses that no other source lists, unless the
        user wants those out."""
        self.drop_items(url, self.lone_urls(url))
        self._db.execute("DELETE FROM sources WHERE url = ?", (url,))
        self._db.execute("DELETE FROM discoveries WHERE source = ?", (url,))

    def drop_items(self, source: str, urls: Iterable[str]) -> None:
        """The source leads to these addresses no longer; those that no other source
        lists are forgotten."""
        gone = set(urls)
        for lone in gone.intersection(self.lone_urls(source)):
            self._db.execute(
                "DELETE FROM pages WHERE url = ? AND value ->> 'state' != 'forgotten'",
                (lone,),
            )
            self._db.execute("DELETE FROM links WHERE page = ?", (lone,))
        self._db.executemany(
            "DELETE FROM items WHERE source = ? AND url = ?",
            [(source, url) for url in gone],
        )

    def put_items(self, source: str, items: Iterable[tuple[Item, str]]) -> None:
        """Remember what a source lists, each item with its hash; what it listed before
        stays."""
        self._db.executemany(
            "INSERT INTO items VALUES (?, ?, ?, ?) ON CONFLICT (source, url) DO UPDATE SET"
            " hash = excluded.hash, value = excluded.value WHERE hash != excluded.hash",
            [(source, item.url, digest, _dump(item)) for item, digest in items],
        )

    def urls_of_source(self, source: str) -> list[str]:
        """The addresses that a source lists, in its order."""
        rows = self._db.execute(
            "SELECT url FROM items WHERE source = ? ORDER BY rowid", (source,)
        )
        return [row[0] for row in rows]

    def hash_of_url(self, url: str) -> str:
        """One hash over what all sources say of an address."""
        rows = self._db.execute(
            "SELECT hash FROM items WHERE url = ? ORDER BY rowid", (url,)
        )
        return "".join(row[0][:16] for row in rows)

    def listings(self, *, after: int = 0) -> list[tuple[int, str, str, str]]:
        """All that sources list, from a row's number on: number, source, address, hash
        of what it says."""
        rows = self._db.execute(
            "SELECT rowid, source, url, hash FROM items WHERE rowid > ? ORDER BY rowid",
            (after,),
        )
        return [tuple(row) for row in rows]

    def entries(self, source: str) -> list[tuple[str, tuple[str, str]]]:
        """What a source lists under a title: address, title with ISO date or ""."""
        rows = self._db.execute(
            "SELECT url, value ->> 'title', value ->> 'published' FROM items WHERE source = ?"
            " AND value ->> 'title' != '' ORDER BY rowid",
            (source,),
        )
        return [(url, (title, day)) for url, title, day in rows]

    def items_of_url(self, url: str) -> list[tuple[Item, SourceRecord]]:
        """What each source says of an address, and the source; oldest source first."""
        rows = self._db.execute(
            "SELECT i.value, s.value FROM items i JOIN sources s ON s.url = i.source"
            " WHERE i.url = ? ORDER BY s.rowid",
            (url,),
        )
        return [
            (item_of(value), SourceRecord(**json.loads(source)))
            for value, source in rows
        ]

    def fates(self, source: str) -> list[tuple[str, str, PageRecord | None]]:
        """What a source lists, in its order: address, title, how the last try at it
        ended."""
        rows = self._db.execute(
            "SELECT i.url, i.value ->> 'title', p.value FROM items i LEFT JOIN pages p ON p.url = i.url"
            " WHERE i.source = ? ORDER BY i.rowid",
            (source,),
        )
        return [
            (url, title, PageRecord(**json.loads(page)) if page else None)
            for url, title, page in rows
        ]

    def page(self, url: str) -> PageRecord | None:
        """How the last try at this address ended, None where there was none."""
        row = self._db.execute(
            "SELECT value FROM pages WHERE url = ?", (url,)
        ).fetchone()
        return PageRecord(**json.loads(row[0])) if row else None

    def pages(self) -> list[PageRecord]:
        """How every address fared."""
        return [
            PageRecord(**json.loads(row[0]))
            for row in self._db.execute("SELECT value FROM pages")
        ]

    def drop_page(self, url: str) -> None:
        """Forget how the tries at this address ended: it is as new."""
        self._db.execute("DELETE FROM pages WHERE url = ?", (url,))

    def put_page(self, page: PageRecord) -> None:
        """Remember how a try ended."""
        self._db.execute(
            "INSERT INTO pages VALUES (?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
            " article = excluded.article, value = excluded.value",
            (page.url, page.article, _dump(page)),
        )

    def urls_of_article(self, article: str) -> list[str]:
        """The addresses under which sources list one article of the index."""
        rows = self._db.execute(
            "SELECT url FROM pages WHERE article = ? ORDER BY rowid", (article,)
        )
        return [row[0] for row in rows]

    # Folders

    def files(self, source: str) -> dict[str, FileRecord]:
        """The files of a folder as they were last seen, by address."""
        rows = self._db.execute("SELECT value FROM files WHERE source = ?", (source,))
        return {
            record.file: record
            for record in (FileRecord(**json.loads(row[0])) for row in rows)
        }

    def put_files(self, source: str, files: Mapping[str, FileRecord]) -> None:
        """Remember the files of a folder, in place of what was remembered of it."""
        before = self.files(source)
        self._db.executemany(
            "DELETE FROM files WHERE source = ? AND file = ?",
            [(source, file) for file in before.keys() - files.keys()],
        )
        self._db.executemany(
            "INSERT INTO files VALUES (?, ?, ?)"
            " ON CONFLICT (source, file) DO UPDATE SET value = excluded.value",
            [
                (source, file, _dump(record))
                for file, record in files.items()
                if before.get(file) != record
            ],
        )

    # What the user wants out

    def forgotten(self) -> list[PageRecord]:
        """The addresses that are not to be fetched, each with its reason."""
        rows = self._db.execute(
            "SELECT value FROM pages WHERE value ->> 'state' = 'forgotten'"
        )
        return [PageRecord(**json.loads(row[0])) for row in rows]

    def forgotten_sites(self) -> list[str]:
        """The hosts of which nothing is to be fetched."""
        return [row[0] for row in self._db.execute("SELECT host FROM forgotten_sites")]

    def forget_site(self, host: str) -> None:
        """Nothing of this host is to be fetched."""
        self._db.execute("INSERT OR IGNORE INTO forgotten_sites VALUES (?)", (host,))

    def recall_site(self, host: str) -> None:
        """This host is not forgotten any more."""
        self._db.execute("DELETE FROM forgotten_sites WHERE host = ?", (host,))

    # Discovery of older posts

    def discovery(self, source: str) -> str:
        """How far the search for this source's older posts has come, "" where it hasn't
        begun."""
        row = self._db.execute(
            "SELECT value FROM discoveries WHERE source = ?", (source,)
        ).fetchone()
        return str(row[0]) if row else ""

    def put_discovery(self, source: str, value: str) -> None:
        """Remember how far the search for a source's older posts has come."""
        self._db.execute(
            "INSERT INTO discoveries VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET value = excluded.value",
            (source, value),
        )

    def put_links(self, page: str, value: str) -> None:
        """Remember where a page leads on its own site."""
        self._db.execute(
            "INSERT INTO links VALUES (?, ?) ON CONFLICT (page) DO UPDATE SET value = excluded.value",
            (page, value),
        )

    def links_of_source(self, source: str) -> list[str]:
        """Where the pages of a source's items lead, as far as they were read."""
        rows = self._db.execute(
            "SELECT l.value FROM links l JOIN items i ON i.url = l.page WHERE i.source = ?",
            (source,),
        )
        return [row[0] for row in rows]

    def memory(self) -> Memory:
        """What is remembered of servers."""
        told = {
            url: json.loads(value)
            for url, value in self._db.execute("SELECT url, value FROM robots")
        }
        robots = {
            url: RobotsCopy(
                said["text"], Validators(**said["seen"]), said.get("fresh_until", "")
            )
            for url, said in told.items()
        }
        return Memory(
            robots, dict(self._db.execute("SELECT key, until FROM holds").fetchall())
        )

    def put_memory(self, memory: Memory) -> None:
        """Remember what is new of it."""
        known = self.memory()
        robots = [
            (url, _dump(copy))
            for url, copy in memory.robots.items()
            if known.robots.get(url) != copy
        ]
        holds = [
            (key, until)
            for key, until in memory.holds.items()
            if known.holds.get(key) != until
        ]
        if robots or holds:
            with self.transaction():
                self._db.executemany(
                    "INSERT OR REPLACE INTO robots VALUES (?, ?)", robots
                )
                self._db.executemany(
                    "INSERT OR REPLACE INTO holds VALUES (?, ?)", holds
                )


def now_text(now: datetime) -> str:
    """A moment as the ledger writes it."""
    return now.astimezone(UTC).isoformat(timespec="seconds")


def _dump(record: SourceRecord | Item | PageRecord | RobotsCopy | FileRecord) -> str:
    return json.dumps(asdict(record), ensure_ascii=False)


def item_of(value: str) -> Item:
    """An item from its JSON."""
    fields = json.loads(value)
    fields["notes"] = tuple(tuple(note) for note in fields["notes"])
    return Item(**fields)
