"""The lines of a PDF's pages, and those among them that stand on most pages.

Knows no PDF. Lengths are points, y grows upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse, pairwise
from statistics import median

Pages = Sequence[Sequence["PdfLine"]]

LARGER = 1.12  # times the body's size, for a heading
_EDGE = 2  # lines at the top and at the bottom of a page that may be running heads
_FEWEST = 3  # pages on which a line must stand to be one …
_SHARE = 0.4  # … and of all pages; left and right pages often have heads of their own
# Times the usual distance between lines, for a head or foot that stands by itself.
_APART = 1.6
# Times the body's size between which the distance of two lines is usual, and what is
# taken for it where no lines are so near.
_NEAREST, _FARTHEST = 0.8, 2.5
_STEP = 1.2
_CONTENTS = re.compile(r"(?:\s?\.){5,}\s*\w{1,5}$")  # a line of a table of contents
_STAMP = re.compile(r"arXiv:\s*[\w./-]+\d(?:v\d+)?\s+\[[\w.-]+\]\s+\d")
# Page numbers at either end of a running head.
_NUMBERS = re.compile(r"^\W*(?:page|seite|p\.)?\s*\d+|\d+\W*$")
# A page number alone, as in a preface.
_ROMAN = re.compile(r"\W*[ivxlc]+\W*")


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line of text: its page from 1, where it begins, the height of its letters."""

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """The size of letters and the distance between lines that are usual in a file."""

    size: float
    leading: float


def usual_in(pages: Pages) -> Usual:
    """Measure what is usual in pages."""
    sizes: Counter[float] = Counter()
    distances: list[float] = []
    for page in pages:
        for line in page:
            sizes[round(line.size, 1)] += len(line.text)
        distances += [above.y - below.y for above, below in pairwise(page)]
    size = max(sizes, key=sizes.__getitem__, default=0.0) or 1.0
    steps = [d for d in distances if _NEAREST * size < d < _FARTHEST * size]
    return Usual(size, median(steps or [_STEP * size]))


def without_running_lines(pages: Pages, usual: Usual) -> list[list[PdfLine]]:
    """Return the pages without tables of contents and without the heads, feet and page
    numbers that most of them have."""
    marked = [_marks(page, usual) for page in pages]
    counts: Counter[object] = Counter()
    for marks in marked:
        counts.update({mark for _, mark in marks})
    enough = max(_FEWEST, _SHARE * len(pages))
    kept = []
    for page, marks in zip(pages, marked, strict=True):
        running = {line for line, mark in marks if counts[mark] >= enough}
        rest = filterfalse(running.__contains__, page)
        kept.append([line for line in rest if not _is_of_no_text(line)])
    return kept


def _is_of_no_text(line: PdfLine) -> bool:
    """Tell lines of a table of contents and arXiv's stamp in the margin."""
    patterns = (_CONTENTS.search, _STAMP.match)
    return any(find(line.text) for find in patterns)


def _marks(page: Sequence[PdfLine], usual: Usual) -> list[tuple[PdfLine, object]]:
    """Pair the lines at a page's edges with what running heads and feet share: their
    words, or the place of one that stands by itself."""
    edges, apart = _edges(page), _apart(page, usual)
    shapes = zip(edges, map(_shape, edges), strict=True)
    heights = zip(apart, map(_height, apart), strict=True)
    return [*shapes, *heights]


def _height(line: PdfLine) -> int:
    return round(line.y)


def _from_top(page: Sequence[PdfLine]) -> list[PdfLine]:
    return sorted(page, key=lambda line: -line.y)


def _apart(page: Sequence[PdfLine], usual: Usual) -> list[PdfLine]:
    """Return the highest and the lowest line where the others keep away from it; not a
    slide's title, which is larger."""
    lines = _from_top(page)
    if len(lines) <= _EDGE:
        return []
    ends = {0: lines[0].y - lines[1].y, -1: lines[-2].y - lines[-1].y}
    far = [lines[end] for end, gap in ends.items() if gap > _APART * usual.leading]
    return [line for line in far if line.size < LARGER * usual.size]


def _edges(page: Sequence[PdfLine]) -> list[PdfLine]:
    lines = _from_top(page)
    return [*lines[:_EDGE], *lines[-_EDGE:]]


def _shape(line: PdfLine) -> tuple[str, int]:
    """Return a line without the number at its beginning or end, and its size."""
    text = line.text.casefold()
    shape = "#" if _ROMAN.fullmatch(text) else _NUMBERS.sub("#", text)
    return shape, round(line.size)
