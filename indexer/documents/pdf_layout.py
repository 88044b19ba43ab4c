"""The headings, items and paragraphs that the lines of a PDF's pages make.

Knows no PDF: a file gives places and sizes of letters, nothing of paragraphs.
"""

from __future__ import annotations

import re
from itertools import chain, pairwise
from operator import attrgetter

from indexer.documents.pdf_lines import (
    LARGER,
    Pages,
    PdfLine,
    Usual,
    usual_in,
    without_running_lines,
)
from search.text.urls import PAGE_ANCHOR
from search.types import Block

_BOLD_SIZE = 0.95  # times the body's size, for a bold and numbered or named heading
# Times the usual distance between lines, for a new paragraph; a heading's own lines may
# be as far apart as its letters ask.
_SPACE = 1.4
_HEADING_SPACE = 1.1  # times the size of its letters
_BACK = 0.5  # times the body's size that a line in the next column stands higher
_INDENT = 0.7  # times the size of letters
# How much the sizes of two lines of one heading, and of one paragraph, may differ.
_SAME_HEADING = 0.02
_SAME_SIZE = 0.25
_LONGEST_HEADING = 200  # characters
_DEEPEST = 6  # levels of headings
# A section's number before its title.
_NUMBERED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[A-Z]\.|[IVX]{1,4}\.)\s+[^\W\d_a-z]"
)
# Titles of sections without a number.
_NAMES = (
    "abstract|introduction|related work|conclusions?|references"
    "|acknowledge?ments?|discussion"
)
_TITLE = re.compile(rf"{_NUMBERED.pattern}|(?i:{_NAMES})$")
_REFERENCES = re.compile(
    r"(?:references|bibliography|literature cited)$", re.IGNORECASE
)
_ENTRY = re.compile(r"\[\w[^\]]{0,30}\]\s|\d{1,3}\.\s")  # of a list of references
_BULLET = re.compile(r"[•●◦▪■–∗*-]\s*(?=\S)")
# What ends a sentence, behind which a new paragraph may begin.
_ENDS = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
# The part before the hyphen of a word that is broken at the end of a line.
_BROKEN = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Signs that fonts have for several letters: nobody searches for them.
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


def blocks_of_pages(pages: Pages) -> tuple[Block, ...]:
    """Return the blocks of all pages in order; the anchor of each is the page where it
    begins."""
    pages = without_running_lines(pages, usual_in(pages))
    usual = usual_in(pages)
    lines = list(chain.from_iterable(pages))
    texts = "\n".join(map(attrgetter("text"), lines))
    words = frozenset(map(str.casefold, _WORDS.findall(texts)))
    groups = _line_groups(lines, usual)
    levels = _levels(groups, usual)
    blocks = []
    for group in groups:
        first = group[0]
        text = _joined(list(map(attrgetter("text"), group)), words)
        level = 0
        if _is_heading_line(first, usual):
            level = levels[round(first.size, 1)]
        if text.strip():
            blocks.append(_block(text, first.page, level))
    return tuple(blocks)


def _line_groups(lines: list[PdfLine], usual: Usual) -> list[list[PdfLine]]:
    """Return the lines that make one block together."""
    groups = [[line] for line in lines[:1]]
    are_references = False
    for last, line in pairwise(lines):
        if _is_heading_line(last, usual):
            are_references = _REFERENCES.search(last.text) is not None
        goes_on = _goes_on(last, line, usual)
        if are_references and not _is_heading_line(line, usual):
            goes_on = _reference_goes_on(last, line, usual)
        if goes_on:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _reference_goes_on(last: PdfLine, line: PdfLine, usual: Usual) -> bool:
    """Tell whether a line belongs to the entry of the one before it in a list of
    references: it begins without a number, and no further left."""
    if _is_heading_line(last, usual) or _ENTRY.match(line.text):
        return False
    is_ended = _ENDS.search(last.text) is not None
    if _is_elsewhere(last, line, usual):
        return not is_ended
    is_near = last.y - line.y <= _SPACE * max(usual.leading, 0)
    is_further_left = line.x < last.x - _INDENT * line.size
    return is_near and not (is_ended and is_further_left)


def _goes_on(last: PdfLine, line: PdfLine, usual: Usual) -> bool:
    """Tell whether a line belongs to the block of the one before it."""
    is_heading = _is_heading_line(last, usual)
    if is_heading != _is_heading_line(line, usual) or _BULLET.match(line.text):
        return False
    if is_heading:
        return _heading_goes_on(last, line, usual)
    if abs(last.size - line.size) > _SAME_SIZE * last.size:
        return False
    if _is_elsewhere(last, line, usual):
        return line.text[:1].islower() and not _ENDS.search(last.text)
    is_near = last.y - line.y <= _SPACE * max(usual.leading, 0)
    return is_near and not _begins_paragraph(last, line)


def _heading_goes_on(last: PdfLine, line: PdfLine, usual: Usual) -> bool:
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


def _is_elsewhere(last: PdfLine, line: PdfLine, usual: Usual) -> bool:
    """Tell whether a line stands in the next column or on the next page."""
    return line.page != last.page or last.y - line.y < -_BACK * usual.size


def _begins_paragraph(last: PdfLine, line: PdfLine) -> bool:
    """Tell whether a line is indented behind the end of a sentence."""
    is_indented = line.x > last.x + _INDENT * line.size
    return is_indented and _ENDS.search(last.text) is not None


def _is_heading_line(line: PdfLine, usual: Usual) -> bool:
    strong = (
        line.bold,
        line.size >= _BOLD_SIZE * usual.size,
        _TITLE.match(line.text),
    )
    conditions = (
        len(line.text) <= _LONGEST_HEADING,
        any(map(str.isalpha, line.text)),
        any((line.size >= LARGER * usual.size, all(strong))),
    )
    return all(conditions)


def _levels(groups: list[list[PdfLine]], usual: Usual) -> dict[float, int]:
    """Return the level of each size of heading, the largest first."""
    first = [group[0] for group in groups]
    sizes = {round(line.size, 1) for line in first if _is_heading_line(line, usual)}
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


def _joined(lines: list[str], words: frozenset[str]) -> str:
    """Return lines as one text, a word that is broken at a line's end put together."""
    # Its hyphen stays if the file has the word with it elsewhere, and nowhere without.
    text = ""
    for line in lines:
        line = line.translate(_LIGATURES)
        broken = _BROKEN.search(text)
        rest = None
        if line[0].islower():
            rest = _WORDS.match(line)
        if broken is None:
            text = f"{text} {line}"
        elif rest is None or _keeps_hyphen(broken[1], rest[0], words):
            text += line
        else:
            text = text[:-1] + line
    return text.removeprefix(" ")


def _keeps_hyphen(start: str, end: str, words: frozenset[str]) -> bool:
    hyphened, whole = f"{start}-{end}".casefold(), f"{start}{end}".casefold()
    return hyphened in words and whole not in words
