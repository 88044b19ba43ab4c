"""One post of a page that has several, each under an id or name: its part of the tree
and its own address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from operator import attrgetter, itemgetter
from urllib.parse import unquote, urlsplit

from indexer.extract.dom import Element
from indexer.extract.headings import LEVELS, label_of
from indexer.text.link_words import PERMALINK_TEXTS
from indexer.text.urls import is_web_address, resolve, same_site
from search.text.urls import identity

# Elements that contain a whole post, if they have any of its text …
_CONTAINERS = frozenset(["article", "section", "div", "td", "li", "dd", "main"])
# … which these show.
_PROSE = ("p", "br", "blockquote", "pre", "ul", "ol")
# Words in a permalink's text, title or class.
_PERMALINK = re.compile(r"perma-?link|permanent|bookmark", re.I)
# Posts are numbered at the end of their labels.
_NUMBER = re.compile(r"\d+$")


def section_at(root: Element, fragment: str) -> Element | None:
    """Return what stands under an id or name, up to the next one that is made like it,
    as a tree of its own; None where the page has no such place."""
    labelled = list(filter(label_of, root.elements()))
    wanted = (fragment, unquote(fragment))
    anchor = next((e for e in labelled if label_of(e) in wanted), None)
    if anchor is None:
        return None
    # the other posts' beginnings, and all that contains any of them
    taken: set[int] = set()
    for other in labelled:
        if other is not anchor and _is_alike(other, anchor):
            taken.update(map(id, (other, *other.ancestors())))
    top = anchor
    for around in anchor.ancestors():
        if top.tag == "body" or id(around) in taken:
            break
        top = around
    section = Element("body")
    section.children = [top, *_nodes_following(top, taken)]
    return section


def _is_alike(one: Element, other: Element) -> bool:
    """Tell whether both begin a post: made alike, at one depth, and labelled alike
    where that is by number."""
    name = _NUMBER.sub("#", label_of(one))
    other_name = _NUMBER.sub("#", label_of(other))
    conditions = (
        one.tag == other.tag,
        one.attrs.get("class") == other.attrs.get("class"),
        name == other_name or not other_name.endswith("#"),
        len([*one.ancestors()]) == len([*other.ancestors()]),
    )
    return all(conditions)


def _nodes_following(top: Element, taken: set[int]) -> Iterator[Element | str]:
    """Yield what follows a bare anchor or heading up to the next post's; a box contains
    its post by itself."""
    is_box = top.tag in _CONTAINERS and top.has(*_PROSE)
    if is_box or top.parent is None:
        return
    siblings = top.parent.children
    following = siblings[siblings.index(top) + 1 :]
    yield from takewhile(lambda node: id(node) not in taken, following)


def section_permalink(section: Element, fragment: str, url: str) -> str:
    """Return the post's own address where its section on the page ``url`` names one on
    the same site, else ""."""
    ranked = [(0, "")]
    for link in section.elements("a"):
        address = resolve(url, link.get("href"))
        if address is not None and _is_other_page(address, url):
            ranked.append((_permalink_rank(link, address, fragment), address))
    best = max(ranked, key=itemgetter(0))
    return best[1].partition("#")[0]


def _is_other_page(address: str, url: str) -> bool:
    if not is_web_address(address) or not same_site(address, url):
        return False
    return identity(address) != identity(url)


def _permalink_rank(link: Element, address: str, fragment: str) -> int:
    """Rank a link by how surely it is the post's permalink; 0 for any other link."""
    if "bookmark" in link.get("rel").lower().split():
        return 4
    name = urlsplit(address).path.rstrip("/").rpartition("/")[2].partition(".")[0]
    if name == unquote(fragment):
        return 3
    said = (link.text, link.get("title"), *link.names)
    is_named = any(map(_PERMALINK.search, said))
    if is_named or not PERMALINK_TEXTS.isdisjoint(map(str.lower, said)):
        return 2
    around = map(attrgetter("tag"), link.ancestors())
    return int(not LEVELS.keys().isdisjoint(around))
