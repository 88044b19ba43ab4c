"""Tables of data as lines of cells, and their difference from those that only lay out
a page."""

from __future__ import annotations

from itertools import chain

from indexer.extract.code import cells_of
from indexer.extract.dom import Element
from indexer.extract.headings import LEVELS
from indexer.extract.inline_text import inline_text, is_silent

# Characters in one cell beyond which a table lays out the page: the longest cell of a
# true table in the archives at hand has 271, the column of a laid-out one 1,018.
LAYOUT_CELL = 600
_MOST_PARAGRAPHS = 3  # in one cell of a table of data
_STRUCTURE = frozenset([*LEVELS, "pre", "table", "blockquote", "form"])


def table_text(rows: list[list[Element]]) -> str:
    """Return a line a row, its cells parted by " | ", without empty rows."""
    lines = [" | ".join(map(_cell_text, row)) for row in rows]
    return "\n".join(line for line in lines if line.strip(" |"))


def _cell_text(cell: Element) -> str:
    return inline_text(cell, is_silent)


def rows_of(table: Element) -> list[list[Element]]:
    """Return the cells of each row, not those of a table inside."""
    rows: list[list[Element]] = []
    for element in table.child_elements:
        if element.tag == "tr":
            rows.append(cells_of(element))
        elif element.tag in ("thead", "tbody", "tfoot"):
            rows += rows_of(element)
    return rows


def is_layout(table: Element, rows: list[list[Element]]) -> bool:
    """Tell whether a table lays out the page and has no data."""
    is_narrow = max(map(len, rows), default=0) <= 1
    is_said = table.get("role") in ("presentation", "none")
    cells = chain.from_iterable(rows)
    return is_narrow or is_said or any(map(_is_layout_cell, cells))


def _is_layout_cell(cell: Element) -> bool:
    signs = (
        cell.size > LAYOUT_CELL,
        cell.has(*_STRUCTURE),
        len(list(cell.elements("p"))) > _MOST_PARAGRAPHS,
    )
    return any(signs)
