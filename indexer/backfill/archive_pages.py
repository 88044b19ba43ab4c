"""The links of a page that lists posts: which lead to posts, which to more of the list.
Pure.

No theme is known by name. Two things hold in all of them: posts of one list hang in the
tree in the same way (so the known posts show how), and more of the list is behind links
that say so by their relation, their address or a handful of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from indexer.backfill.archive_words import (
    is_archive_name,
    names_archive,
    names_more,
    names_neighbour,
)
from indexer.extract.dom import Element, decode, parse
from indexer.text.url_patterns import is_below_list
from indexer.text.urls import resolve, same_site
from search.text.urls import canonical, identity

MOST_LINKS = 20_000  # of one page; the longest real archive seen lists 3,000 posts
# characters of a link that says where it leads rather than what it is about
_SHORT = 40

_NUMBERED = re.compile(
    r"^(.*?)/?(?:(?:page|seite|pagina|página|p)[/_-]?)(\d{1,4})/?((?:index)?(?:\.html?|\.php)?)$",
    re.IGNORECASE,
)
_NUMBERS = ("page", "paged", "p", "pg", "start", "offset", "pagina", "seite")
_REGIONS = {"nav", "header", "footer", "aside"}
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page to its own site. ``place`` says how it hangs in the tree, the
    same for all entries of one list; ``aside`` that this is a menu, a margin or a foot;
    ``relations`` as written."""

    url: str
    text: str = ""
    relations: frozenset[str] = frozenset()
    place: str = ""
    aside: bool = False


def read_links(body: bytes, url: str, *, charset: str = "") -> tuple[Link, ...]:
    """The links of a page to pages of its own site, those in its head (rel=next) too,
    in order."""
    root = parse(decode(body, charset))
    base = url
    links: list[Link] = []
    for element in root.elements():
        href = element.attrs.get("href", "")
        if element.tag == "base" and base == url:
            base = resolve(url, href) or url
        elif element.tag in ("a", "link") and href:
            link = _link(element, resolve(base, href), url)
            if link:
                links.append(link)
        if len(links) == MOST_LINKS:
            break
    return tuple(links)


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


def _link(element: Element, address: str | None, page: str) -> Link | None:
    if address is None or not same_site(address, page):
        return None
    relations = frozenset(element.attrs.get("rel", "").lower().split())
    if element.tag == "link" and not relations & {
        "next",
        "prev",
        "previous",
        "archives",
    }:
        return None
    above = list(element.ancestors())
    aside = any(
        (a.tag in _REGIONS and not _in_entry(a)) or a.attrs.get("role") == "navigation"
        for a in above
    )
    classes = frozenset(name.lower() for name in element.attrs.get("class", "").split())
    return Link(
        url=canonical(address),
        text=element.text[:300] or element.attrs.get("title", "")[:300],
        relations=relations | (classes & {"prev", "next", "previous"}),
        place="/".join(_step(e) for e in [element, *above][:8]),
        aside=aside,
    )


def _in_entry(element: Element) -> bool:
    """A header or footer of an article, not of the page."""
    return element.tag in ("header", "footer") and any(
        a.tag in ("article", "main", "section", "li") for a in element.ancestors()
    )


def _step(element: Element) -> str:
    """An element without what differs from one entry to the next: numbers, an entry's
    own classes."""
    if element.tag in ("li", "article", "tr", "section", "h1", "h2", "h3"):
        return element.tag
    names = element.attrs.get("class", "").split()
    return f"{element.tag}.{_DIGITS.sub('', names[0])}" if names else element.tag


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
