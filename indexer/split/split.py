"""Articles into passages that fit the model's window: nothing lost, nothing twice.

By structure first: a heading ends a passage, blocks are packed up to a target, and what
is tiny joins a neighbour. Only a block that does not fit the window by itself is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.split.packing import Assembly, Draft, Section, Sizes
from indexer.split.pieces import CountTokens, cut, cut_to_fit, joined
from indexer.split.text_fragments import PAGE_ANCHOR, Fragments
from search.text.embedding_text import embedding_text
from search.types import Article, Block, Passage

SPLITTER_VERSION: int = 1  # raise it whenever the same article would be split otherwise

# Passages below this many tokens say too little to be found by themselves: a lead-in, a
# closing line.
TINY = 25
# About 150 English words, the size of passage that retrieval benchmarks (MS MARCO, DPR)
# settled on.
TARGET = 200


def split(
    article: Article, *, count_tokens: CountTokens, window: int, target: int = TARGET
) -> tuple[Passage, ...]:
    """The article's passages in reading order, those of its notes last.

    ``count_tokens(embedding_text(passage, article.title)) <= window`` holds for each.
    An article without any text gives one passage, its title. Raises WindowTooSmall
    where even that cannot fit.
    """
    blocks, sections = _sections(article)
    rooms = _rooms(
        article.title, blocks, sections, count_tokens=count_tokens, window=window
    )
    paths = {
        i: section.path
        for section in sections
        for i in (*section.path[-1:], *section.blocks)
    }
    pieces = cut_to_fit(
        blocks, [rooms[paths[i]] for i in range(len(blocks))], count_tokens
    )
    drafts = Assembly(pieces, Sizes(target, min(TINY, window // 8), rooms)).drafts(
        sections
    )
    fragments = Fragments(article.text)
    while True:  # once for nearly all articles: joined texts take as many tokens as their parts, or one more
        passages = [_passage(draft, blocks, paths, fragments) for draft in drafts]
        counts = count_tokens(
            [embedding_text(passage, article.title) for passage in passages]
        )
        if max(counts) <= window:
            return tuple(passages)
        drafts = [
            part
            for draft, tokens in zip(drafts, counts, strict=True)
            for part in ([draft] if tokens <= window else _halved(draft, blocks))
        ]


def _sections(article: Article) -> tuple[list[Block], list[Section]]:
    """The blocks, those made of the notes behind the article's own, and the sections
    they stand in."""
    blocks = list(article.blocks)
    sections = [Section((), [])]
    path: list[int] = []
    for i, block in enumerate(blocks):
        if block.kind != "heading":
            sections[-1].blocks.append(i)
            continue
        while path and blocks[path[-1]].level >= block.level:
            path.pop()
        path.append(i)
        sections.append(Section(tuple(path), []))
    for note in article.notes:
        text = note.text if note.text.strip() else note.anchor_text
        if not text.strip():
            continue
        above: tuple[int, ...] = ()
        if note.section.strip():
            blocks.append(Block("heading", note.section, level=1))
            above = (len(blocks) - 1,)
        blocks.append(Block("paragraph", text))
        sections.append(Section(above, [len(blocks) - 1], is_note=True))
    if not blocks:
        blocks.append(
            Block("paragraph", article.title if article.title.strip() else article.url)
        )
        sections[0].blocks.append(0)
    return blocks, sections


def _rooms(
    title: str,
    blocks: Sequence[Block],
    sections: Sequence[Section],
    *,
    count_tokens: CountTokens,
    window: int,
) -> dict[tuple[int, ...], int]:
    """For each path of headings how many tokens it leaves for text."""
    paths = list(dict.fromkeys(section.path for section in sections))
    mark = "x"  # stands for the text, so that the line break is counted too
    contexts = [
        embedding_text(Passage(mark, _labels(path, blocks)), title) for path in paths
    ]
    first, *counts = count_tokens([mark, *contexts])
    return {
        path: window - tokens + first
        for path, tokens in zip(paths, counts, strict=True)
    }


def _halved(draft: Draft, blocks: Sequence[Block]) -> list[Draft]:
    if len(draft.pieces) == 1:
        parts = [[piece] for piece in cut(blocks, draft.pieces[0])]
    else:
        middle = len(draft.pieces) // 2
        parts = [draft.pieces[:middle], draft.pieces[middle:]]
    return [Draft(draft.path, part, draft.is_note) for part in parts]


def _passage(
    draft: Draft,
    blocks: Sequence[Block],
    paths: dict[int, tuple[int, ...]],
    fragments: Fragments,
) -> Passage:
    text = joined(blocks, draft.pieces)
    heading = _labels(draft.path, blocks)
    if draft.is_note:
        return Passage(text, heading, is_note=True)
    first = draft.pieces[0]
    above = (*draft.path, *paths[first.block], first.block)
    anchor = next((blocks[i].anchor for i in reversed(above) if blocks[i].anchor), "")
    # A viewer of PDF files knows pages, but no text fragments.
    fragment = (
        "" if anchor.startswith(PAGE_ANCHOR) else _fragment(draft, blocks, fragments)
    )
    return Passage(text, heading, anchor, fragment)


def _fragment(draft: Draft, blocks: Sequence[Block], fragments: Fragments) -> str:
    """A run of words from the first piece, or from the one behind a heading that stands
    in the text."""
    first = next(
        (p for p in draft.pieces if blocks[p.block].kind != "heading"), draft.pieces[0]
    )
    block = blocks[first.block]
    inside_word = first.start > 0 and not block.text[first.start - 1].isspace()
    if block.kind in ("code", "math", "table") or inside_word:
        return ""
    return fragments.opening(block.text[first.start : first.end])


def _labels(path: Sequence[int], blocks: Sequence[Block]) -> tuple[str, ...]:
    return tuple(" ".join(blocks[i].text.split()) for i in path)
