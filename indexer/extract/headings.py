"""The words of headings, without the marks that link to them, and the ids that open
the page there."""

from __future__ import annotations

import re
from itertools import chain

from indexer.extract.dom import Element
from indexer.extract.inline_text import inline_text, is_silent
from indexer.text.link_words import PERMALINK_TEXTS

LEVELS = {f"h{n}": n for n in range(1, 7)}

# Class names of links to a heading, as site generators and themes give them.
_PERMALINK_NAMES = re.compile(
    r"(?:^|[-_])(?:head(?:er|ing)?-?(?:link|anchor)|anchor(?:js)?(?:-?link)?|hash-?link|permalink|direct-link)(?:$|[-_])",
    re.I,
)
# A mark that is written behind a heading without a link.
_TRAILING_MARK = re.compile(r"\s*[¶🔗]+\s*$|\s+[#§]+\s*$")
# Elements that one of these marks may stand in where it is no link.
_MARKED = frozenset(["span", "small", "sup", "i", "svg", "b"])
_LINK_TEXTS = PERMALINK_TEXTS | {""}  # an image may be all of a permalink
_MARKS = ("#", "¶", "🔗")
_LONGEST_MARK = 2  # characters of a link that is named a permalink
# Elements whose id opens the page at the heading that they begin with.
_SECTIONS = frozenset(["section", "div"])


def heading_text(element: Element) -> str:
    """Return a heading's words, without the mark that links to it."""
    text = inline_text(element, _is_aid) or inline_text(element, is_silent)
    text = _TRAILING_MARK.sub("", text).strip()
    if text in PERMALINK_TEXTS:
        return ""
    return text


def _is_aid(element: Element) -> bool:
    return any((element.tag == "button", is_silent(element), _is_permalink(element)))


def _is_permalink(element: Element) -> bool:
    if element.tag in _MARKED:
        return element.text in _MARKS
    if element.tag != "a":
        return False
    words = element.text.lower()
    is_mark = len(words) <= _LONGEST_MARK
    is_named = is_mark and any(map(_PERMALINK_NAMES.search, element.names))
    return is_named or words in _LINK_TEXTS


def label_of(element: Element) -> str:
    """Return the name by which an address can open the page at an element."""
    name = element.get("name") if element.tag == "a" else ""
    return element.get("id") or name


def anchor_of(heading: Element) -> str:
    """Return the id on a heading or on an anchor inside it, or the one that its own
    permalink names."""
    links = filter(_is_permalink, heading.elements("a"))
    labels = chain(map(label_of, heading.elements()), map(_place_named, links))
    return next(filter(None, labels), "")


def _place_named(link: Element) -> str:
    target = link.get("href")
    return target[1:] if target.startswith("#") else ""


def section_id(heading: Element) -> str:
    """Return the id of the section that a heading begins."""
    section = heading.around
    if section.tag not in _SECTIONS:
        return ""
    before = section.children[: section.children.index(heading)]
    is_first = not any(map(_has_text, before))
    if is_first:
        return section.get("id")
    return ""


def _has_text(node: Element | str) -> bool:
    text = node if isinstance(node, str) else node.text
    return bool(text.strip())
