"""The headings, items and paragraphs that the lines of a PDF's pages make, without what
stands on each page.

Knows no PDF: a file gives places and sizes of letters, nothing of paragraphs. Lengths
are points, y grows upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse, pairwise
from statistics import median

from indexer.split.text_fragments import PAGE_ANCHOR
from search.types import Block

Pages = Sequence[Sequence["Line"]]

# The limits below were tuned together on papers, slides and manuals (docs/quality.md).
_EDGE = 2  # lines at the top and at the bottom of a page that may be running heads
_FEWEST = 3  # pages on which a line must stand to be one …
_SHARE = 0.4  # … and of all pages; left and right pages often have heads of their own
_LARGER = 1.12  # times the body's size, for a heading
_BOLD_SIZE = 0.95  # times the body's size, for a bold and numbered or named heading
# Times the usual distance between lines, for a head or foot that stands by itself and
# for a new paragraph; a heading's own lines may be as far apart as its letters ask.
_APART = 1.6
_SPACE = 1.4
_HEADING_SPACE = 1.1  # times the size of its letters
_BACK = 0.5  # times the body's size that a line in the next column stands higher
_INDENT = 0.7  # times the size of letters
# How much the sizes of two lines of one heading, and of one paragraph, may differ.
_SAME_HEADING = 0.02
_SAME_SIZE = 0.25
# Times the body's size between which the distance of two lines is usual, and what is
# taken for it where no lines are so near.
_STEPS = (0.8, 2.5)
_STEP = 1.2
_LONGEST_HEADING = 200  # characters
_DEEPEST = 6  # levels of headings
_NUMBERED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[A-Z]\.|[IVX]{1,4}\.)\s+[^\W\d_a-z]"
)
_NAMES = (
    "abstract|introduction|related work|conclusions?|references"
    "|acknowledge?ments?|discussion"
)
_TITLE = re.compile(rf"{_NUMBERED.pattern}|(?i:{_NAMES})$")
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


_ROMAN = re.compile(r"\W*[ivxlc]+\W*")


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
class _Usual:
    """The size of letters and the distance between lines that are usual in a file."""

    size: float
    leading: float


def blocks_of_pages(pages: Pages) -> tuple[Block, ...]:
    """Return the blocks of all pages in order; the anchor of each is the page where it
    begins."""
    if not any(pages):
        return ()
    pages = _without_running(pages, _usual_in(pages))
    lines = [line for page in pages for line in page]
    if not lines:
        return ()
    usual = _usual_in(pages)
    words: set[str] = set()
    for line in lines:
        words.update(map(str.casefold, _WORDS.findall(line.text)))
    groups = _groups(lines, usual)
    levels = _levels(groups, usual)
    blocks = []
    for group in groups:
        text = _joined([line.text for line in group], words)
        size = group[0].size
        level = levels.get(round(size, 1), 0) if _is_heading(group[0], usual) else 0
        blocks.append(_block(text, group[0].page, level))
    return tuple(block for block in blocks if block.text.strip())


def _usual_in(pages: Pages) -> _Usual:
    sizes: Counter[float] = Counter()
    distances: list[float] = []
    for page in pages:
        for line in page:
            sizes[round(line.size, 1)] += len(line.text)
        distances += [above.y - below.y for above, below in pairwise(page)]
    size = sizes.most_common(1)[0][0] or 1.0
    nearest, farthest = (times * size for times in _STEPS)
    steps = [step for step in distances if nearest < step < farthest]
    return _Usual(size, median(steps or [_STEP * size]))


def _without_running(pages: Pages, usual: _Usual) -> list[list[Line]]:
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
        kept.append([line for line in rest if not _CONTENTS.search(line.text)])
    return kept


def _marks(page: Sequence[Line], usual: _Usual) -> list[tuple[Line, object]]:
    """Pair the lines at a page's edges with what running heads and feet share: their
    words, or the place of one that stands by itself."""
    marks: list[tuple[Line, object]] = []
    for line in _edges(page):
        marks.append((line, _shape(line)))
    for line in _apart(page, usual):
        marks.append((line, round(line.y)))
    return marks


def _from_top(page: Sequence[Line]) -> list[Line]:
    return sorted(page, key=lambda line: -line.y)


def _apart(page: Sequence[Line], usual: _Usual) -> list[Line]:
    """Return the highest and the lowest line where the others keep away from it; not a
    slide's title, which is larger."""
    lines = _from_top(page)
    if len(lines) <= _EDGE:
        return []
    ends = {0: lines[0].y - lines[1].y, -1: lines[-2].y - lines[-1].y}
    far = [lines[end] for end, gap in ends.items() if gap > _APART * usual.leading]
    return [line for line in far if line.size < _LARGER * usual.size]


def _edges(page: Sequence[Line]) -> list[Line]:
    lines = _from_top(page)
    return [*lines[:_EDGE], *lines[-_EDGE:]]


def _shape(line: Line) -> tuple[str, int]:
    """Return a line without the number at its beginning or end, and its size."""
    text = line.text.casefold()
    shape = "#" if _ROMAN.fullmatch(text) else _NUMBERS.sub("#", text)
    return shape, round(line.size)


def _groups(lines: Sequence[Line], usual: _Usual) -> list[list[Line]]:
    """Return the lines that make one block together."""
    groups = [[lines[0]]]
    for last, line in pairwise(lines):
        if _goes_on(last, line, usual):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(last: Line, line: Line, usual: _Usual) -> bool:
    """Tell whether a line belongs to the block of the one before it."""
    is_heading = _is_heading(last, usual)
    if is_heading != _is_heading(line, usual) or _BULLET.match(line.text):
        return False
    if is_heading:
        return _heading_goes_on(last, line, usual)
    if abs(last.size - line.size) > _SAME_SIZE * last.size:
        return False
    if _is_elsewhere(last, line, usual):
        return line.text[:1].islower() and not _ENDS.search(last.text)
    is_near = last.y - line.y <= _SPACE * max(usual.leading, 0)
    return is_near and not _begins_paragraph(last, line)


def _heading_goes_on(last: Line, line: Line, usual: _Usual) -> bool:
    space = _SPACE * max(usual.leading, _HEADING_SPACE * last.size)
    conditions = (
        last.bold == line.bold,
        not _NUMBERED.match(line.text),
        abs(last.size - line.size) <= _SAME_HEADING * last.size,
        not _is_elsewhere(last, line, usual),
        last.y - line.y <= space,
        not _begins_paragraph(last, line),
    )
    return all(conditions)


def _is_elsewhere(last: Line, line: Line, usual: _Usual) -> bool:
    """Tell whether a line stands in the next column or on the next page."""
    return line.page != last.page or last.y - line.y < -_BACK * usual.size


def _begins_paragraph(last: Line, line: Line) -> bool:
    """Tell whether a line is indented behind the end of a sentence."""
    is_indented = line.x > last.x + _INDENT * line.size
    return is_indented and _ENDS.search(last.text) is not None


def _is_heading(line: Line, usual: _Usual) -> bool:
    if len(line.text) > _LONGEST_HEADING or not any(map(str.isalpha, line.text)):
        return False
    if line.size >= _LARGER * usual.size:
        return True
    is_strong = line.bold and line.size >= _BOLD_SIZE * usual.size
    return is_strong and _TITLE.match(line.text) is not None


def _levels(groups: list[list[Line]], usual: _Usual) -> dict[float, int]:
    """Return the level of each size of heading, the largest first."""
    first = [group[0] for group in groups]
    sizes = {round(line.size, 1) for line in first if _is_heading(line, usual)}
    ordered = sorted(sizes, reverse=True)
    return {size: min(level, _DEEPEST) for level, size in enumerate(ordered, 1)}


def _block(text: str, page: int, level: int) -> Block:
    anchor = f"{PAGE_ANCHOR}{page}"
    if level and len(text) <= _LONGEST_HEADING:
        return Block("heading", text, level, anchor)
    item = _BULLET.sub("", text, count=1)
    if _BULLET.match(text) and item.strip():
        return Block("item", item, 1, anchor)
    return Block("paragraph", text, anchor=anchor)


def _joined(lines: list[str], words: set[str]) -> str:
    """Return lines as one text, a word that is broken at a line's end put together.

    Its hyphen stays if the file has the word with it elsewhere, and nowhere without.
    """
    text = ""
    for line in lines:
        line = line.translate(_LIGATURES)
        broken = _BROKEN.search(text)
        rest = _WORDS.match(line) if line[0].islower() else None
        if broken is None:
            text = f"{text} {line}"
        elif rest is None or _keeps_hyphen(broken[1], rest[0], words):
            text += line
        else:
            text = text[:-1] + line
    return text.removeprefix(" ")


def _keeps_hyphen(start: str, end: str, words: set[str]) -> bool:
    hyphened, whole = f"{start}-{end}".casefold(), f"{start}{end}".casefold()
    return hyphened in words and whole not in words
