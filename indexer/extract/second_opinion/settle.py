"""The blocks of an article, settled between our reading and another reader's.

What both found stays. Of what we alone found there stays what the other one always
loses (captions, code, formulas, tables, notes at the end) and what stands in a box with
text that both found; of what the other one alone found, whole sentences. A lede between
the headline and the text comes in, though neither took it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from indexer.extract.blocks import LocatedBlock
from indexer.extract.dom import visible_length
from indexer.extract.second_opinion.opinion import Opinion
from search.types import Block

# The numbers below were chosen together on 650 annotated pages (half of a collection;
# docs/extraction.md), and the archives' posts must stay whole under them.

# The share of the other reader's text that must stand in ours, or we have missed the
# article; less is needed where the page's own names told where it is.
_ENOUGH = 0.5
_ENOUGH_NAMED = 0.3
# Runs of words from which the other reader's text is an article, if ours is another.
_FEWEST_RUNS = 100
# The share of a box's text that must be confirmed for the rest of it to stay.
_BOX = 0.8
# The share of our text that must be confirmed for what stands between confirmed blocks
# to stay.
_AGREED = 0.95
# Blocks before the text in which a lede, or a paragraph that we missed, may stand.
_REACH = 8
# Characters from which a paragraph is a lede; from which it is worth taking up where
# the other reader has it too.
_SHORTEST_LEDE = 60
_SHORTEST_MISSED = 30

_LOST_BY_OTHERS = ("code", "math", "table")
_SENTENCES = ("paragraph", "quote")
_SENTENCE_END = re.compile(r"[.!?…:»”\"')\]。！？]\s*$")
# Who took a picture: the press's captions say nothing else, or nothing that the text
# does not say.
_CREDIT = re.compile(
    r"""©|\b(?:foto|photo|fotos|bild|bilder|titelbild|imagen)\s*[:：]|\b(?:photo|image|picture|foto)\s+(?:by|courtesy|via)\b|
    \bbild\s+via\b|(?:crédito|crédits?)\s*[:：]|getty|reuters|shutterstock|unsplash|istock|pixabay|pexels|
    \b(?:afp|dpa|epa|efe|ap\s+photo)\b|thinkstock|clipdealer|adobe\s*stock""",
    re.I | re.X,
)
# A figure that the text speaks of by its number.
_NUMBERED = re.compile(
    r"\W*(?:fig(?:ure|\.)?|abb(?:ildung|\.)?|tab(?:le|elle|\.)?|图|圖|図|listing)\s*\d",
    re.I,
)
# Titles of what follows a text and belongs to it.
_NOTES = re.compile(
    r"""\W*(?:references|footnotes|notes|bibliography|citations?|cited\s+as|how\s+to\s+cite|sources|further\s+reading|
    fußnoten|anmerkungen|literatur|références|notes\s+de\s+bas\s+de\s+page|参考.*|脚注)\W*""",
    re.I | re.X,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Our reading of a page: the article's blocks, all of the page's in order, and
    whether the page's own names told where the article is."""

    article: Sequence[LocatedBlock]
    page: Sequence[Block]
    is_named: bool

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The article's blocks without their places."""
        return tuple(located.block for located in self.article)


def settle(reading: Reading, opinion: Opinion) -> tuple[Block, ...]:
    """Return the article's blocks as both readers together have them."""
    enough = _ENOUGH_NAMED if reading.is_named else _ENOUGH
    is_long = not reading.article or len(opinion.runs) >= _FEWEST_RUNS
    if is_long and opinion.share_in(reading.blocks) < enough:
        found = tuple(filter(opinion.confirms, reading.page))
        return found or reading.blocks
    kept = list(_kept(reading.article, opinion))
    if not kept:
        return reading.blocks
    return _with_missed(kept, reading, opinion)


def _kept(article: Sequence[LocatedBlock], opinion: Opinion) -> Iterator[Block]:
    """Yield those of our own blocks that stay."""
    blocks = [located.block for located in article]
    confirmed = list(map(opinion.confirms, blocks))
    if not any(confirmed):
        return
    first = confirmed.index(True)
    last = len(confirmed) - 1 - confirmed[::-1].index(True)
    boxes = _boxes_of_text(article, confirmed)
    is_agreed = _share_of(blocks, confirmed) >= _AGREED
    stays = list(confirmed)
    is_notes = False
    for number, block in enumerate(blocks):
        is_notes = _is_notes(block, is_notes)
        is_inside = first <= number <= last
        if block.kind == "caption":
            is_near = first < number <= last + 1
            stays[number] |= is_near and _says_more(block.text)
        elif block.kind in _LOST_BY_OTHERS:
            stays[number] |= first - 1 <= number <= last + 1 or block.kind == "code"
        else:
            is_of_text = article[number].box in boxes or is_notes
            stays[number] |= is_of_text or (is_agreed and is_inside)
    for number, block in enumerate(blocks[:-1]):
        if block.kind == "heading" and first <= number <= last:
            stays[number] |= stays[number + 1]
    yield from compress(blocks, stays)


def _share_of(blocks: Sequence[Block], confirmed: Sequence[bool]) -> float:
    """Return the share of the text that is confirmed, captions left aside."""
    sizes = [len(block.text) * (block.kind != "caption") for block in blocks]
    return sum(compress(sizes, confirmed)) / max(1, sum(sizes))


def _says_more(caption: str) -> bool:
    """Tell whether a caption says more than who took the picture."""
    return bool(_NUMBERED.match(caption)) or not _CREDIT.search(caption)


def _boxes_of_text(
    article: Sequence[LocatedBlock], confirmed: Sequence[bool]
) -> set[str]:
    """Return the boxes of which most of the text is confirmed."""
    sizes: Counter[str] = Counter()
    sure: Counter[str] = Counter()
    for located, is_sure in zip(article, confirmed, strict=True):
        if located.block.kind != "caption":
            size = visible_length(located.block.text)
            sizes[located.box] += size
            sure[located.box] += is_sure * size
    return {box for box in sizes if 0 < sure[box] >= _BOX * sizes[box]}


def _is_notes(block: Block, before: bool) -> bool:
    """Tell whether a block is among an article's notes; ``before``: the one before it
    was."""
    if block.kind in ("heading", "paragraph") and _NOTES.fullmatch(block.text):
        return True
    return before and block.kind != "heading"


def _with_missed(
    kept: list[Block], reading: Reading, opinion: Opinion
) -> tuple[Block, ...]:
    """Return the kept blocks with what we missed, each in its place on the page."""
    places = _places(kept, reading.page)
    shown = {block.text for block in kept}
    known = shown | {block.text for block in reading.blocks}
    missed = {
        place: block
        for place, block in enumerate(reading.page[: places[-1] + 1])
        if place >= places[0] - _REACH
        and block.text not in known
        and _is_sentence(block, _SHORTEST_MISSED)
        and opinion.confirms(block)
    }
    missed |= _lede(reading.page, places[0], shown)
    ordered = [*zip(places, kept, strict=True), *missed.items()]
    ordered.sort(key=lambda placed: placed[0])
    return tuple(block for _, block in ordered)


def _places(kept: Sequence[Block], page: Sequence[Block]) -> list[int]:
    """Return where on the page each kept block stands, that of the one before it where
    it is not found there."""
    by_text: dict[str, int] = {}
    for place, block in enumerate(page):
        by_text.setdefault(block.text, place)
    places: list[int] = []
    latest = min((by_text.get(block.text, len(page)) for block in kept), default=0)
    for block in kept:
        latest = max(latest, by_text.get(block.text, latest))
        places.append(latest)
    return places


def _lede(page: Sequence[Block], start: int, shown: set[str]) -> dict[int, Block]:
    """Return the paragraphs between the headline and the text by their places."""
    found: dict[int, Block] = {}
    for place in range(start - 1, max(-1, start - 1 - _REACH), -1):
        block = page[place]
        if block.kind == "heading":
            return found
        if _is_sentence(block, _SHORTEST_LEDE) and block.text not in shown:
            found[place] = block
    return {}


def _is_sentence(block: Block, shortest: int) -> bool:
    conditions = (
        block.kind in _SENTENCES,
        len(block.text) >= shortest,
        _SENTENCE_END.search(block.text),
    )
    return all(conditions)
