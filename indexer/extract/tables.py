"""Tables: told from those that only lay out a page, and set as lines of cells."""

from __future__ import annotations

from indexer.extract.dom import Element
from indexer.extract.headings import LEVELS
from indexer.extract.inline_text import is_voiceless, said_in

LAYOUT_CELL = 600
"""Characters in one cell beyond which a table lays out the page and holds no data; the
longest cell of a true table in the archives at hand has 271, the column of a laid-out
one 1,018."""


def table_text(rows: list[list[Element]]) -> str:
    """A line a row, the cells of one parted by " | "; empty rows are left out."""
    lines = [" | ".join(said_in(cell, is_voiceless) for cell in row) for row in rows]
    return "\n".join(line for line in lines if line.strip(" |"))


def rows_of(table: Element) -> list[list[Element]]:
    """The cells of each row; those of a table inside are its own."""
    rows: list[list[Element]] = []
    stack = [c for c in reversed(table.children) if not isinstance(c, str)]
    while stack:
        element = stack.pop()
        if element.tag == "tr":
            rows.append(
                [
                    c
                    for c in element.children
                    if not isinstance(c, str) and c.tag in ("td", "th")
                ]
            )
        elif element.tag in ("thead", "tbody", "tfoot"):
            stack.extend(
                c for c in reversed(element.children) if not isinstance(c, str)
            )
    return rows


def is_layout(table: Element, rows: list[list[Element]]) -> bool:
    if table.attrs.get("role") in ("presentation", "none") or all(
        len(row) <= 1 for row in rows
    ):
        return True
    cells = [cell for row in rows for cell in row]
    if any(_holds_structure(cell) for cell in cells):
        return True
    return any(cell.size > LAYOUT_CELL for cell in cells)


def _holds_structure(cell: Element) -> bool:
    tags = [e.tag for e in cell.elements()]
    return (
        any(t in LEVELS or t in ("pre", "table", "blockquote", "form") for t in tags)
        or tags.count("p") > 3
    )
