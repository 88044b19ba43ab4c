"""Articles into passages that fit the model's window: nothing lost, nothing twice.

By structure first: a heading ends a passage, blocks are packed up to a target, and what
is tiny joins a neighbour. Only a block that does not fit the window by itself is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.split.packing import Draft, Packer, Sizes
from indexer.split.passages import PassageMaker
from indexer.split.pieces import CountTokens, cut, cut_to_fit
from indexer.split.sections import (
    HeadingPath,
    Section,
    headings_of,
    paths_of,
    sections_of,
)
from search.text.embedding_text import embedding_text
from search.types import Article, Block, Passage

# Raise it whenever the same article would be split otherwise.
SPLITTER_VERSION: int = 1

# Tokens. A passage below says too little to be found by itself: a lead-in, a closing
# line.
TINY = 25
# Tokens, about 150 English words: the size of passage that retrieval benchmarks (MS
# MARCO, DPR) settled on.
TARGET = 200


def split(
    article: Article, *, count_tokens: CountTokens, window: int, target: int = TARGET
) -> tuple[Passage, ...]:
    """Split an article into passages in reading order, those of its notes last.

    ``count_tokens(embedding_text(passage, article.title)) <= window`` is true of each.
    An article without any text gives one passage, its title. Raises WindowTooSmall
    where even that cannot fit.
    """
    blocks, sections = sections_of(article)
    paths = paths_of(sections)
    room_beside = _room_beside_headings(
        article.title, blocks, sections, count_tokens=count_tokens, window=window
    )
    rooms = [room_beside[paths[i]] for i in range(len(blocks))]
    pieces = cut_to_fit(blocks, rooms, count_tokens)
    # A small window leaves less room for what would be tiny elsewhere.
    sizes = Sizes(target, min(TINY, window // 8), room_beside)
    drafts = Packer(pieces, sizes).pack(sections)
    maker = PassageMaker(article, blocks, paths)
    while True:
        passages = list(map(maker.passage, drafts))
        counts = count_tokens([embedding_text(p, article.title) for p in passages])
        # The first time for nearly all articles: a joined text takes as many tokens as
        # its parts, or one more.
        if max(counts) <= window:
            return tuple(passages)
        drafts = _halved_to_fit(drafts, counts, window=window, blocks=blocks)


def _room_beside_headings(
    title: str,
    blocks: Sequence[Block],
    sections: Sequence[Section],
    *,
    count_tokens: CountTokens,
    window: int,
) -> dict[HeadingPath, int]:
    """Return how many tokens each path of headings leaves for text."""
    paths = list(dict.fromkeys(section.path for section in sections))
    mark = "x"  # stands for the text, so that the line break is counted too
    texts = [mark]
    for path in paths:
        passage = Passage(mark, headings_of(path, blocks))
        texts.append(embedding_text(passage, title))
    alone, *counts = count_tokens(texts)
    return {path: window - n + alone for path, n in zip(paths, counts, strict=True)}


def _halved_to_fit(
    drafts: Sequence[Draft],
    counts: Sequence[int],
    *,
    window: int,
    blocks: Sequence[Block],
) -> list[Draft]:
    """Return the drafts with two halves in place of each that exceeds the window."""
    fitting: list[Draft] = []
    for draft, tokens in zip(drafts, counts, strict=True):
        if tokens <= window:
            fitting.append(draft)
        else:
            fitting += _halves(draft, blocks)
    return fitting


def _halves(draft: Draft, blocks: Sequence[Block]) -> list[Draft]:
    pieces = draft.pieces
    if len(pieces) == 1:
        pieces = cut(blocks, pieces[0])
        parts = [[piece] for piece in pieces]
    else:
        middle = len(pieces) // 2
        parts = [pieces[:middle], pieces[middle:]]
    return [Draft(draft.path, part, draft.is_note) for part in parts]
