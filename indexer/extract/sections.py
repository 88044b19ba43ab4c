"""One post of a page that holds several, each under an id or name: its part of the
tree, its own address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from indexer.extract.dom import Element
from indexer.text.urls import is_web_address, resolve, same_site
from search.text.urls import identity

_CONTAINERS = frozenset(["article", "section", "div", "td", "li", "dd", "main"])
_PROSE = ("p", "br", "blockquote", "pre", "ul", "ol")
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_PERMALINK = re.compile(
    r"perma-?link|permanent|bookmark|^\s*[#¶∞]\s*$|^\s*link\s*$", re.I
)


def section_of(root: Element, fragment: str) -> Element | None:
    """What stands under this id or name, up to the next one that is made like it: a
    tree of its own.

    None where the page has no such place.
    """
    wanted = unquote(fragment)
    anchors = [e for e in root.elements() if _label(e)]
    anchor = next((e for e in anchors if _label(e) in (fragment, wanted)), None)
    if anchor is None:
        return None
    others = [e for e in anchors if e is not anchor and _is_alike(e, anchor)]
    holding = {id(above) for other in others for above in (other, *other.ancestors())}
    top = anchor
    while (
        top.parent is not None and id(top.parent) not in holding and top.tag != "body"
    ):
        top = top.parent
    section = Element("body")
    section.children = [top, *_following(top, holding)]
    return section


def permalink_of(section: Element, fragment: str, url: str) -> str:
    """The post's own address where its section on the page ``url`` names one on the
    same site, else ""."""
    found: list[tuple[int, str]] = []
    for link in (e for e in section.elements() if e.tag == "a"):
        address = resolve(url, link.attrs.get("href", "")) or ""
        if (
            is_web_address(address)
            and same_site(address, url)
            and identity(address) != identity(url)
        ):
            found.append((_worth(link, address, fragment), address.partition("#")[0]))
    worth, address = max(found, key=lambda pair: pair[0], default=(0, ""))
    return address if worth else ""


def _worth(link: Element, address: str, fragment: str) -> int:
    """How surely a link is the post's permalink; 0 for any other link."""
    if "bookmark" in link.attrs.get("rel", "").lower().split():
        return 4
    name = urlsplit(address).path.rstrip("/").rpartition("/")[2].partition(".")[0]
    if name == unquote(fragment):
        return 3
    said = (link.text, link.attrs.get("title", ""), *link.names)
    if any(map(_PERMALINK.search, said)):
        return 2
    return int(any(above.tag in _HEADINGS for above in link.ancestors()))


def _label(element: Element) -> str:
    return element.attrs.get("id") or (
        element.attrs.get("name", "") if element.tag == "a" else ""
    )


def _is_alike(one: Element, other: Element) -> bool:
    """Whether both begin a post: made alike, at one depth, and labelled alike where
    that is by number."""
    same = one.tag == other.tag and one.attrs.get("class") == other.attrs.get("class")
    numbered = re.sub(r"\d+$", "#", _label(one)) == re.sub(r"\d+$", "#", _label(other))
    by_number = _label(other)[-1:].isdigit()
    return (
        same
        and (numbered or not by_number)
        and len([*one.ancestors()]) == len([*other.ancestors()])
    )


def _following(top: Element, holding: set[int]) -> Iterator[Element | str]:
    """What follows a bare anchor or heading up to the next post's; a box holds its post
    by itself."""
    if top.parent is None or (
        top.tag in _CONTAINERS and top.first(*_PROSE) is not None
    ):
        return
    at = next(n for n, child in enumerate(top.parent.children) if child is top)
    for child in top.parent.children[at + 1 :]:
        if not isinstance(child, str) and id(child) in holding:
            return
        yield child
