"""The blocks of an element's text, in reading order.

A walk of our own, as no extractor that we tried keeps code, maths and nesting: text
gathers in a run until a block-level element begins or ends, and then becomes a block of
the kind that it stands in. Judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.extract.body.theme_names import CAPTIONS, is_named
from indexer.extract.code import code_text, is_code
from indexer.extract.dom import Element
from indexer.extract.headings import LEVELS, anchor_of, heading_text, section_id
from indexer.extract.inline_text import BLOCK_LEVEL, SILENT, is_backlink, note_number
from indexer.extract.math import formula_of
from indexer.extract.tables import is_layout, rows_of, table_text
from indexer.text.whitespace import BREAK, is_maths, paragraphs
from search.types import Block, BlockKind

_LISTS = frozenset(["ul", "ol", "dl", "menu", "dir"])
_ITEMS = frozenset(["li", "dt", "dd"])
_CAPTIONS = frozenset(["figcaption", "caption"])
# Elements that themes set a caption in: ``<p class="caption">``, ``td.tr-caption``.
_NAMED_CAPTIONS = frozenset(["p", "div", "td", "section", "center"])
# Characters from which an element is no caption, whatever its class is called.
_LONGEST_CAPTION = 1500
# What stands beside its caption in a box that is named for it.
_PICTURED = ("img", "picture", "svg", "video", "table", "pre", "figure", "object")
# A number that a list or an item is given; longer ones number nothing.
_INTEGER = re.compile(r"\s*([+-]?\d{1,6})(?!\d)")
# Elements that may be the number of a footnote.
_NOTE_MARKS = frozenset(["sup", "a"])


# Elements that are no box of their own: what stands in them stands in the box around.
_UNBOXED = _LISTS | _ITEMS | {"blockquote", "p"}


@dataclass(frozen=True, slots=True)
class LocatedBlock:
    """A block and the box that it stands in: the same for blocks of one box, or of boxes
    of one class; it has no other meaning."""

    block: Block
    box: str


def blocks_of(body: Element) -> tuple[Block, ...]:
    """Return the blocks of everything below ``body``."""
    return tuple(located.block for located in located_blocks(body))


def located_blocks(body: Element) -> tuple[LocatedBlock, ...]:
    """Return the blocks of everything below ``body``, each with its box."""
    walk = _Walk(body)
    walk.through(body)
    walk.flush()
    return tuple(walk.blocks)


class _ListNumbers:
    """The numbers that browsers show before the items of one list.

    Counts as HTML says (``start``, ``value``, ``reversed``), whatever the style.
    """

    def __init__(self, element: Element) -> None:
        self._is_ordered = element.tag == "ol"
        self._step = 1
        first = 1
        if "reversed" in element.attrs:
            self._step = -1
            first = sum(child.tag == "li" for child in element.child_elements)
        self._next = _integer(element.get("start"), first)

    def number_of(self, item: Element) -> int:
        """Return the number of the next item, 0 for one without or below 1."""
        if not self._is_ordered:
            return 0
        number = _integer(item.get("value"), self._next)
        self._next = number + self._step
        return max(0, number)


def _integer(text: str, otherwise: int) -> int:
    number = _INTEGER.match(text)
    return otherwise if number is None else int(number[1])


def _is_caption(element: Element) -> bool:
    """Tell whether the whole of an element is a caption: by its tag, then by class."""
    if element.tag in _CAPTIONS:
        return True
    if element.tag not in _NAMED_CAPTIONS or element.size > _LONGEST_CAPTION:
        return False
    return is_named(element.classes, CAPTIONS) and not element.has(*_PICTURED)


class _Walk:
    def __init__(self, body: Element) -> None:
        self.blocks: list[LocatedBlock] = []
        self.here = body
        self.run: list[str] = []
        self.lists: list[_ListNumbers] = []  # open lists, one in the other
        self.quotes = 0
        self.captions = 0
        # the level of a list item whose first text is still to come, 0 for none
        self.item = 0
        self.number = 0  # of that item in an ordered list
        # the id opened since the last text, for a heading that follows
        self.anchor = ""

    def through(self, element: Element) -> None:
        outer, self.here = self.here, element
        for child in element.children:
            if isinstance(child, str):
                self.say(child)
            else:
                self.visit(child)
        self.here = outer

    def say(self, text: str) -> None:
        self.run.append(text)
        if self.anchor and text.strip():
            self.anchor = ""

    def visit(self, element: Element) -> None:
        tag = element.tag
        formula = formula_of(element)
        number = ""
        if tag in _NOTE_MARKS:
            number = note_number(element)
        if formula is not None:
            self.say(formula)
        elif tag in SILENT or is_backlink(element):
            return
        elif number:
            self.say(f"[{number}]")
        elif tag == "br":
            self.run.append(BREAK)
        elif tag in LEVELS:
            self.heading(element)
        elif is_code(element):
            self.flush()
            self.emit("code", code_text(element))
        elif tag == "table":
            self.table(element)
        else:
            self.container(element)

    def container(self, element: Element) -> None:
        self.anchor = element.get("id") or element.get("name") or self.anchor
        tag = element.tag
        if tag not in BLOCK_LEVEL:
            self.through(element)
            return
        self.flush()
        if tag in _LISTS:
            self.list(element)
        elif tag in _ITEMS:
            self.list_item(element)
        elif _is_caption(element):
            self.caption(element)
        elif tag == "blockquote":
            self.quotes += 1
            self.block(element)
            self.quotes -= 1
        else:
            self.block(element)

    def block(self, element: Element) -> None:
        self.through(element)
        self.flush()

    def list(self, element: Element) -> None:
        outer = self.item, self.number
        self.item = 0
        self.lists.append(_ListNumbers(element))
        self.block(element)
        self.lists.pop()
        self.item, self.number = outer

    def list_item(self, element: Element) -> None:
        self.item = max(1, len(self.lists)) + (element.tag == "dd")
        self.number = 0
        if self.lists:
            self.number = self.lists[-1].number_of(element)
        self.block(element)
        self.item = 0

    def caption(self, element: Element) -> None:
        self.captions += 1
        self.block(element)
        self.captions -= 1

    def heading(self, element: Element) -> None:
        anchor = anchor_of(element) or self.anchor or section_id(element)
        self.flush()
        self.anchor = ""
        text = heading_text(element)
        if text:
            self.add(Block("heading", text, LEVELS[element.tag], anchor))

    def table(self, element: Element) -> None:
        self.flush()
        rows = rows_of(element)
        if is_layout(element, rows):
            self.block(element)
            return
        for child in element.child_elements:
            if _is_caption(child):
                self.caption(child)
        self.emit("table", table_text(rows))

    def flush(self) -> None:
        """End the run of text and make blocks of it."""
        if not self.run:
            return
        raw = "".join(self.run)
        self.run.clear()
        for text in paragraphs(raw):
            if is_maths(text):
                self.emit("math", text)
            elif self.item:
                self.add(Block("item", text, self.item, number=self.number))
            elif self.captions:
                self.emit("caption", text)
            elif self.quotes:
                self.emit("quote", text)
            else:
                self.emit("paragraph", text)
            self.item = 0

    def emit(self, kind: BlockKind, text: str) -> None:
        self.anchor = ""
        if text.strip():
            self.add(Block(kind, text))

    def add(self, block: Block) -> None:
        box = self.here
        while box.tag in _UNBOXED and box.parent is not None:
            box = box.parent
        made = box.get("class") or str(id(box))
        self.blocks.append(LocatedBlock(block, f"{box.tag}.{made}"))
