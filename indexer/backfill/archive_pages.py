"""The links of a page that lists posts: which lead to posts, which to more of the list.
Pure.

No theme is known by name. Two things hold in all of them: posts of one list hang in the
tree in the same way (so the known posts show how), and more of the list is behind links
that say so by their relation, their address or a handful of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from indexer.backfill.archive_words import (
    is_archive_name,
    names_archive,
    names_more,
    names_neighbour,
)
from indexer.extract.links import Link, read_links
from indexer.text.url_patterns import is_below_list
from search.text.urls import identity

__all__ = [
    "Link",
    "archives",
    "more_pages",
    "neighbours",
    "page_number",
    "places_of",
    "read_links",
]

# characters of a link that says where it leads rather than what it is about
_SHORT = 40

_NUMBERED = re.compile(
    r"^(.*?)/?(?:(?:page|seite|pagina|página|p)[/_-]?)(\d{1,4})/?((?:index)?(?:\.html?|\.php)?)$",
    re.IGNORECASE,
)
_NUMBERS = ("page", "paged", "p", "pg", "start", "offset", "pagina", "seite")


def archives(links: Iterable[Link], home: str) -> list[str]:
    """Pages that by name list all posts, those first whose name says so most
    plainly."""
    found: dict[str, int] = {}
    for link in links:
        if identity(link.url) == identity(home):
            continue
        by_text = len(link.text) <= _SHORT and names_archive(link.text)
        by_name = is_archive_name(_last_name(link.url))
        if (by_text or by_name or "archives" in link.relations) and not is_below_list(
            link.url
        ):
            rank = 0 if by_name else 1
            found[link.url] = min(rank, found.get(link.url, rank))
    return sorted(found, key=lambda url: found[url])


def more_pages(links: Iterable[Link], listing: str) -> list[str]:
    """The further pages of this list: by relation, by a number in the address, by their
    words."""
    base, here = page_number(listing)
    found: list[str] = []
    for link in links:
        of, number = page_number(link.url)
        if number is not None and _same(of, base):
            if number != here:
                found.append(link.url)
        elif (link.relations & {"next", "prev"} and number is not None) or (
            len(link.text) <= _SHORT
            and link.text
            and names_more(link.text)
            and _says_older(link, base)
        ):
            found.append(link.url)
    return list(dict.fromkeys(found))


def neighbours(links: Iterable[Link]) -> list[str]:
    """Where a post says that the post before or after it is."""
    found = [
        link.url
        for link in links
        if link.relations & {"prev", "previous", "next"}
        or (0 < len(link.text) <= 200 and names_neighbour(link.text))
    ]
    return list(dict.fromkeys(found))


def page_number(url: str) -> tuple[str, int | None]:
    """The list that an address is a page of, and its number; (the address, None) where
    it has none."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _NUMBERS and value.isdigit() and len(value) < 6:
            rest = [(k, v) for k, v in parse_qsl(parts.query) if k != name]
            return urlunsplit(parts._replace(query=urlencode(rest), fragment="")), int(
                value
            )
    match = _NUMBERED.match(parts.path)
    if match:
        return urlunsplit(parts._replace(path=f"{match[1]}/", fragment="")), int(
            match[2]
        )
    return url, None


def _last_name(url: str) -> str:
    path = unquote(urlsplit(url).path).lower().rstrip("/")
    return re.sub(r"\.(?:html?|php|shtml)$", "", path.rpartition("/")[2])


def _same(one: str, other: str) -> bool:
    return identity(one) == identity(other)


def _says_older(link: Link, base: str) -> bool:
    """A word alone ("next", "»") is believed of a list's own folder, not of pages
    elsewhere."""
    folder = urlsplit(base).path.rpartition("/")[0]
    return urlsplit(link.url).path.startswith(folder) and bool(
        re.search(r"\w", link.text)
    )


def places_of(links: Sequence[Link], known: Iterable[str]) -> frozenset[str]:
    """How the known posts hang in this page's tree; menus only where they hang nowhere
    else."""
    keys = set(known)
    mine = [link for link in links if identity(link.url) in keys]
    inside = frozenset(link.place for link in mine if not link.aside)
    return inside or frozenset(link.place for link in mine)
