"""Blocks cut into pieces that fit the model's window: whole where possible, else at
natural borders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from search.errors import BlogsearchError
from search.text.sentences import sentence_starts
from search.types import Block

CountTokens = Callable[[Sequence[str]], list[int]]

_BY_LINE = ("code", "table", "math")
_SPACES = re.compile(r"\s+")
_CLAUSE = re.compile(r"[,;:，、；：。！？)\]}）]+")
_JOINERS = "\u200d\ufe0e\ufe0f"


class WindowTooSmall(BlogsearchError):
    """The model reads so little that not one character fits beside the title."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` up to ``end`` of block ``block``; ``leads`` says that it
    ends with a colon."""

    block: int
    start: int
    end: int
    tokens: int = 0
    leads: bool = False


def cut_to_fit(
    blocks: Sequence[Block], rooms: Sequence[int], count_tokens: CountTokens
) -> list[list[Piece]]:
    """For each block its pieces in order, none of more tokens than the block's room.

    Tokens are counted in one call for all the blocks, and one more for each round of
    cutting.
    """
    fitting: list[list[Piece]] = [[] for _ in blocks]
    pending = [
        piece
        for i in range(len(blocks))
        for piece in _trimmed(blocks, [Piece(i, 0, len(blocks[i].text))])
    ]
    while pending:
        over: list[Piece] = []
        texts = [blocks[p.block].text[p.start : p.end] for p in pending]
        for piece, text, tokens in zip(
            pending, texts, count_tokens(texts), strict=True
        ):
            if tokens > rooms[piece.block]:
                over.append(piece)
            else:
                leads = text.endswith((":", "："))
                fitting[piece.block].append(
                    Piece(piece.block, piece.start, piece.end, tokens, leads)
                )
        pending = [part for piece in over for part in cut(blocks, piece)]
    return [sorted(pieces, key=lambda piece: piece.start) for pieces in fitting]


def cut(blocks: Sequence[Block], piece: Piece) -> list[Piece]:
    """Two or more pieces in place of one: lines or sentences of a whole block, else two
    halves."""
    block = blocks[piece.block]
    if piece in _trimmed(blocks, [Piece(piece.block, 0, len(block.text))]):
        starts = (
            _line_starts(block.text)
            if block.kind in _BY_LINE
            else sentence_starts(block.text)
        )
        ends = [*starts[1:], len(block.text)]
        parts = _trimmed(
            blocks,
            (Piece(piece.block, s, e) for s, e in zip(starts, ends, strict=True)),
        )
        if len(parts) > 1:
            return parts
    middle = _middle(block.text, piece.start, piece.end)
    halves = [
        Piece(piece.block, piece.start, middle),
        Piece(piece.block, middle, piece.end),
    ]
    return _trimmed(blocks, halves)


def joined(blocks: Sequence[Block], pieces: Sequence[Piece]) -> str:
    """The text of neighbouring pieces; what was one block is one again."""
    texts: list[str] = []
    first = pieces[0]
    for last, following in zip(pieces, [*pieces[1:], None], strict=True):
        if following is None or following.block != last.block:
            texts.append(blocks[last.block].text[first.start : last.end])
            if following is not None:
                listed = (
                    blocks[last.block].kind == blocks[following.block].kind == "item"
                )
                texts.append("\n" if listed else "\n\n")
                first = following
    return "".join(texts)


def _line_starts(text: str) -> list[int]:
    return [0, *(m.end() for m in re.finditer("\n", text) if m.end() < len(text))]


def _trimmed(blocks: Sequence[Block], pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without white space around them, but with the indentation of code;
    empty ones left out."""
    kept = []
    for piece in pieces:
        block = blocks[piece.block]
        text = block.text[piece.start : piece.end]
        lead = len(text) - len(text.lstrip())
        if block.kind in _BY_LINE and "\n" not in text[:lead]:
            lead = 0
        elif block.kind in _BY_LINE:
            lead = text.rindex("\n", 0, lead) + 1
        end = len(text.rstrip())
        if lead < end:
            kept.append(Piece(piece.block, piece.start + lead, piece.start + end))
    return kept


def _middle(text: str, start: int, end: int) -> int:
    """A place near the middle to cut: at white space, else behind a mark, else between
    two characters."""
    if end - start < 2:
        raise WindowTooSmall(
            "the model's window is too small for this article's title; choose another model"
        )
    middle = (start + end) // 2
    reach = (end - start) // 4
    for border in (_SPACES, _CLAUSE):
        found = [m.end() for m in border.finditer(text, middle - reach, middle + reach)]
        if found:
            return min(found, key=lambda place: abs(place - middle))
    place = middle
    while place < end and (
        unicodedata.combining(text[place]) or text[place] in _JOINERS
    ):
        place += 1
    return place if place < end else middle
