"""Small readings of XML and HTML that need no parser."""

from __future__ import annotations

import re

# Characters that XML 1.0 does not allow (section 2.2).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A declaration, or a document type with the entities that it declares.
_BEFORE_ROOT = re.compile(
    r"<\?[^>]{0,1000}>|<!doctype\s[^>\[]{0,1000}(?:\[[^\]]{0,20000}\]\s{0,100})?>",
    re.IGNORECASE,
)
_BLANK = re.compile(r"[\s\ufeff]*")
_ELEMENT = re.compile(r"<([A-Za-z][\w:.-]{0,40})")
_MOST_BEFORE_ROOT = 20  # declarations and comments


def legal(text: str) -> str:
    """Return the text without the characters that no XML, database or terminal
    wants."""
    return _ILLEGAL.sub("", text)


def root_of(text: str) -> str:
    """Return the name of the element that a text begins with, in lower case.

    "" where it begins with none.
    """
    element = _ELEMENT.match(text, start_of_root(text))
    if element:
        return element[1].lower()
    return ""


def start_of_root(text: str) -> int:
    """Return where the declarations and comments end that a document begins with."""
    at = _after_blanks(text, 0)
    for _ in range(_MOST_BEFORE_ROOT):
        end = _end_of_comment(text, at)
        declaration = _BEFORE_ROOT.match(text, at)
        if declaration:
            end = declaration.end()
        if end == at:
            break
        at = _after_blanks(text, end)
    return at


def _end_of_comment(text: str, at: int) -> int:
    """Return the end of a comment that begins here, the same place where none does."""
    if not text.startswith("<!--", at):
        return at
    end = text.find("-->", at)
    if end < 0:
        return at
    return end + len("-->")


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def word_set(text: str) -> frozenset[str]:
    """Return a table of tags or names that is written as words."""
    return frozenset(text.split())
