"""Styled text, measured in the terminal's columns: wrapped, cut, and painted at last.

A text is a list of characters, each with its style, so that no escape code is ever
counted, parted or lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Flag
from functools import lru_cache
from itertools import groupby
from unicodedata import category, east_asian_width
from urllib.parse import quote, urlsplit

CUT = "…"
# Spaces, and Chinese and Japanese punctuation, that must not begin a line.
_NEVER_FIRST = frozenset(" 、。，．；：！？）」』】》〉”’")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f]")


class Style(Flag):
    """The style of a character; several may add up."""

    PLAIN = 0
    ANSWER = 1
    MATCH = 2
    TITLE = 4
    DIM = 8


# Bold for what answers; the words of the question in a colour that is readable on light
# and on dark.
_CODES = {Style.ANSWER: "1", Style.MATCH: "35", Style.TITLE: "1", Style.DIM: "2"}
Cell = tuple[str, Style]
Text = list[Cell]


def styled(text: str, style: Style = Style.PLAIN) -> Text:
    """Give every character of a text the same style."""
    return [(character, style) for character in text]


def unstyled(text: Iterable[Cell]) -> str:
    """Return the characters of a text alone."""
    return "".join(character for character, _ in text)


@lru_cache(maxsize=4096)
def columns(character: str) -> int:
    """Return the columns that a terminal gives to a character: 0, 1 or 2."""
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def width(text: Iterable[Cell]) -> int:
    """Return the columns that a text takes on one line."""
    return sum(columns(character) for character, _ in text)


def cut(text: Text, most: int) -> Text:
    """Shorten a text to so many columns, with … where something is missing."""
    if width(text) <= most:
        return text
    return [*_beginning(text, most - 1), (CUT, text[0][1])]


def _beginning(text: Text, most: int) -> Text:
    taken = 0
    for place, (character, _) in enumerate(text):
        taken += columns(character)
        if taken > most:
            return text[:place]
    return text


def padded(text: Text, to: int) -> Text:
    """Fill a text with spaces up to so many columns."""
    return text + styled(" " * (to - width(text)))


def wrap(text: Text, most: int) -> list[Text]:
    """Break a text into lines of at most so many columns, at spaces and between
    characters of Chinese and Japanese."""
    lines: list[Text] = []
    line: Text = []
    taken = 0
    for word in _words(text, most):
        bare = _stripped(word)
        if line and taken + width(bare) > most:
            lines.append(_stripped(line))
            line, taken = [], 0
        line += word
        taken += width(word)
    return [*lines, _stripped(line)]


def _words(text: Text, most: int) -> Iterator[Text]:
    """Part a text where a line may end; what is wider than a line is parted too."""
    word: Text = []
    after = [character for character, _ in text[1:]] + [" "]
    for cell, following in zip(text, after, strict=False):
        if word and width(word) + columns(cell[0]) > most:
            yield word
            word = []
        word.append(cell)
        if _may_end(cell[0], following):
            yield word
            word = []
    if word:
        yield word


def _may_end(character: str, following: str) -> bool:
    if character == " ":
        return following != " "
    has_wide = 2 in (columns(character), columns(following))
    return has_wide and following not in _NEVER_FIRST


def _stripped(text: Text) -> Text:
    end = len(text)
    while end and text[end - 1][0] == " ":
        end -= 1
    return text[:end]


def paint(text: Iterable[Cell], *, colour: bool) -> str:
    """Write a line with the escape codes of its styles, or as it is."""
    if not colour:
        return unstyled(text)
    written = []
    for style, cells in groupby(text, lambda cell: cell[1]):
        run = unstyled(cells)
        codes = ";".join(code for flag, code in _CODES.items() if flag in style)
        if codes:
            run = f"\x1b[{codes}m{run}\x1b[0m"
        written.append(run)
    return "".join(written)


def linked(written: str, url: str) -> str:
    """Let a text that is already painted lead to an address (OSC 8).

    The text alone is returned where no click may lead there.
    """
    if not _is_followable(url):
        return written
    # The code's own end must not stand in it, nor anything beyond ASCII.
    target = quote(url, safe="".join(map(chr, range(0x21, 0x7F))))
    return f"\x1b]8;;{target}\x1b\\{written}\x1b]8;;\x1b\\"


def _is_followable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # A name before the host shows one host and leads to another.
    is_known = parts.scheme in ("http", "https", "file")
    return is_known and "@" not in parts.netloc and not _CONTROLS.search(url)
