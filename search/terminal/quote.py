"""The lines of a quote: each block in the way of its kind, the answer in sight.

Knows nothing of articles and results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from search.console import plain
from search.terminal.styled import (
    CUT,
    Style,
    Text,
    cut,
    padded,
    styled,
    unstyled,
    width,
    wrap,
)
from search.types import HitPassage, ShownBlock

# They stand around the answer where there is no bold.
OPENING, CLOSING = "»", "«"
TAB = 4  # columns
CODE_INDENT = "  "
BETWEEN_CELLS = " │ "
NARROWEST_CELL = 3  # columns: a letter or two and the sign of the cut
DIM_KINDS = ("code", "caption")


def whole_quote(passage: HitPassage, room: int, *, colour: bool) -> list[Text]:
    """Set out all of a quote in lines of ``room`` columns, blocks apart."""
    cells = _marked(passage, colour=colour)
    lines: list[Text] = []
    before = ""
    for block in _blocks(passage):
        # Items of a list belong together.
        if lines and (before, block.kind) != ("item", "item"):
            lines.append([])
        lines += _block_lines(block, cells, room)
        before = block.kind
    return lines


def short_quote(
    passage: HitPassage, room: int, *, most: int, colour: bool
) -> list[Text]:
    """Set out at most so many lines of a quote, from its beginning if the answer is
    among them, else from the answer on."""
    cells = _marked(passage, colour=colour)
    lines = list(_lines_from(0, passage, cells, room))
    if passage.answer and _count_answer(lines[:most]) < _count_answer(lines):
        start = _start_of(passage, passage.answer.start)
        lines = list(_lines_from(start, passage, cells, room))
    if len(lines) <= most:
        return lines
    *shown, last = lines[:most]
    return [*shown, _broken_off(last, room)]


def _broken_off(line: Text, room: int) -> Text:
    """Put … behind the last word of a line that it fits behind."""
    line = line or [(" ", Style.PLAIN)]
    words = list(_split(line, " "))
    while len(words) > 1 and width(line) + len(f" {CUT}") > room:
        words.pop()
        line = line[: sum(map(len, words)) + len(words) - 1]
    return cut([*line, *styled(f" {CUT}")], room)


def _lines_from(
    start: int, passage: HitPassage, cells: Sequence[Text], room: int
) -> Iterator[Text]:
    for block in _blocks(passage):
        if block.end <= start:
            continue
        if block.start < start:
            yield from _rest_of(block, start, cells, room)
        else:
            yield from _block_lines(block, cells, room)


def _rest_of(
    block: ShownBlock, start: int, cells: Sequence[Text], room: int
) -> list[Text]:
    """Set out a block from some character on, with … for what is left out."""
    rest = replace(block, start=start)
    if block.kind == "table":
        # The first row names the columns.
        head = next(_split(_content(block, cells), "\n"))
        rows = list(_split(_content(rest, cells), "\n"))
        return _table_lines([head, *rows], room)
    if block.kind == "code":
        return _block_lines(rest, cells, room)
    # A rest has no bullet or number of its own.
    content = [*styled(f"{CUT} "), *_content(rest, cells)]
    return _wrapped(content, room)


def _start_of(passage: HitPassage, place: int) -> int:
    """Return where to begin so that this place is in the first line: at the line's
    beginning where lines mean something."""
    for block in _blocks(passage):
        if block.start <= place < block.end and block.kind in ("code", "table"):
            newline = passage.text.rfind("\n", block.start, place)
            return max(newline + 1, block.start)
    return place


def _blocks(passage: HitPassage) -> tuple[ShownBlock, ...]:
    # A note has none.
    return passage.blocks or (ShownBlock(0, len(passage.text), "paragraph"),)


def _marked(passage: HitPassage, *, colour: bool) -> list[Text]:
    """Return the characters of a quote with their styles, and the marks around the
    answer where there is no colour; their places stay those of the text."""
    text = plain(passage.text, keep="\n\t")
    styles = [Style.PLAIN] * len(text)
    for span in passage.highlights:
        for place in range(span.start, min(span.end, len(text))):
            styles[place] |= Style.MATCH
    cells = [[cell] for cell in zip(text, styles, strict=True)]
    if passage.answer is None:
        return cells
    start, end = passage.answer.start, min(passage.answer.end, len(text))
    for place in range(start, end):
        character, style = cells[place][0]
        cells[place] = [(character, style | Style.ANSWER)]
    if not colour and start < end:
        cells[start] = [(OPENING, Style.ANSWER), *cells[start]]
        cells[end - 1] = [*cells[end - 1], (CLOSING, Style.ANSWER)]
    return cells


def _count_answer(lines: Sequence[Text]) -> int:
    cells = chain.from_iterable(lines)
    return sum(Style.ANSWER in style for _, style in cells)


def _content(block: ShownBlock, cells: Sequence[Text]) -> Text:
    return list(chain.from_iterable(cells[block.start : block.end]))


def _block_lines(block: ShownBlock, cells: Sequence[Text], room: int) -> list[Text]:
    content = _content(block, cells)
    if block.kind in DIM_KINDS:
        content = _with(content, Style.DIM)
    if block.kind == "code":
        code = [styled(CODE_INDENT) + _untabbed(line) for line in _split(content, "\n")]
        return [cut(line, room) for line in code]
    if block.kind == "table":
        return _table_lines(list(_split(content, "\n")), room)
    if block.kind == "heading":
        return _wrapped(_with(content, Style.TITLE), room)
    if block.kind == "item":
        mark = "• "
        if block.number:
            mark = f"{block.number}. "
        return _hanging(content, "  " * (block.level - 1) + mark, room)
    if block.kind == "quote":
        return _hanging(content, "│ ", room, each="│ ")
    return _wrapped(content, room)


def _hanging(content: Text, mark: str, room: int, *, each: str = "") -> list[Text]:
    """Wrap a text beside a mark that stands before its first line, or before each."""
    before = styled(mark, Style.DIM)
    beside = styled(each, Style.DIM) or styled(" " * width(before))
    first, *rest = _wrapped(content, max(room - width(before), NARROWEST_CELL))
    return [before + first, *(beside + line for line in rest)]


def _wrapped(content: Text, room: int) -> list[Text]:
    lines: list[Text] = []
    for line in _split(content, "\n"):
        if line:
            lines += wrap(line, room)
    return lines or [[]]


def _table_lines(rows: Sequence[Text], room: int) -> list[Text]:
    """Align the cells of a table in columns, the widest cut until they fit."""
    table = [list(_split(_with_first_cell(row), " | ")) for row in rows if row]
    # A row may have fewer cells than others.
    columns = zip_longest(*table, fillvalue=[])
    widths = [max(map(width, column)) for column in columns]
    most = room - len(BETWEEN_CELLS) * (len(widths) - 1)
    while sum(widths) > most and max(widths) > NARROWEST_CELL:
        widths[widths.index(max(widths))] -= 1
    lines = []
    for row in table:
        line: Text = []
        for cell, column in zip(row, widths, strict=False):
            if line:
                line += styled(BETWEEN_CELLS, Style.DIM)
            line += padded(cut(cell, column), column)
        lines.append(cut(line, room))
    return lines


def _with_first_cell(row: Text) -> Text:
    """Give a row its first cell back where that is empty: its line begins with the
    sign between cells."""
    if row[0][0] == "|":
        return styled(" ") + row
    return row


def _split(text: Text, mark: str) -> Iterator[Text]:
    """Part a text at each mark, as str.split does."""
    characters = unstyled(text)
    start = 0
    while (place := characters.find(mark, start)) >= 0:
        yield text[start:place]
        start = place + len(mark)
    yield text[start:]


def _untabbed(line: Text) -> Text:
    expanded: Text = []
    for character, style in line:
        if character == "\t":
            expanded += styled(" " * TAB, style)
        else:
            expanded.append((character, style))
    return expanded


def _with(text: Text, style: Style) -> Text:
    return [(character, known | style) for character, known in text]
