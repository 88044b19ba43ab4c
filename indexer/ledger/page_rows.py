"""The ledger's rows of pages: how each address ended, and what the user wants out.

Writes nothing by itself: the caller opens the transaction.
"""

from __future__ import annotations

import sqlite3

from indexer.ledger.pending import STATE
from indexer.ledger.rows import page_of, to_row
from indexer.ledger.schema import identity_or_url
from indexer.records import PageRecord


class PageRows:
    """The part of the ledger that remembers addresses."""

    _db: sqlite3.Connection

    def page(self, url: str) -> PageRecord | None:
        """Return the end of the last try at this address, None if there was none."""
        sql = "SELECT value FROM pages WHERE url = ?"
        row = self._db.execute(sql, (url,)).fetchone()
        if row:
            return page_of(row[0])
        return None

    def pages(self) -> list[PageRecord]:
        """Return the records of all addresses."""
        rows = self._db.execute("SELECT value FROM pages")
        return [page_of(value) for (value,) in rows]

    def put_page(self, page: PageRecord) -> None:
        """Store how a try ended."""
        # The columns repeat the record's article, for an index over each.
        identity = page.article and identity_or_url(page.article)
        self._db.execute(
            "INSERT INTO pages VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
            " article = excluded.article, value = excluded.value,"
            " identity = excluded.identity",
            (page.url, page.article, to_row(page), identity),
        )

    def drop_page(self, url: str) -> None:
        """Drop what is known of an address: it is as new."""
        self._db.execute("DELETE FROM pages WHERE url = ?", (url,))

    def urls_of_article(self, article: str) -> list[str]:
        """Return the addresses under which sources list one article of the index."""
        rows = self._db.execute(
            "SELECT url FROM pages WHERE article = ? ORDER BY rowid", (article,)
        )
        return [url for (url,) in rows]

    def articles_alike(self, identity: str) -> list[str]:
        """Return the articles of this identity to which addresses lead."""
        rows = self._db.execute(
            "SELECT DISTINCT article FROM pages"
            " WHERE identity = ? AND identity != '' ORDER BY rowid",
            (identity,),
        )
        return [article for (article,) in rows]

    def articles(self) -> set[str]:
        """Return all articles to which addresses lead."""
        rows = self._db.execute(
            "SELECT DISTINCT article FROM pages WHERE article != ''"
        )
        return {article for (article,) in rows}

    def fates(self, source: str) -> list[tuple[str, str, PageRecord | None]]:
        """Return address, title and record of all that a source lists, in order."""
        rows = self._db.execute(
            "SELECT i.url, i.value ->> 'title', p.value FROM items i"
            " LEFT JOIN pages p ON p.url = i.url WHERE i.source = ? ORDER BY i.rowid",
            (source,),
        )
        return [
            (url, title, page_of(page) if page else None) for url, title, page in rows
        ]

    # What the user wants out

    def forgotten(self) -> list[PageRecord]:
        """Return the addresses that are not to be fetched, each with its reason."""
        # Both as in the index, by which the few are found.
        rows = self._db.execute(
            f"SELECT value FROM pages WHERE {STATE} = 'forgotten'"  # noqa: S608  # fixed
            f" AND ({STATE} != 'good' OR article = '')"
        )
        return [page_of(value) for (value,) in rows]

    def forgotten_sites(self) -> list[str]:
        """Return the hosts of which nothing is to be fetched."""
        rows = self._db.execute("SELECT host FROM forgotten_sites")
        return [host for (host,) in rows]

    def forget_site(self, host: str) -> None:
        """Have nothing of this host fetched any more."""
        self._db.execute("INSERT OR IGNORE INTO forgotten_sites VALUES (?)", (host,))

    def recall_site(self, host: str) -> None:
        """Have this host fetched again."""
        self._db.execute("DELETE FROM forgotten_sites WHERE host = ?", (host,))
