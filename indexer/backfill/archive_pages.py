"""The links of a page that lists posts: to posts, to archives, to more of the list.

No theme is known by name. Two things are true of all of them. Posts of one list stand in
the same place of the tree, which the known posts tell. And more of the list is behind
links that say so by their relation, their address or a handful of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from indexer.extract.links import Link
from indexer.text import link_words
from indexer.text.page_names import is_below_list
from search.text.urls import identity

# Characters of a link to the post before or after, which may be followed by a title.
LONGEST_NEIGHBOUR = 200

# /page/2/, /blog/page-3.html, /seite4/ and the like: the list, the number, the rest.
_NUMBERED = re.compile(
    r"^(.*?)/?(?:(?:page|seite|pagina|página|p)[/_-]?)(\d{1,4})/?((?:index)?(?:\.html?|\.php)?)$",
    re.IGNORECASE,
)
# Parameters that number pages, or count the entries before them; a longer number is an
# id.
_NUMBER = re.compile(
    r"(?:page|paged|p|pg|start|offset|pagina|seite)=[0-9]{1,5}",
    re.IGNORECASE | re.ASCII,
)
_PAGE_ENDING = re.compile(r"\.(?:html?|php|shtml)$")
_NEXT_PAGE = frozenset(["next", "prev"])
_NEIGHBOURS = frozenset(["next", "prev", "previous"])


def archives(links: Iterable[Link], home: str) -> list[str]:
    """Return the pages that by name list all posts, those named in the address first."""
    by_address: list[str] = []
    by_text: list[str] = []
    for link in links:
        # "Archive" below /tag/ is a topic, and the name of the home page is the blog's.
        if identity(link.url) == identity(home) or is_below_list(link.url):
            continue
        if link_words.is_archive_name(_last_name(link.url)):
            by_address.append(link.url)
        elif _names_archive(link):
            by_text.append(link.url)
    return list(dict.fromkeys(by_address + by_text))


def more_pages(links: Iterable[Link], listing: str) -> list[str]:
    """Return the further pages of a list, by relation, number in the address or words."""
    further: dict[str, None] = {}
    for link in links:
        if _is_further(link, listing):
            further[link.url] = None
    return list(further)


def neighbours(links: Iterable[Link]) -> list[str]:
    """Return the addresses that a post gives of the posts before and after it."""
    found = filter(_is_neighbour, links)
    return list(dict.fromkeys(link.url for link in found))


def places_of(links: Sequence[Link], known: Iterable[str]) -> frozenset[str]:
    """Return the places of known posts (identities) in a page's tree.

    Menus count only where no known post stands anywhere else.
    """
    # Entries of one list stand in the same place, whatever the theme.
    keys = set(known)
    inside: set[str] = set()
    aside: set[str] = set()
    for link in links:
        if identity(link.url) in keys:
            (inside, aside)[link.aside].add(link.place)
    return frozenset(inside or aside)


def page_number(url: str) -> tuple[str, int | None]:
    """Return the list that an address is a page of, and the page's number.

    The address itself and None where it has no number. Page 3 of ``/blog/?page=3`` and
    of ``/blog/page/3/`` is one of ``/blog/``.
    """
    parts = urlsplit(url)
    parameters = parse_qsl(parts.query)
    for name, value in parameters:
        if _NUMBER.fullmatch(f"{name}={value}"):
            others = [pair for pair in parameters if pair[0] != name]
            base = parts._replace(query=urlencode(others), fragment="")
            return urlunsplit(base), int(value)
    match = _NUMBERED.match(parts.path)
    if match is None:
        return url, None
    base = parts._replace(path=f"{match[1]}/", fragment="")
    return urlunsplit(base), int(match[2])


def _names_archive(link: Link) -> bool:
    return "archives" in link.relations or link_words.names_archive(link.text)


def _is_further(link: Link, listing: str) -> bool:
    """Tell if a link leads to a page of this list other than the one at hand."""
    base, here = page_number(listing)
    of, number = page_number(link.url)
    # The relation may be one between posts where the address has no number.
    if number is not None:
        if identity(of) == identity(base):
            return number != here
        if not link.relations.isdisjoint(_NEXT_PAGE):
            return True
    # A word is believed of the list's own folder, not of pages elsewhere.
    folder = urlsplit(base).path.rpartition("/")[0]
    in_folder = urlsplit(link.url).path.startswith(folder)
    return in_folder and link_words.names_more(link.text)


def _is_neighbour(link: Link) -> bool:
    if not link.relations.isdisjoint(_NEIGHBOURS):
        return True
    # A longer text is that of a whole entry, which begins with such a word by chance.
    is_short = len(link.text) <= LONGEST_NEIGHBOUR
    return is_short and link_words.names_neighbour(link.text)


def _last_name(url: str) -> str:
    """Return the last segment of an address without its ending, in lower case."""
    path = unquote(urlsplit(url).path).lower().rstrip("/")
    return _PAGE_ENDING.sub("", path.rpartition("/")[2])
