"""Series of articles, recognised by their titles alone."""

from __future__ import annotations

import re

_ROMAN = r"[ivx]+"
_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
_PART = re.compile(
    rf"\b(?:part|pt|teil|partie|parte|episode|chapter|vol|volume)\b[\W_]*(?:\d+|{_ROMAN}|{_WORDS})\b"
)
_CHINESE = re.compile(
    r"[(（][一二三四五六七八九十上中下]+[)）]|第[一二三四五六七八九十百\d]+(?:部分?|[篇章回节集])"
)
_NUMBER = re.compile(rf"\w*\d\w*|(?<=\()\s*{_ROMAN}\s*(?=\))|(?<=\s){_ROMAN}\W*\Z")
_WORD = re.compile(r"\w+")


def common_title(title: str) -> str:
    """Return the words that the titles of a series have in common: those before "part
    2", or after it where it begins the title, or all that are no numbers.

    "" where nothing is left.
    """
    text = title.casefold()
    if part := _PART.search(text):
        before, after = text[: part.start()], text[part.end() :]
        # "Part 2: The second year" has its words behind.
        text = after
        if _WORD.search(before):
            text = before
    return " ".join(_WORD.findall(_NUMBER.sub(" ", _CHINESE.sub(" ", text))))


def are_one_series(one: str, other: str) -> bool:
    """Say if two titles, of one author's articles on one site, differ in no more than a
    number or a part."""
    common = common_title(one)
    return common != "" and common == common_title(other)
