"""An article by any alias of its address."""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import urlsplit

from search.text.urls import AddressError, identity


def find(db: sqlite3.Connection, url: str) -> int | None:
    """Return the number of the article at this address, or at an alias of it.

    None where there is none. An address with a fragment finds the post that is stored
    under it, else the page.
    """
    exact = db.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
    if exact:
        return int(exact[0])
    try:
        wanted = {section: identity(url, section=section) for section in (True, False)}
    except AddressError:
        return None
    rows = _candidates(db, wanted[False])
    for section, key in wanted.items():
        for number, stored in rows:
            if _identity(stored, section=section) == key:
                return number
    return None


def _candidates(db: sqlite3.Connection, key: str) -> list[tuple[int, str]]:
    """Read the addresses on the key's host that share its longest run of letters."""
    # A host may have ten thousand articles, and reading an address takes 30 µs.
    host = urlsplit(f"//{key}").hostname
    letters = max(re.findall("[a-z]+", key.lower()), key=len, default="")
    rows = db.execute(
        "SELECT id, url FROM articles WHERE host IN (?1, 'www.' || ?1)"
        " AND instr(lower(url), ?2) ORDER BY id",
        (host, letters),
    )
    return [(int(number), url) for number, url in rows]


def _identity(url: str, *, section: bool) -> str:
    try:
        return identity(url, section=section)
    except AddressError:
        return ""
