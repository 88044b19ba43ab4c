"""An article by any spelling of its address."""

from __future__ import annotations

import re
import sqlite3
from urllib.parse import unquote, urlsplit

_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|mc_[ce]id|ref_src)(?:=.*)?")
_INDEX_FILE = re.compile(r"/index\.(?:html?|php)$")


def find(db: sqlite3.Connection, url: str) -> int | None:
    """The number of the article at this address, spelt as it is held or otherwise; None
    for any other."""
    exact = db.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
    if exact:
        return int(exact[0])
    wanted = spelling_key(url)
    if wanted is None:
        return None
    rows = db.execute(
        "SELECT id, url FROM articles WHERE host IN (?1, 'www.' || ?1) ORDER BY id",
        (_host(wanted),),
    )
    return next(
        (int(number) for number, held in rows if spelling_key(held) == wanted), None
    )


def spelling_key(url: str) -> str | None:
    """What all spellings of an address share: no scheme, ``www.``, port of the scheme,
    ``/index.html``, final slashes, tracking parameters and fragment, but one that names
    a page (``#!/…``). None for no address."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    path = _INDEX_FILE.sub("", unquote(parts.path)).rstrip("/")
    query = "&".join(
        part
        for part in parts.query.split("&")
        if part and not _TRACKING.fullmatch(part)
    )
    route = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    return f"{host}:{'' if port in (None, 80, 443) else port}{path}?{query}#{route}"


def _host(key: str) -> str:
    return key.partition(":")[0]
