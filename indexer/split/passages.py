"""Drafts made into passages: text, headings above it, and what opens the page at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.split.packing import Draft
from indexer.split.pieces import joined
from indexer.split.sections import HeadingPath, headings_of
from indexer.split.text_fragments import Fragments
from search.text.urls import PAGE_ANCHOR, placed_anchor
from search.types import Article, Block, Passage

# Kinds of blocks that look otherwise on the page than in the text.
_NOT_PROSE = ("code", "math", "table")


class PassageMaker:
    """Makes the passages of one article. ``paths`` are those of its blocks."""

    def __init__(
        self,
        article: Article,
        blocks: Sequence[Block],
        paths: Mapping[int, HeadingPath],
    ) -> None:
        self._url = article.url
        self._blocks = blocks
        self._paths = paths
        self._fragments = Fragments(article.text)

    def passage(self, draft: Draft) -> Passage:
        """Make the passage of a draft."""
        text = joined(self._blocks, draft.pieces)
        headings = headings_of(draft.path, self._blocks)
        if draft.is_note:
            return Passage(text, headings, is_note=True)
        anchor = self._anchor(draft)
        # A viewer of PDF files knows pages, but no text fragments.
        _, within = placed_anchor(self._url, anchor)
        is_page = within.startswith(PAGE_ANCHOR)
        fragment = "" if is_page else self._fragment(draft)
        return Passage(text, headings, anchor, fragment)

    def _anchor(self, draft: Draft) -> str:
        """Return the nearest anchor at or above the beginning, "" if there is none."""
        first = draft.pieces[0].block
        for i in (first, *reversed((*draft.path, *self._paths[first]))):
            if self._blocks[i].anchor:
                return self._blocks[i].anchor
        return ""

    def _fragment(self, draft: Draft) -> str:
        """Return a run of words that opens the page at the passage, "" if none does."""
        # From the first piece, or from the one behind a heading that is in the text.
        first = draft.pieces[0]
        # The page's heading and the text may be parted by a date or a picture.
        for piece in draft.pieces:
            if self._blocks[piece.block].kind != "heading":
                first = piece
                break
        block = self._blocks[first.block]
        # Browsers match whole words only.
        before = block.text[: first.start]
        begins_inside_word = before == before.rstrip() != ""
        if block.kind in _NOT_PROSE or begins_inside_word:
            return ""
        return self._fragments.opening(block.text[first.start : first.end])
