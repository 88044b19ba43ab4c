"""An element of a page → the blocks of its text, in reading order.

A walk of our own, as no extractor we tried keeps code, maths and nesting: text gathers
in a run until a block-level element begins or ends, and then becomes a block of the
kind it stands in.
"""

from __future__ import annotations

from indexer.extract import code
from indexer.extract import math as maths
from indexer.extract.dom import Element
from indexer.extract.headings import LEVELS, anchor_of, heading_text, section_id
from indexer.extract.inline_text import BLOCK_LEVEL, SILENT, is_backlink, note_number
from indexer.extract.tables import is_layout, rows_of, table_text
from indexer.text import whitespace as prose
from search.types import Block, BlockKind

_LISTS = frozenset(["ul", "ol", "dl", "menu", "dir"])
_ITEMS = frozenset(["li", "dt", "dd"])


def blocks_of(body: Element) -> tuple[Block, ...]:
    """The blocks of everything below ``body``; nothing is judged here, only told
    apart."""
    walker = _Walker()
    walker.inside(body)
    walker.flush()
    return tuple(walker.blocks)


class _Walker:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.run: list[str] = []
        self.lists = 0
        self.quotes = 0
        # the level of a list item whose first text is still to come, 0 for none
        self.item = 0
        self.anchor = ""  # the id of what was opened since the last text, for a heading that follows

    def inside(self, element: Element) -> None:
        for child in element.children:
            if isinstance(child, str):
                self.say(child)
            else:
                self.visit(child)

    def say(self, text: str) -> None:
        self.run.append(text)
        if self.anchor and text.strip():
            self.anchor = ""

    def visit(self, element: Element) -> None:
        tag = element.tag
        tex = maths.tex_of(element)
        if tex is not None:
            self.say(tex)
        elif tag in SILENT or is_backlink(element):
            return
        elif tag in ("sup", "a") and (number := note_number(element)):
            self.say(f"[{number}]")
        elif tag == "br":
            self.run.append(prose.BREAK)
        elif tag in LEVELS:
            self.heading(element)
        elif code.is_code(element):
            self.flush()
            self.emit("code", code.text_of(element))
        elif tag == "table":
            self.table(element)
        else:
            self.container(element)

    def container(self, element: Element) -> None:
        self.anchor = (
            element.attrs.get("id") or element.attrs.get("name", "") or self.anchor
        )
        if element.tag not in BLOCK_LEVEL:
            self.inside(element)
            return
        self.flush()
        if element.tag in _LISTS:
            self.list(element)
        elif element.tag in _ITEMS:
            self.list_item(element)
        elif element.tag == "blockquote":
            self.quotes += 1
            self.inside(element)
            self.flush()
            self.quotes -= 1
        else:
            self.inside(element)
            self.flush()

    def list(self, element: Element) -> None:
        outer, self.item = self.item, 0
        self.lists += 1
        self.inside(element)
        self.flush()
        self.lists -= 1
        self.item = outer

    def list_item(self, element: Element) -> None:
        self.item = max(1, self.lists) + (element.tag == "dd")
        self.inside(element)
        self.flush()
        self.item = 0

    def heading(self, element: Element) -> None:
        anchor = anchor_of(element) or self.anchor or section_id(element)
        self.flush()
        self.anchor = ""
        text = heading_text(element)
        if text:
            self.blocks.append(Block("heading", text, LEVELS[element.tag], anchor))

    def table(self, element: Element) -> None:
        self.flush()
        rows = rows_of(element)
        if is_layout(element, rows):
            self.inside(element)
            self.flush()
            return
        for caption in (
            c for c in element.children if not isinstance(c, str) and c.tag == "caption"
        ):
            self.inside(caption)
            self.flush()
        self.emit("table", table_text(rows))

    def flush(self) -> None:
        """End the run of text: what it holds becomes blocks."""
        if not self.run:
            return
        raw = "".join(self.run)
        self.run.clear()
        for text in prose.paragraphs(raw):
            if prose.is_maths(text):
                self.emit("math", text)
            elif self.item:
                self.blocks.append(Block("item", text, self.item))
            else:
                self.emit("quote" if self.quotes else "paragraph", text)
            self.item = 0

    def emit(self, kind: BlockKind, text: str) -> None:
        self.anchor = ""
        if text.strip():
            self.blocks.append(Block(kind, text))
