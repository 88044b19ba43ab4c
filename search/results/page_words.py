"""Words of an article that stand side by side on its page, too.

Nothing is known of the page: what was parted or changed there, as seen on the saved
blogs, is read from the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from search.types import Article, Block, BlockKind

Span = tuple[int, int]
Words = Sequence[Span]  # of a run: in one block of the page, in order


class Reach(NamedTuple):
    """The part of an article that is read beside a span: blocks on either side, and
    characters of a block before it and behind it."""

    blocks: int
    before: int
    behind: int


NEAR = Reach(1, 200, 0)  # enough for the words before a mark
FAR = Reach(2, 1500, 400)  # for a span that has no words of its own

# Scripts without spaces: browsers cut them by dictionaries that we don't have, so that
# whatever stands between two marks counts as one word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
# Marks part words wherever they stand: not the underscore, not combining ones.
_MARKS = re.escape(
    "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~«»·¿¡‐‑‒–—‘’‚“”„…•"
    "、。〈〉《》「」『』【】！（），．：；？｡"
)
_WORD = re.compile(
    rf"[{_UNSPACED}]+"
    rf"|[^\s{_UNSPACED}{_MARKS}](?:[^\s{_UNSPACED}]*[^\s{_UNSPACED}{_MARKS}])?"
)
# Formulas and citations look otherwise on the page than in the text; where a citation's
# number is raised there, it is one word with that before it.
_UNLIKE = re.compile(
    r"\$\$.{,500}?\$\$|\$[^$\n]{,200}\$|\\\(.{,200}?\\\)|\\\[.{,500}?\\\]"
    r"|(?:(?<!\w)\w*+)?\[[\d,;–\s-]{,20}\]",
    re.DOTALL,
)
# A dollar inside a word is none of TeX.
_UNLIKE_WORD = re.compile(
    r"(?<!\S)(?:[^\s$\\`^{}\ufffc\ufffd]|(?<=\w)\$(?=\w))*+[$\\`^{}\ufffc\ufffd]\S*+"
)
_BLANK = re.compile("[\ufffc\ufffd]")
# Sentences, and a title that a paragraph begins with, are often parted by more than a
# space.
_SENTENCE_BORDER = re.compile(
    r"""[.!?:…]["'”’»)]*+\s++(?=[^\w\s]*[A-ZÀ-Þ])"""
    r"|(?<=[a-z)]) (?=(?:The|An|In|We|This|It|If|For|To|As|When|While|These|There)\b)"
)
# A line break may be a block's edge on the page, and a table's cells are blocks.
_BORDER = re.compile(r"\s*\n\s*|[^\S\n]{2,}|\t")
CELL_BORDER = re.compile(r"\s*\n\s*| \| ")

# The signs without which nothing looks otherwise: most blocks have none.
_UNLIKE_SIGN = re.compile("[$\\\\\\[`^{}\ufffc\ufffd]")

_PLAIN_PROSE = (_BORDER, _SENTENCE_BORDER)
_IN_PROSE = (*_PLAIN_PROSE, _UNLIKE, _UNLIKE_WORD)
_BORDERS: dict[BlockKind, tuple[re.Pattern[str], ...]] = {
    "code": (_BORDER, _BLANK),
    "table": (CELL_BORDER, *_IN_PROSE),
}


class Page:
    """An article's text and blocks, as its page has them; made once for all of its
    links."""

    def __init__(self, article: Article) -> None:
        self.text = article.text
        self._blocks = article.blocks
        self._places = article.block_starts
        # Browsers compare without case; one letter, İ, has two in lower case.
        folded = self.text.lower()
        self.folded = folded if len(folded) == len(self.text) else self.text
        self.is_spaced = UNSPACED_CHARACTER.search(self.text) is None

    def blocks_around(self, span: Span, reach: Reach) -> Iterator[tuple[Block, int]]:
        """Give the blocks of a span with the places where they begin, and some
        beside."""
        first = max(0, bisect_right(self._places, span[0]) - 1 - reach.blocks)
        last = bisect_left(self._places, span[1]) + reach.blocks
        yield from zip(self._blocks[first:last], self._places[first:last], strict=True)


def runs_around(text: str, block: Span, kind: BlockKind, span: Span) -> Iterator[Words]:
    """Give the words of a block in runs; ``span`` is as far as they are read."""
    begin, end = max(block[0], span[0]), min(block[1], span[1])
    patterns = _BORDERS.get(kind, _IN_PROSE)
    if patterns is _IN_PROSE and not _UNLIKE_SIGN.search(text, begin, end):
        patterns = _PLAIN_PROSE
    borders = (match for one in patterns for match in one.finditer(text, begin, end))
    for stop, next_begin in [*sorted(match.span() for match in borders), (end, end)]:
        yield [match.span() for match in _WORD.finditer(text, begin, stop)]
        begin = max(begin, next_begin)
