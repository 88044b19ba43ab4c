"""Addresses that open an article at given characters of its text (``#:~:text=``).

They are made of the text alone: no page is read, and no index.
https://wicg.github.io/scroll-to-text-fragment/ says how browsers match them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

from search.results.page_words import (
    CELL_BORDER,
    FAR,
    NEAR,
    UNSPACED_CHARACTER,
    Page,
    Reach,
    Span,
    Words,
    runs_around,
)
from search.text.urls import PAGE_ANCHOR, is_within_file, placed_anchor
from search.types import BlockKind

# A character of a script without spaces counts twice in the first two.
_LEAST = 12  # characters; fewer may be words of the page's navigation
_LONG_ENOUGH = 16  # characters of a beginning or an end that could be longer
_WHOLE = 40  # characters; a run that is no longer is named whole
_LONGEST = 90  # characters of a beginning, an end or a prefix
_MOST = 10  # words of those
_NEAR = 5  # runs that are tried on each side where the span has none

# Between a prefix and its words: marks, a space or a border, marks.
_GAP = re.compile(r"([^\w\s\\$`]*)(?:\s*\n\s*| \| |\s*)([^\w\s\\$`]*)")


def answer_link(url: str, page: Page, *, start: int, end: int, anchor: str) -> str:
    """Return the address that opens an article at characters of Article.text.

    ``anchor`` opens it where no words do: the id of the heading above, or the page of a
    PDF file; before it may stand the address of another document of the article's host,
    as a paper's. An address with a fragment of its own stays as it is, and one of a
    post within a local file, which nothing opens.
    """
    if "#" in url or is_within_file(url):
        return url
    url, anchor = placed_anchor(url, anchor)
    fragment = quote(anchor, safe="/=")
    # A viewer of PDF files knows pages, but no text fragments.
    if not anchor.startswith(PAGE_ANCHOR):
        fragment += text_directive(page, start, end)
    return f"{url}#{fragment}" if fragment else url


def text_directive(page: Page, start: int, end: int) -> str:
    """Return what marks words of the span, else of the prose nearest to it, "" where no
    words open the page there."""
    close = _Surroundings(page, (start, end), NEAR)
    named = close.directive(close.runs_within(start, end))
    if not named:
        named = _beside(_Surroundings(page, (start, end), FAR), start, end)
    return named and f":~:text={named}"


def _beside(page: _Surroundings, start: int, end: int) -> str:
    """Return what marks the words nearest to a span."""
    before = [run[-_MOST:] for run in page.runs_within(page.first, start)]
    behind = [run[:_MOST] for run in page.runs_within(end, page.last)]
    near = [*before[: -_NEAR - 1 : -1], *behind[:_NEAR]]
    return next(filter(None, (page.directive([run]) for run in near)), "")


class _Opening(NamedTuple):
    """Words that begin a mark, and those that have to stand before them."""

    words: Span
    prefix: Span | None = None

    @property
    def whole(self) -> Span:
        return (self.prefix or self.words)[0], self.words[1]


class _Surroundings:
    """The text, and the runs of words in the span's blocks and beside them.

    No heading lies between ``first`` and the span, or between that and ``last``.
    """

    def __init__(self, page: Page, span: Span, reach: Reach) -> None:
        self.text = page.text
        self._folded = page.folded
        self._is_spaced = page.is_spaced
        self.first, self.last = 0, len(self.text)
        self._blocks: list[tuple[Span, BlockKind]] = []
        self._known: dict[Span, list[Words]] = {}  # the runs of a block
        self._within = (span[0] - reach.before, span[1] + reach.behind)
        for block, at in page.blocks_around(span, reach):
            stop = at + len(block.text)
            # A contents list repeats the headings, before them.
            if block.kind != "heading":
                self._blocks.append(((at, stop), block.kind))
            elif at < span[1]:
                self.first = stop
            else:
                self.last = min(self.last, at)

    def runs_within(self, start: int, end: int) -> list[Words]:
        """Return the runs as far as they lie within a span."""
        found: list[Words] = []
        for block, kind in self._blocks:
            if kind != "math" and block[0] < end and start < block[1]:
                for run in self._runs(block, kind):
                    cut = [w for w in run if start <= w[0] and w[1] <= end]
                    if cut:
                        found.append(cut)
        return found

    def _runs(self, block: Span, kind: BlockKind) -> list[Words]:
        # Those of the blocks beside are seldom needed.
        runs = self._known.get(block)
        if runs is None:
            runs = list(runs_around(self.text, block, kind, self._within))
            self._known[block] = runs
        return runs

    def directive(self, runs: Sequence[Words]) -> str:
        """Return what marks the text from the first of these runs to the last."""
        openings = chain.from_iterable(map(self._openings, self._groups(runs)))
        opening = next(filter(self._is_new, openings), None)
        if opening is None:
            return ""
        prefix = f"{self._escaped(opening.prefix)}-," if opening.prefix else ""
        closing = self._closing(runs, opening.words[1])
        return ",".join([prefix + self._escaped(opening.words), *closing])

    def _groups(self, runs: Sequence[Words]) -> list[list[Words]]:
        """Group the runs by block, line and cell."""
        groups: list[list[Words]] = []
        stop = 0
        for run in runs:
            if not groups or CELL_BORDER.search(self.text, stop, run[0][0]):
                groups.append([])
            groups[-1].append(run)
            stop = run[-1][1]
        return groups

    def _openings(self, runs: Sequence[Words]) -> Iterator[_Opening]:
        # A prefix may be parted from its words, as by a picture between paragraphs.
        beginnings = [self._beginnings(run) for run in runs]
        yield from map(_Opening, chain.from_iterable(beginnings))
        for spans in filter(None, beginnings):
            yield from self._prefixed(spans[-1])

    def _beginnings(self, run: Words) -> list[Span]:
        whole = (run[0][0], run[-1][1])
        if _width(whole) <= _WHOLE:
            return [whole]
        return self._fit([(whole[0], stop) for _, stop in run])

    def _fit(self, spans: Sequence[Span]) -> list[Span]:
        """Choose from growing spans, of one word more each: those that are neither too
        short nor too long, the last one where that is short itself."""
        if self._weight(spans[-1]) < _LONG_ENOUGH:
            return list(spans[-1:])
        long = (span for span in spans[:_MOST] if self._weight(span) >= _LONG_ENOUGH)
        return [span for span in long if _width(span) <= _LONGEST]

    def _prefixed(self, words: Span) -> Iterator[_Opening]:
        """Give the openings of words with a prefix that ends where they begin."""
        for before in self.runs_within(0, words[0])[-1:]:
            gap = _GAP.fullmatch(self.text, before[-1][1], words[0])
            if gap:
                marked = (gap.start(2), words[1])
                for prefix in self._fit([(at, gap.end(1)) for at, _ in before[::-1]]):
                    yield _Opening(marked, prefix)

    def _is_new(self, opening: _Opening) -> bool:
        is_long = self._weight(opening.whole) >= _LEAST
        return is_long and self._is_first(0, opening.whole)

    def _is_first(self, start: int, span: Span) -> bool:
        return self._first_place(start, span) == span[0]

    def _first_place(self, start: int, span: Span) -> int:
        return self._folded.find(self._folded[slice(*span)], start)

    def _closing(self, runs: Iterable[Words], place: int) -> list[str]:
        """Return the last words of the runs that are the first of their kind behind a
        place; none where no word lies behind it."""
        rest = [[word for word in run if word[0] >= place] for run in runs]
        ends = [
            span
            for run in filter(None, reversed(rest))
            for span in self._fit([(at, run[-1][1]) for at, _ in reversed(run)])
        ]
        # Browsers end at the first of their kind, wherever that is.
        first = next(filter(partial(self._is_first, place), ends), None)
        last = first or max(ends, key=partial(self._first_place, place), default=None)
        return [self._escaped(last)] if last else []

    def _weight(self, span: Span) -> int:
        if self._is_spaced:
            return _width(span)
        return _width(span) + len(UNSPACED_CHARACTER.findall(self.text, *span))

    def _escaped(self, span: Span) -> str:
        # The directive's own marks are "-", "," and "&".
        words = " ".join(self.text[slice(*span)].split())
        return quote(words, safe="").replace("-", "%2D")


def _width(span: Span) -> int:
    return span[1] - span[0]
