"""Headings: their words, without the marks that link to them, and the id that opens the
page there."""

from __future__ import annotations

import re

from indexer.extract.dom import Element
from indexer.extract.inline_text import is_voiceless, said_in

LEVELS = {f"h{n}": n for n in range(1, 7)}

_PERMALINK_TEXTS = frozenset(
    [
        "",
        "#",
        "##",
        "¶",
        "§",
        "🔗",
        "⚓",
        "∞",
        "link",
        "permalink",
        "anchor",
        "direct link",
    ]
)
_PERMALINK_NAMES = re.compile(
    r"(?:^|[-_])(?:head(?:er|ing)?-?(?:link|anchor)|anchor(?:js)?(?:-?link)?|hash-?link|permalink|direct-link)(?:$|[-_])",
    re.I,
)
_TRAILING_MARK = re.compile(r"\s*[¶🔗]+\s*$|\s+[#§]+\s*$")
_SIGNED_IN = frozenset(["span", "small", "sup", "i", "svg", "b"])


def heading_text(element: Element) -> str:
    """A heading's words, without the mark that links to it."""
    text = said_in(element, _is_aid) or said_in(element, is_voiceless)
    text = _TRAILING_MARK.sub("", text).strip()
    return "" if text in _PERMALINK_TEXTS else text


def _is_aid(element: Element) -> bool:
    return element.tag == "button" or is_voiceless(element) or _is_permalink(element)


def _is_permalink(element: Element) -> bool:
    words = element.text.strip().lower()
    if element.tag == "a":
        named = any(_PERMALINK_NAMES.search(name) for name in element.names)
        return words in _PERMALINK_TEXTS or (named and len(words) <= 2)
    return element.tag in _SIGNED_IN and words in ("#", "¶", "🔗")


def anchor_of(heading: Element) -> str:
    """The id on a heading, on an anchor inside it, or the one its own permalink
    names."""
    if heading.attrs.get("id"):
        return heading.attrs["id"]
    inner = [e for e in heading.elements() if e is not heading]
    for element in inner:
        name = element.attrs.get("id") or (
            element.attrs.get("name", "") if element.tag == "a" else ""
        )
        if name:
            return name
    links = (
        e.attrs.get("href", "") for e in inner if e.tag == "a" and _is_permalink(e)
    )
    return next(
        (href[1:] for href in links if href.startswith("#") and len(href) > 1), ""
    )


def section_id(heading: Element) -> str:
    """The id of the section this heading begins."""
    above = heading.parent
    if above is None or above.tag not in (
        "section",
        "div",
        "hgroup",
        "header",
        "article",
    ):
        return ""
    before = above.children[: above.children.index(heading)]
    is_first = not any(c.strip() if isinstance(c, str) else c.text for c in before)
    return (
        above.attrs.get("id", "")
        if is_first and above.tag in ("section", "div")
        else ""
    )
