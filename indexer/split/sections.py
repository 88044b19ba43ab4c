"""The sections of an article: its blocks under their headings, and its notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search.types import Article, Block, Note

HeadingPath = tuple[
    int, ...
]  # numbers of the heading blocks above a text, outermost first


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading, by number. A heading's own block is the path's last."""

    path: HeadingPath
    blocks: list[int]
    is_note: bool = False


def sections_of(article: Article) -> tuple[list[Block], list[Section]]:
    """Return all blocks, those made of the notes last, and the sections they are in.

    An article without any text has one block, its title.
    """
    blocks = list(article.blocks)
    sections = _under_headings(blocks)
    for note in article.notes:
        made = _blocks_of(note)
        first = len(blocks)
        blocks += made
        if made:
            *path, text = range(first, len(blocks))
            sections.append(Section(tuple(path), [text], is_note=True))
    if not blocks:
        if article.title.strip():
            title = article.title
        else:
            title = article.url
        blocks.append(Block("paragraph", title))
        sections[0].blocks.append(0)
    return blocks, sections


def paths_of(sections: Iterable[Section]) -> dict[int, HeadingPath]:
    """Return the path of each block; that of a heading ends in itself."""
    paths: dict[int, HeadingPath] = {}
    for section in sections:
        for block in (*section.path[-1:], *section.blocks):
            paths[block] = section.path
    return paths


def headings_of(path: HeadingPath, blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return the texts of the headings of a path, each on one line."""
    return tuple(" ".join(blocks[i].text.split()) for i in path)


def _under_headings(blocks: Sequence[Block]) -> list[Section]:
    sections = [Section((), [])]  # what stands above the first heading
    path: list[int] = []
    for i, block in enumerate(blocks):
        if block.kind != "heading":
            sections[-1].blocks.append(i)
            continue
        # A heading closes those of its own level and below.
        while path and blocks[path[-1]].level >= block.level:
            path.pop()
        path.append(i)
        sections.append(Section(tuple(path), []))
    return sections


def _blocks_of(note: Note) -> list[Block]:
    """Return a note's heading, if it has one, and its text; nothing if it says nothing."""
    # A link without a remark still says something by its own text.
    if note.text.strip():
        text = note.text
    else:
        text = note.anchor_text
    if not text.strip():
        return []
    paragraph = Block("paragraph", text)
    if not note.section.strip():
        return [paragraph]
    return [Block("heading", note.section, level=1), paragraph]
