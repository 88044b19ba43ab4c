"""The blocks of a text by kind, as blocks.html sets them out: lists, tables, code, …

Guesses no kind from the text: it shows those that the index knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from typing import Literal

from search.text.languages import language_by_script
from search.types import Highlight, ShownBlock
from web.formulas import FormulaSpan, formula_spans, mended
from web.text_view import RunCutter, Span, TextRun

TextKind = Literal["paragraph", "heading", "code", "caption", "math"]
Runs = tuple[TextRun, ...]

NARROW = 37  # characters of a line of code that a phone shows without scrolling
DEEPEST = 8  # lists within lists; the rest stands as deep as that
LONGEST_NAME = 40  # characters of a cell that may name its column

_CELL_BORDER = re.compile(r"(?:(?<=\s)|^)\|(?=\s|$)")
_NUMBER = re.compile(r"[-+−~≈<>±$€£¥]?\s*\d[\d.,:/ ]*\s*[%kKMGBx×°]?")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph, heading, caption, formula or stretch of code.

    ``has_lines`` where its line breaks count; ``is_wide`` where it may need to scroll.
    ``level`` and ``anchor`` are a heading's: 1 to 6, and the id it has on the page.
    """

    kind: TextKind
    runs: Runs
    language: str = ""
    has_lines: bool = False
    is_wide: bool = False
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list with the lists within it; ``number`` is 0 without bullets of
    numbers."""

    runs: Runs
    language: str
    has_lines: bool
    number: int = 0
    lists: list[ListBlock] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListBlock:
    """Items of one depth in a row, numbered or not."""

    is_numbered: bool
    items: list[Item] = field(default_factory=list)
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class TableBlock:
    """The cells of a table by rows, which need not be equally long; ``header`` is ()
    where none is plausible."""

    header: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """Paragraphs that the author quotes."""

    paragraphs: tuple[TextBlock, ...]
    kind: Literal["quote"] = "quote"


BlockView = TextBlock | ListBlock | TableBlock | QuoteBlock


def block_views(
    text: str,
    blocks: Sequence[ShownBlock],
    highlights: Sequence[Highlight] = (),
    answer: Highlight | None = None,
) -> list[BlockView]:
    """Set out a text by its blocks, marks in place; blocks without words fall away.

    What no block covers is shown as paragraphs.
    """
    cutter = RunCutter(text, highlights, answer)
    return views_of(cutter, _covering(text, blocks))


def views_of(cutter: RunCutter, blocks: Iterable[ShownBlock]) -> list[BlockView]:
    """Set out blocks of the cutter's text, which are in order and don't overlap."""
    views: list[BlockView] = []
    trimmed = chain.from_iterable(_trimmed(cutter.text, block) for block in blocks)
    for kind, group in groupby(trimmed, key=lambda block: block.kind):
        if kind == "item":
            views += _lists(cutter, group)
        elif kind == "quote":
            quoted = (_text_block(cutter, block, "paragraph") for block in group)
            views.append(QuoteBlock(tuple(quoted)))
        elif kind == "table":
            views += (_table(cutter, block) for block in group)
        else:
            views += (_text_block(cutter, block, kind) for block in group)
    return views


def _covering(text: str, blocks: Sequence[ShownBlock]) -> Iterator[ShownBlock]:
    """Yield the blocks without overlaps, paragraphs in the gaps between them."""
    at = 0
    for block in blocks:
        start = min(max(block.start, at), len(text))
        end = min(max(block.end, start), len(text))
        yield from _paragraphs(text, at, start)
        yield replace(block, start=start, end=end)
        at = end
    yield from _paragraphs(text, at, len(text))


def _paragraphs(text: str, start: int, end: int) -> Iterator[ShownBlock]:
    for found in re.compile(r"\S.*?(?=\s*\n\s*\n|\s*\Z)", re.DOTALL).finditer(
        text, start, end
    ):
        yield ShownBlock(*found.span(), "paragraph")


def _trimmed(text: str, block: ShownBlock) -> Iterator[ShownBlock]:
    """Yield a block without the white space at its ends, nothing if it has no words."""
    words = text[block.start : block.end]
    end = block.start + len(words.rstrip())
    start = end - len(words.strip())
    if block.kind == "code":  # its first line may be indented
        start = text.rfind("\n", block.start, start) + 1 or block.start
    if start < end:
        yield replace(block, start=start, end=end)


def _text_block(cutter: RunCutter, block: ShownBlock, kind: TextKind) -> TextBlock:
    text = cutter.text[block.start : block.end]
    language = ""
    if kind != "code":
        language = language_by_script(text)
    return TextBlock(
        kind,
        cutter.runs((block.start, block.end), _formulas(cutter.text, block)),
        language=language,
        has_lines="\n" in text,
        is_wide=max(map(len, text.split("\n"))) > NARROW,
        level=block.level,
    )


def _formulas(text: str, block: ShownBlock) -> Sequence[FormulaSpan]:
    if block.kind == "code":
        return ()
    found = list(formula_spans(text, block.start, block.end))
    if block.kind == "math" and not found:
        tex = text[block.start : block.end].strip("$")
        tex = mended(tex) or tex
        found = [FormulaSpan(block.start, block.end, tex, display=True)]
    return found


def _lists(cutter: RunCutter, blocks: Iterable[ShownBlock]) -> list[ListBlock]:
    """Nest items by their depth; a number that goes back begins another list."""
    outermost: list[ListBlock] = []
    open_lists = [(0, outermost)]  # depth of an item, and the lists within it
    for block in blocks:
        depth = min(max(1, block.level), DEEPEST)
        while open_lists[-1][0] >= depth:
            open_lists.pop()
        lists = open_lists[-1][1]
        if not lists or not _continues(lists[-1], block.number):
            lists.append(ListBlock(is_numbered=block.number > 0))
        item = _item(cutter, block)
        lists[-1].items.append(item)
        open_lists.append((depth, item.lists))
    return outermost


def _continues(before: ListBlock, number: int) -> bool:
    if before.is_numbered:
        return number > before.items[-1].number
    return not number


def _item(cutter: RunCutter, block: ShownBlock) -> Item:
    view = _text_block(cutter, block, "paragraph")
    return Item(view.runs, view.language, view.has_lines, block.number)


def _table(cutter: RunCutter, block: ShownBlock) -> TableBlock:
    rows = []
    for start, end in _lines(cutter.text, block):
        formulas = list(formula_spans(cutter.text, start, end))
        cells = list(_cells(cutter.text, (start, end), formulas))
        rows.append([(cell, _within(formulas, cell)) for cell in cells])
    texts = [[cutter.text[slice(*cell)] for cell, _ in row] for row in rows]
    views = tuple(tuple(cutter.runs(*cell) for cell in row) for row in rows)
    if _has_header(texts):
        return TableBlock(views[0], views[1:])
    return TableBlock((), views)


def _lines(text: str, block: ShownBlock) -> Iterator[Span]:
    for found in re.compile(r"[^\n]*\S[^\n]*").finditer(text, block.start, block.end):
        yield found.span()


def _cells(text: str, row: Span, formulas: Sequence[FormulaSpan]) -> Iterator[Span]:
    """Yield the spans of a row's cells; a stroke within a formula parts none."""
    start, end = row
    for border in _CELL_BORDER.finditer(text, start, end):
        if not any(one.start < border.start() < one.end for one in formulas):
            yield _stripped(text, (start, border.start()))
            start = border.end()
    yield _stripped(text, (start, end))


def _stripped(text: str, span: Span) -> Span:
    words = text[slice(*span)]
    start = span[0] + len(words) - len(words.lstrip())
    return start, max(start, span[0] + len(words.rstrip()))


def _within(formulas: Iterable[FormulaSpan], cell: Span) -> list[FormulaSpan]:
    return [one for one in formulas if cell[0] <= one.start and one.end <= cell[1]]


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell if the first row names columns: short, without numbers, of two cells or more."""
    if len(rows) < 2 or len(rows[0]) < 2 or not all(rows[0][1:]):
        return False
    return not any(
        len(cell) > LONGEST_NAME or _NUMBER.fullmatch(cell) for cell in rows[0]
    )


def runs_of(view: BlockView) -> Iterator[TextRun]:
    """Yield all runs of a block, those of its items, cells and paragraphs in order."""
    match view:
        case TextBlock():
            yield from view.runs
        case QuoteBlock():
            for paragraph in view.paragraphs:
                yield from paragraph.runs
        case ListBlock():
            for item in view.items:
                yield from item.runs
                for inner in item.lists:
                    yield from runs_of(inner)
        case TableBlock():
            cells = chain(view.header, *view.rows)
            yield from chain.from_iterable(cells)
