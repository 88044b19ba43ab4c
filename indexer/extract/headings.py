"""The words of headings, without the marks that link to them, and the ids that open
the page there."""

from __future__ import annotations

import re

from indexer.extract.dom import Element
from indexer.extract.inline_text import inline_text, is_silent
from indexer.text.link_words import PERMALINK_TEXTS

LEVELS = {f"h{n}": n for n in range(1, 7)}

_PERMALINK_NAMES = re.compile(
    r"(?:^|[-_])(?:head(?:er|ing)?-?(?:link|anchor)|anchor(?:js)?(?:-?link)?|hash-?link|permalink|direct-link)(?:$|[-_])",
    re.I,
)
_TRAILING_MARK = re.compile(r"\s*[¶🔗]+\s*$|\s+[#§]+\s*$")
# Elements that a mark may stand in, if it is one of these and no link.
_MARKED = frozenset(["span", "small", "sup", "i", "svg", "b"])
_MARKS = ("#", "¶", "🔗")
_LONGEST_MARK = 2  # characters of a link that is named a permalink
_SECTIONS = frozenset(["section", "div"])


def heading_text(element: Element) -> str:
    """Return a heading's words, without the mark that links to it."""
    text = inline_text(element, _is_aid) or inline_text(element, is_silent)
    text = _TRAILING_MARK.sub("", text).strip()
    return "" if text in PERMALINK_TEXTS else text


def _is_aid(element: Element) -> bool:
    return element.tag == "button" or is_silent(element) or _is_permalink(element)


def _is_permalink(element: Element) -> bool:
    words = element.text.lower()
    if element.tag in _MARKED:
        return words in _MARKS
    if element.tag != "a":
        return False
    if not words or words in PERMALINK_TEXTS:
        return True
    is_named = any(map(_PERMALINK_NAMES.search, element.names))
    return is_named and len(words) <= _LONGEST_MARK


def anchor_of(heading: Element) -> str:
    """Return the id on a heading or on an anchor inside it, or the one that its own
    permalink names."""
    for element in heading.elements():
        name = element.get("name") if element.tag == "a" else ""
        if element.get("id") or name:
            return element.get("id") or name
    for link in heading.elements("a"):
        target = link.get("href")
        if len(target) > 1 and target.startswith("#") and _is_permalink(link):
            return target[1:]
    return ""


def section_id(heading: Element) -> str:
    """Return the id of the section that a heading begins."""
    section = heading.parent
    if section is None or section.tag not in _SECTIONS:
        return ""
    before = section.children[: section.children.index(heading)]
    is_first = not any(map(_has_text, before))
    return section.get("id") if is_first else ""


def _has_text(node: Element | str) -> bool:
    return bool(node.strip() if isinstance(node, str) else node.text)
