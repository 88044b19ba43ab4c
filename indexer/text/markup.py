"""Small readings of XML and HTML that need no parser."""

from __future__ import annotations

import re

# Characters that XML 1.0 does not allow (section 2.2).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEFORE_ROOT = re.compile(
    r"[\s\ufeff]*(?:<!--(?:(?!-->).){0,5000}-->|<\?[^>]{0,1000}>|<!doctype\s[^>\[]{0,1000}>)",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENT = re.compile(r"[\s\ufeff]*<([A-Za-z][\w:.-]{0,40})")
_MOST_BEFORE_ROOT = 20  # declarations and comments


def legal(text: str) -> str:
    """Return the text without the characters that no XML, database or terminal
    wants."""
    return _ILLEGAL.sub("", text)


def root_of(text: str) -> str:
    """Return the name of the element that a text begins with, in lower case.

    "" where it begins with none.
    """
    at = 0
    for _ in range(_MOST_BEFORE_ROOT):
        found = _BEFORE_ROOT.match(text, at)
        if found is None:
            break
        at = found.end()
    element = _ELEMENT.match(text, at)
    if element:
        return element[1].lower()
    return ""


def word_set(text: str) -> frozenset[str]:
    """Return a table of tags or names that is written as words."""
    return frozenset(text.split())
