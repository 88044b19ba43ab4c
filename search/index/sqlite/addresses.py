"""An article by any alias of its address."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

from search.index.addresses import alias_among, longest_letters, page_of


def find(db: sqlite3.Connection, url: str) -> int | None:
    """Return the number of the article at this address, or at an alias of it.

    None where there is none. An address with a fragment finds the post that is stored
    under it, else the page.
    """
    exact = db.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
    if exact:
        return int(exact[0])
    page = page_of(url)
    if not page:
        return None
    return alias_among(url, _candidates(db, page))


def _candidates(db: sqlite3.Connection, page: str) -> list[tuple[int, str]]:
    """Read the addresses on the page's host that share its longest run of letters."""
    # A host may have ten thousand articles, and reading an address takes 30 µs.
    host = urlsplit(f"//{page}").hostname
    rows = db.execute(
        "SELECT id, url FROM articles WHERE host IN (?1, 'www.' || ?1)"
        " AND instr(lower(url), ?2) ORDER BY id",
        (host, longest_letters(page)),
    )
    return [(int(number), url) for number, url in rows]
