"""Blocks cut into pieces that fit the model's window: whole, else at natural borders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from search.errors import BlogsearchError
from search.text.sentences import sentence_starts
from search.types import Block

CountTokens = Callable[[Sequence[str]], list[int]]

_BY_LINE = ("code", "table", "math")  # kinds of blocks that are cut between lines
_SPACES = re.compile(r"\s+")
# Marks behind which a sentence without spaces may be cut.
_CLAUSE = re.compile(r"[,;:，、；：。！？)\]}）]+")
_LINE_BREAK = re.compile(r"\n(?!\Z)")  # none at the end: a line begins behind it
_JOINERS = "\u200d\ufe0e\ufe0f"  # they make one sign of those around them
# The middle is looked for within a quarter of the length on either side.
_REACH = 4


class WindowTooSmall(BlogsearchError):
    """The model reads so little that not one character fits beside the title."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` up to ``end`` of block ``block``.

    ``leads``: it ends with a colon.
    """

    block: int
    start: int
    end: int
    tokens: int = 0
    leads: bool = False

    def text(self, blocks: Sequence[Block]) -> str:
        """Return the characters of this piece."""
        return blocks[self.block].text[self.start : self.end]


def cut_to_fit(
    blocks: Sequence[Block], rooms: Sequence[int], count_tokens: CountTokens
) -> list[list[Piece]]:
    """Return each block's pieces in order, none of more tokens than the block's room.

    Tokens are counted in one call for all the blocks, and one more for each round of
    cutting.
    """
    fitting: list[list[Piece]] = [[] for _ in blocks]
    pending: list[Piece] = []
    for i in range(len(blocks)):
        pending += _whole_block(blocks, i)
    while pending:
        texts = [piece.text(blocks) for piece in pending]
        counts = count_tokens(texts)
        over: list[Piece] = []
        for piece, text, tokens in zip(pending, texts, counts, strict=True):
            if tokens > rooms[piece.block]:
                over += cut(blocks, piece)
            else:
                leads = text.endswith((":", "："))
                fitting[piece.block].append(replace(piece, tokens=tokens, leads=leads))
        pending = over
    return [sorted(pieces, key=lambda piece: piece.start) for pieces in fitting]


def cut(blocks: Sequence[Block], piece: Piece) -> list[Piece]:
    """Return two or more pieces in place of one.

    Lines or sentences of a whole block, else two halves.
    """
    text = blocks[piece.block].text
    # One whose tokens are counted is of a passage: it has been cut as far as this goes.
    if piece in _whole_block(blocks, piece.block):
        starts = _starts(blocks[piece.block])
        parts = _pieces_between(blocks, piece.block, [*starts, len(text)])
        if len(parts) > 1:
            return parts
    middle = _middle(text, piece.start, piece.end)
    return _pieces_between(blocks, piece.block, [piece.start, middle, piece.end])


def joined(blocks: Sequence[Block], pieces: Sequence[Piece]) -> str:
    """Return the text of neighbouring pieces; what was one block is one again."""
    text = ""
    first = pieces[0]
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if following is not None and following.block == piece.block:
            continue
        text += blocks[piece.block].text[first.start : piece.end]
        if following is not None:
            text += _break_between(blocks[piece.block], blocks[following.block])
            first = following
    return text


def _break_between(block: Block, following: Block) -> str:
    """Return a line break between items of a list, an empty line between all others."""
    if block.kind == following.kind == "item":
        return "\n"
    return "\n\n"


def _whole_block(blocks: Sequence[Block], block: int) -> list[Piece]:
    """Return a whole block as one piece."""
    return _pieces_between(blocks, block, [0, len(blocks[block].text)])


def _starts(block: Block) -> list[int]:
    """Return the places at which the lines or sentences of a block begin."""
    if block.kind in _BY_LINE:
        return [0, *(match.end() for match in _LINE_BREAK.finditer(block.text))]
    return sentence_starts(block.text)


def _pieces_between(
    blocks: Sequence[Block], block: int, borders: Sequence[int]
) -> list[Piece]:
    """Return the pieces between borders without white space around them."""
    # Code keeps its indentation. Empty pieces are left out.
    text = blocks[block].text
    by_line = blocks[block].kind in _BY_LINE
    kept: list[Piece] = []
    for start, end in pairwise(borders):
        part = text[start:end]
        first = len(part) - len(part.lstrip())
        last = len(part.rstrip())
        if first >= last:
            continue
        # From the beginning of the line on which the text begins.
        if by_line:
            first = part.rfind("\n", 0, first) + 1
        kept.append(Piece(block, start + first, start + last))
    return kept


def _middle(text: str, start: int, end: int) -> int:
    """Return a place near the middle to cut at."""
    # At white space, else behind a mark, else between two characters.
    if end - start < 2:
        raise WindowTooSmall(
            "the model's window is too small for this article's title; choose another model"
        )
    middle = (start + end) // 2
    reach = (end - start) // _REACH
    for border in (_SPACES, _CLAUSE):
        matches = border.finditer(text, middle - reach, middle + reach)
        found = [match.end() for match in matches]
        if found:
            return min(found, key=lambda place: abs(place - middle))
    # Between a letter and its accent, or within a sign made of several, is no border.
    place = middle
    while place < end and _joins(text[place]):
        place += 1
    if place < end:
        return place
    return middle


def _joins(character: str) -> bool:
    """Tell if a character belongs to the one before it."""
    return unicodedata.combining(character) > 0 or character in _JOINERS
