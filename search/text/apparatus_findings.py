"""The findings on an article's blocks while its apparatus is being told apart.

Decides nothing: search/text/apparatus.py goes by shapes, apparatus_sections.py by
titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Literal

from search.text.reference_shapes import (
    is_marked,
    is_numbered,
    leads_back,
    marks_in,
    note_number,
)
from search.types import Block

Apparatus = Literal[
    "reference", "footnote", "caption", "navigation", "licence", "byline"
]

# Kinds of blocks that have no lines of text.
NOT_PROSE = ("code", "math", "table", "heading")
_COMPARED = 200  # characters of a heading, to tell it from others


def letters(text: str) -> str:
    """Return what a heading and its line in a table of contents have in common."""
    return "".join(filter(str.isalnum, text[:_COMPARED].casefold()))


class Findings:
    """The blocks of one article, and of each the part of the apparatus that it is.

    ``points`` says how much speaks for a block's being a reference, where anything
    does.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.kinds: list[Apparatus | None] = [None] * len(blocks)
        self.points: dict[int, int] = {}
        self._text_ends = len(blocks)

    def flag(self, numbers: Iterable[int], kind: Apparatus | None) -> None:
        """Say what these blocks are, of which nothing has been said."""
        for i in numbers:
            self.kinds[i] = self.kinds[i] or kind

    def is_prose(self, i: int) -> bool:
        """Tell if a block has lines of text."""
        return self.blocks[i].kind not in NOT_PROSE

    def is_at_end(self, end: int) -> bool:
        """Tell if nothing but apparatus and headings stands from ``end`` on."""
        # What has been passed stays passed: no block loses its flag.
        while self._text_ends > 0:
            last = self._text_ends - 1
            if self.kinds[last] is None and self.blocks[last].kind != "heading":
                break
            self._text_ends = last
        return end >= self._text_ends

    def is_note(self, i: int) -> bool:
        """Tell if a block begins or ends as a footnote does."""
        block = self.blocks[i]
        if not self.is_prose(i):
            return False
        if block.number:
            return True
        text = block.text
        return is_marked(text) or is_numbered(text) or leads_back(text)

    def has_mark(self, i: int) -> bool:
        """Tell if the text has the mark of this note: "as is known[3]"."""
        block = self.blocks[i]
        if block.number:
            return str(block.number) in self.marks
        return note_number(block.text) in self.marks

    @cached_property
    def titles(self) -> frozenset[str]:
        """The letters of each heading of the article."""
        blocks = self.blocks
        return frozenset(letters(b.text) for b in blocks if b.kind == "heading")

    @cached_property
    def marks(self) -> frozenset[str]:
        """The numbers of the notes that the text has marks of."""
        prose = (b.text for b in self.blocks if b.kind not in NOT_PROSE)
        return frozenset(chain.from_iterable(map(marks_in, prose)))
