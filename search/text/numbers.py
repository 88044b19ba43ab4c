"""The ways to write a number with its unit or name: 16GB and 16 GB, H264 and H.264,
RFC2616 and RFC 2616, 10,000 and 10000.

It stems no word; numbers within longer names (a1b2, file1.txt) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.text.tokenizer import UNSPACED

_NUMBER = r"(\d+(?:\.\d+)*)"
_LETTERS = rf"((?:(?![{UNSPACED}])[^\W\d_])+)"
_BEFORE, _AFTER = r"(?<![\w.])", r"(?!\.?\w)"
_SPACE = "[ \u00a0\u2009\u202f]"  # the narrow ones are those of typesetters

_JOINED = re.compile(rf"{_BEFORE}(?:{_NUMBER}{_LETTERS}|{_LETTERS}{_NUMBER}){_AFTER}")
_UNIT = re.compile(rf"{_BEFORE}{_NUMBER}{_SPACE}{_LETTERS}{_AFTER}")
_NAME = re.compile(rf"{_BEFORE}{_LETTERS}(?:{_SPACE}|\.){_NUMBER}{_AFTER}")
_THOUSANDS = re.compile(
    # It begins with a digit, as regular expressions find that soonest.
    rf"\d(?<![\w.,]\d)\d{{0,2}}(?:(?:{_SPACE}|[,'’])\d{{3}})+(?![\w,]|\.\d)"
)

Stretch = tuple[int, int, str]
"""Where something begins and ends in a text, and what it is."""


def spellings(text: str) -> tuple[str, ...]:
    """Return a text of one or more words in all ways to write its numbers, first as it
    is."""
    if not any(map(str.isdigit, text)):
        return (text,)
    ways = (
        text,
        _JOINED.sub(lambda found: " ".join(_groups(found)), text),
        _UNIT.sub(r"\1\2", text),
        _NAME.sub(r"\1\2", text),
        _THOUSANDS.sub(lambda found: _digits(found[0]), text),
    )
    return tuple(dict.fromkeys(ways))


def number_parts(text: str) -> Iterator[Stretch]:
    """Yield the number and the letters of what is written as one word."""
    for found in _JOINED.finditer(text):
        for part in _groups(found):
            # A single letter, as the H of H264, would be found everywhere.
            if len(part) > 1 or part.isdigit():
                yield *found.span(), part


def long_numbers(text: str) -> Iterator[Stretch]:
    """Yield numbers with a sign or space before their thousands, without these."""
    for found in _THOUSANDS.finditer(text):
        yield *found.span(), _digits(found[0])


def _groups(found: re.Match[str]) -> list[str]:
    return [part for part in found.groups() if part]


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
