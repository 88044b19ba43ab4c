"""The text of a paper in the HTML that LaTeXML makes of TeX, as arXiv and ar5iv give it.

https://math.nist.gov/~BMiller/LaTeXML/manual/customization/customization.html names its
classes. The tree is spent then.
"""

from __future__ import annotations

from indexer.extract.blocks import blocks_of
from indexer.extract.dom import Element
from indexer.extract.inline_text import inline_text, is_silent
from indexer.extract.math import formula_of
from indexer.text.markup import word_set
from search.types import Block

_DOCUMENT = "ltx_document"
# What the page about the paper says better, what leads around, and what went wrong.
_DROPPED = word_set(
    """
    ltx_title_document ltx_subtitle ltx_authors ltx_dates ltx_keywords ltx_TOC ltx_page_navbar ltx_page_footer
    ltx_page_header ltx_page_logo ltx_ERROR ltx_role_institutetext ltx_role_thanks ltx_pagination ltx_listing_data
    ltx_note_mark ltx_tag_note ltx_note_type ltx_rule
    """
)
_ABSTRACT = "ltx_abstract"
_FOOTNOTES = word_set("ltx_role_footnote ltx_role_footnotetext ltx_role_endnote")
_NOTE = "ltx_note"
_EQUATIONS = "ltx_eqn_table"
_ROW = "ltx_eqn_row"
_LISTING, _LINE = "ltx_listing", "ltx_listingline"


def is_latexml(root: Element) -> bool:
    """Tell if a page holds a paper as LaTeXML sets it."""
    return _document(root) is not None


def read_latexml(root: Element, *, has_abstract: bool) -> tuple[Block, ...]:
    """Return the paper's blocks from its first section on; with its abstract where none
    is known: ``has_abstract`` is False."""
    document = _document(root)
    if document is None:
        return ()
    dropped = _DROPPED | {_ABSTRACT} if has_abstract else _DROPPED
    notes: list[Element] = []
    for element in list(document.elements()):
        classes = set(element.classes)
        if dropped.intersection(classes):
            element.remove()
        elif _NOTE in classes:
            _take_note(element, classes, notes)
        elif _EQUATIONS in classes:
            _set_equations(element)
        elif _LISTING in classes:
            _set_listing(element)
    document.children += _section_of(notes)
    return blocks_of(document)


def _document(root: Element) -> Element | None:
    for element in root.elements("article", "div"):
        if _DOCUMENT in element.classes:
            return element
    return None


def _take_note(element: Element, classes: set[str], notes: list[Element]) -> None:
    """Take a note out of the sentence that it stands in."""
    element.remove()
    if _FOOTNOTES.intersection(classes):
        notes.append(element)


def _section_of(notes: list[Element]) -> list[Element | str]:
    if not notes:
        return []
    heading = Element("h2", children=["Footnotes"])
    items: list[Element | str] = [Element("li", children=[note]) for note in notes]
    return [heading, Element("ul", children=items)]


def _set_equations(table: Element) -> None:
    """Put the formulas of a table of equations in its place, one a row."""
    rows = [row for row in table.elements() if _ROW in row.classes] or [table]
    table.tag, table.attrs = "div", {}
    table.children = [Element("p", children=[tex]) for tex in map(_row_of, rows) if tex]


def _row_of(row: Element) -> str:
    """Return the parts of an aligned formula as one."""
    parts = [formula_of(math) or "" for math in row.elements("math")]
    tex = " ".join(part.strip("$") for part in parts if part)
    return f"$${tex}$$" if tex.strip() else ""


def _set_listing(listing: Element) -> None:
    lines = [line for line in listing.elements() if _LINE in line.classes]
    if lines:
        texts = [inline_text(line, is_silent) for line in lines]
        listing.tag, listing.attrs = "pre", {}
        listing.children = ["\n".join(texts)]
