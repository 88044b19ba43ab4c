"""The lines of pages → headings, items and paragraphs, without what stands on each
page. Pure.

A PDF knows places and sizes of letters, nothing of paragraphs. Lengths are points, y
grows upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.split.text_fragments import PAGE_ANCHOR
from search.types import Block

Pages = Sequence[Sequence["Line"]]

_EDGE = 2  # lines at the top and at the bottom of a page that may be running heads
_FEWEST = 3  # pages on which a line must stand to be one
_SHARE = 0.4  # of the pages; left and right pages often have heads of their own
_LARGER = 1.12  # times the body's size, for a heading
_APART = 1.6  # times the usual distance between lines, for a head or foot that stands by itself
_SPACE = 1.4  # times the usual distance between lines, for a new paragraph
_INDENT = 0.7  # times the size of letters
_LONGEST_HEADING = 200  # characters
_NUMBERED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[A-Z]\.|[IVX]{1,4}\.)\s+[^\W\d_a-z]"
)
_NAMED = re.compile(
    r"(?:abstract|introduction|related work|conclusions?|references|acknowledge?ments?|discussion)$",
    re.I,
)
_BULLET = re.compile(r"[•●◦▪■–∗*-]\s*(?=\S)")
_CONTENTS = re.compile(r"(?:\s?\.){5,}\s*\w{1,5}$")  # a line of a table of contents
_NUMBERS = re.compile(r"^\W*(?:page|seite|p\.)?\s*\d+|\d+\W*$")
_ENDS = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
_BROKEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u00a0": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its page from 1, where it begins, the height of its letters."""

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is usual in this file: the body's size, the distance between its lines."""

    size: float
    leading: float


def blocks_of(pages: Pages) -> tuple[Block, ...]:
    """The blocks of all pages in order; each has its page as anchor, the one where it
    begins."""
    if not any(pages):
        return ()
    pages = _without_running(pages, _measure(pages))
    lines = [line for page in pages for line in page]
    if not lines:
        return ()
    measure = _measure(pages)
    words = {word.casefold() for line in lines for word in _WORDS.findall(line.text)}
    groups = _groups(lines, measure)
    levels = _levels(groups, measure)
    blocks = (_block(group, levels, measure, words) for group in groups)
    return tuple(block for block in blocks if block is not None)


def _measure(pages: Pages) -> _Measure:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[round(line.size, 1)] += len(line.text)
    size = sizes.most_common(1)[0][0] or 1.0
    steps = [
        above.y - below.y
        for page in pages
        for above, below in pairwise(page)
        if 0.8 * size < above.y - below.y < 2.5 * size
    ]
    return _Measure(size, median(steps) if steps else 1.2 * size)


def _without_running(pages: Pages, measure: _Measure) -> list[list[Line]]:
    """The pages without the heads, feet and page numbers that most of them have, and
    tables of contents."""
    seen: Counter[object] = Counter()
    places: Counter[object] = Counter()
    for page in pages:
        seen.update({_shape(line) for line in _edges(page)})
        places.update(round(line.y) for line in _apart(page, measure))
    enough = max(_FEWEST, _SHARE * len(pages))
    kept = []
    for page in pages:
        running = [line for line in _edges(page) if seen[_shape(line)] >= enough]
        running += [
            line for line in _apart(page, measure) if places[round(line.y)] >= enough
        ]
        kept.append(
            [
                line
                for line in page
                if line not in running and not _CONTENTS.search(line.text)
            ]
        )
    return kept


def _apart(page: Sequence[Line], measure: _Measure) -> list[Line]:
    """The highest and the lowest line where the others keep away from it; a slide's
    title is larger."""
    by_height = sorted(page, key=lambda line: -line.y)
    if len(by_height) <= _EDGE:
        return []
    (first, second), (last_but_one, last) = by_height[:2], by_height[-2:]
    ends = [(first, first.y - second.y), (last, last_but_one.y - last.y)]
    return [
        line
        for line, gap in ends
        if gap > _APART * measure.leading and line.size < _LARGER * measure.size
    ]


def _edges(page: Sequence[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: -line.y)
    return [*by_height[:_EDGE], *by_height[-_EDGE:]]


def _shape(line: Line) -> tuple[str, int]:
    """A line without the number at its beginning or end, Roman ones alone among them,
    and its size."""
    text = line.text.casefold()
    shape = "#" if re.fullmatch(r"\W*[ivxlc]+\W*", text) else _NUMBERS.sub("#", text)
    return shape, round(line.size)


def _groups(lines: Sequence[Line], measure: _Measure) -> list[list[Line]]:
    """Lines that make one block."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line, measure):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(group: list[Line], line: Line, measure: _Measure) -> bool:
    """Whether a line belongs to the block before it."""
    last = group[-1]
    ended = bool(_ENDS.search(last.text))
    heading = _is_heading(last, measure)
    if heading != _is_heading(line, measure) or _BULLET.match(line.text):
        return False
    if heading and (last.bold != line.bold or _NUMBERED.match(line.text)):
        return False
    if abs(last.size - line.size) > (0.02 if heading else 0.25) * last.size:
        return False
    step = last.y - line.y
    if (
        line.page != last.page or step < -0.5 * measure.size
    ):  # over to the next column or page
        return not ended and not heading and line.text[:1].islower()
    if step > _SPACE * max(measure.leading, 1.1 * last.size if heading else 0):
        return False
    return not (ended and line.x > last.x + _INDENT * line.size)


def _is_heading(line: Line, measure: _Measure) -> bool:
    if len(line.text) > _LONGEST_HEADING or not any(c.isalpha() for c in line.text):
        return False
    if line.size >= _LARGER * measure.size:
        return True
    named = _NUMBERED.match(line.text) or _NAMED.match(line.text)
    return line.bold and line.size >= 0.95 * measure.size and bool(named)


def _levels(groups: list[list[Line]], measure: _Measure) -> dict[float, int]:
    """The level of each size of heading, the largest first."""
    sizes = sorted(
        {round(g[0].size, 1) for g in groups if _is_heading(g[0], measure)},
        reverse=True,
    )
    return {size: min(level, 6) for level, size in enumerate(sizes, 1)}


def _block(
    group: list[Line], levels: dict[float, int], measure: _Measure, words: set[str]
) -> Block | None:
    text, first = _joined([line.text for line in group], words), group[0]
    anchor = f"{PAGE_ANCHOR}{first.page}"
    if _is_heading(first, measure) and len(text) <= _LONGEST_HEADING:
        return Block("heading", text, levels[round(first.size, 1)], anchor)
    bullet = _BULLET.match(text)
    if bullet and text[bullet.end() :].strip():
        return Block("item", text[bullet.end() :], 1, anchor)
    return Block("paragraph", text, anchor=anchor) if text.strip() else None


def _joined(lines: list[str], words: set[str]) -> str:
    """Lines as one text; a word that is broken at a line's end is put together.

    Its hyphen stays if the file has the word with it elsewhere, and nowhere without.
    """
    text = ""
    for line in lines:
        line = line.translate(_LIGATURES)
        broken = _BROKEN.search(text)
        rest = _WORDS.match(line)
        if not text:
            text = line
        elif broken is None or rest is None or not line[0].islower():
            text = f"{text}{'' if broken else ' '}{line}"
        else:
            whole, hyphened = (
                f"{broken[1]}{mark}{rest[0]}".casefold() for mark in ("", "-")
            )
            keeps = hyphened in words and whole not in words
            text = f"{text if keeps else text[:-1]}{line}"
    return text
