"""The links of a page to its own site, each with its place in the page's tree.

Judges no link: backfill tells posts, lists and menus apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from indexer.extract.dom import Element, parse_html
from indexer.text.encoding import decode
from indexer.text.urls import resolve, same_site
from search.text.urls import canonical

MOST_LINKS = 20_000  # of one page; the longest real archive seen lists 3,000 posts
_LONGEST_TEXT = 300  # characters
_STEPS = 8  # elements of a place, the link itself among them

# Relations that are kept of links in a page's head, and as class names.
_HEAD_RELATIONS = frozenset(["next", "prev", "previous", "archives"])
_NEIGHBOUR_CLASSES = frozenset(["next", "prev", "previous"])
# Elements around the content of a page, and those that begin an entry in it.
_REGIONS = frozenset(["nav", "header", "footer", "aside"])
_ENTRIES = frozenset(["article", "main", "section", "li"])
# Elements whose classes differ from one entry of a list to the next.
_CLASSLESS = frozenset(["li", "article", "tr", "section", "h1", "h2", "h3"])
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page to its own site.

    ``relations`` are as written. ``place`` is the path to the link in the tree, the
    same for all entries of one list. ``aside``: it stands in a menu, margin or foot.
    """

    url: str
    text: str = ""
    relations: frozenset[str] = frozenset()
    place: str = ""
    aside: bool = False


def read_links(body: bytes, url: str, *, charset: str = "") -> tuple[Link, ...]:
    """Parse a page and return its links as ``links_in`` does."""
    return links_in(parse_html(decode(body, charset)), url)


def links_in(root: Element, url: str) -> tuple[Link, ...]:
    """Return the links to pages of the site of ``url`` in their order, with the next
    and previous pages that the head names."""
    return tuple(islice(_links(root, url), MOST_LINKS))


def base_address(root: Element, url: str) -> str:
    """Return the address that the relative links of a page start from."""
    for base in root.elements("base"):
        # the first with an address counts, however broken
        if "href" in base.attrs:
            return resolve(url, base.get("href")) or url
    return url


def _links(root: Element, url: str) -> Iterator[Link]:
    base = base_address(root, url)
    for element in root.elements("a", "link"):
        address = resolve(base, element.get("href"))
        if address is None or not same_site(address, url):
            continue
        relations = frozenset(element.get("rel").lower().split())
        if element.tag == "a" or relations & _HEAD_RELATIONS:
            yield _link(element, canonical(address), relations)


def _link(element: Element, url: str, relations: frozenset[str]) -> Link:
    path = [element, *element.ancestors()]
    classes = frozenset(map(str.lower, element.classes))
    text = element.text or element.get("title")
    return Link(
        url=url,
        text=text[:_LONGEST_TEXT],
        relations=relations | (classes & _NEIGHBOUR_CLASSES),
        place="/".join(map(_step, path[:_STEPS])),
        aside=any(map(_is_region, path[1:])),
    )


def _is_region(element: Element) -> bool:
    """Tell whether an element is a margin of the page: not the head of an entry."""
    if element.get("role") == "navigation":
        return True
    if element.tag in ("header", "footer"):
        return _ENTRIES.isdisjoint(map(attrgetter("tag"), element.ancestors()))
    return element.tag in _REGIONS


def _step(element: Element) -> str:
    """Return an element's tag and first class, without what differs from one entry to
    the next: numbers, an entry's own classes."""
    names = element.classes
    if element.tag in _CLASSLESS or not names:
        return element.tag
    return f"{element.tag}.{_DIGITS.sub('', names[0])}"
