"""Pure: whether two articles are parts of one series, told by their titles."""

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


def stem(title: str) -> str:
    """What the parts of a series have in common: the words before "part 2", or all that
    are no numbers.

    "" where nothing is left of it.
    """
    text = title.casefold()
    if part := _PART.search(text):
        text = (
            text[: part.start()]
            if _WORD.search(text[: part.start()])
            else text[part.end() :]
        )
    return " ".join(_WORD.findall(_NUMBER.sub(" ", _CHINESE.sub(" ", text))))


def are_one_series(one: str, other: str) -> bool:
    """Whether two titles, of one author's articles on one site, differ in no more than
    a number or a part."""
    common = stem(one)
    return common != "" and common == stem(other)
