"""Tables of data as lines of cells, and their difference from those that only lay out
a page."""

from __future__ import annotations

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
    lines = [" | ".join(inline_text(cell, is_silent) for cell in row) for row in rows]
    return "\n".join(line for line in lines if line.strip(" |"))


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
    if table.get("role") in ("presentation", "none"):
        return True
    if all(len(row) <= 1 for row in rows):
        return True
    return any(_is_layout_cell(cell) for row in rows for cell in row)


def _is_layout_cell(cell: Element) -> bool:
    if cell.size > LAYOUT_CELL or cell.has(*_STRUCTURE):
        return True
    return len(list(cell.elements("p"))) > _MOST_PARAGRAPHS
