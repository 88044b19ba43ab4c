"""Addresses that open an article at given characters of its text (``#:~:text=``).

They are made of the text alone: no page is read, and no index.
https://wicg.github.io/scroll-to-text-fragment/ says how browsers match them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from search.text.urls import PAGE_ANCHOR
from search.types import Article, Block, BlockKind

Span = tuple[int, int]
Words = Sequence[Span]  # of a run: side by side on the page, in one block of it

# Scripts without spaces: browsers cut them by dictionaries that we don't have, so that
# whatever stands between two marks counts as one word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\s{_UNSPACED}]+")
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")
# Marks that part words wherever they stand: not the underscore, not combining ones.
_MARKS = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~«»·¿¡‐‑‒–—‘’‚“”„…•"
    "、。〈〉《》「」『』【】！（），．：；？｡"
)
# Formulas and citations look otherwise on the page than in the text.
_UNLIKE = re.compile(
    r"\$\$.{,500}?\$\$|\$[^$\n]{,200}\$|\\\(.{,200}?\\\)|\\\[.{,500}?\\\]"
    r"|\[[\d,;–\s-]{,20}\]",
    re.DOTALL,
)
_UNLIKE_CHARACTER = re.compile(r"[\\`^{}\ufffc\ufffd]|(?<!\w)\$|\$(?!\w)")
_BLANK = re.compile("[\ufffc\ufffd]")
_NO_GAP = re.compile(r"[\w\\$`\ufffc\ufffd]")
# Sentences, and a title that a paragraph begins with, are often parted by more than a
# space.
_SENTENCE_BORDER = re.compile(
    r"""[.!?:…]["'”’»)]*+\s++(?=[^\w\s]*[A-ZÀ-Þ])"""
    r"|(?<=[a-z)]) (?=(?:The|An|In|We|This|It|If|For|To|As|When|While|These|There)\b)"
)
# A line break may be a block's edge on the page, and a table's cells are blocks.
_BORDER = re.compile(r"\s*\n\s*|[^\S\n]{2,}|\t")
_CELL_BORDER = re.compile(r"\s*\n\s*| \| ")
_SPACE = re.compile(r"\s+")
BETWEEN = "\n\n"  # of two blocks in Article.text

# A character of a script without spaces counts twice in the first two.
_LEAST = 12  # characters; fewer may be words of the page's navigation
_LONG_ENOUGH = 16  # characters of a beginning or an end that could be longer
_WHOLE = 40  # characters; what is no longer is named whole
_LONGEST = 90  # characters of a beginning, an end or a prefix
_FEWEST, _MOST = 3, 10  # words of those
_BEFORE, _BEHIND = 1500, 400  # characters that are read beside the span in its block
_NEAR = 5  # runs that are tried on each side where the span has none
_NEIGHBOURS = 2  # blocks that are read before the span, and behind it


def answer_link(
    url: str, article: Article, *, start: int, end: int, anchor: str
) -> str:
    """Return the address that opens an article at characters of Article.text.

    ``anchor`` opens it where no words do: the id of the heading above, or the page of a
    PDF file. An address with a fragment of its own stays as it is.
    """
    if "#" in url:
        return url
    # A viewer of PDF files knows pages, but no text fragments.
    is_page = anchor.startswith(PAGE_ANCHOR)
    directive = "" if is_page else text_directive(article, start, end)
    if not (anchor or directive):
        return url
    mark = ":~:text=" if directive else ""
    return f"{url}#{quote(anchor, safe='/=')}{mark}{directive}"


def text_directive(article: Article, start: int, end: int) -> str:
    """Return what stands behind ``text=``: words of the span, else of the prose nearest
    to it, "" where no words open the page there."""
    page = _Surroundings(article, start, end)
    if directive := page.directive(page.runs_within(start, end)):
        return directive
    before = [run[-_MOST:] for run in reversed(page.runs_within(page.first, start))]
    behind = [run[:_MOST] for run in page.runs_within(end, page.last)]
    near = [*before[:_NEAR], *behind[:_NEAR]]
    return next(filter(None, (page.directive([run]) for run in near)), "")


class _Surroundings:
    """The text, and the runs of words in the span's blocks and beside them.

    No heading lies between ``first`` and the span, or between that and ``last``.
    """

    def __init__(self, article: Article, start: int, end: int) -> None:
        self.text = article.text
        # Browsers compare without case; one letter, İ, has two in lower case.
        folded = self.text.lower()
        self._folded = folded if len(folded) == len(self.text) else self.text
        self.first, self.last = 0, len(self.text)
        self._runs: list[Words] = []
        for block, at in _blocks_around(article, start, end):
            first = max(at, start - _BEFORE)
            last = min(at + len(block.text), end + _BEHIND)
            if block.kind == "heading" and at < end:
                self.first = at + len(block.text)
            elif block.kind == "heading":
                self.last = min(self.last, at)
            elif block.kind != "math" and first < last:
                self._runs += _runs(self.text, (first, last), block.kind)

    def runs_within(self, start: int, end: int) -> list[Words]:
        """Return the runs as far as they lie within a span."""
        cut = ([w for w in run if start <= w[0] and w[1] <= end] for run in self._runs)
        return [run for run in cut if run]

    def directive(self, runs: Sequence[Words]) -> str:
        """Return what marks the text from the first of these runs to the last."""
        for group in self._groups(runs):
            # A prefix may be parted from its words, as by a picture between paragraphs.
            for opening in (self._plain_opening, self._prefixed_opening):
                for run in group:
                    named, stop = opening(run, may_be_whole=run is runs[-1])
                    if named:
                        return ",".join([named, *self._closing(runs, stop)])
        return ""

    def _groups(self, runs: Sequence[Words]) -> list[list[Words]]:
        """Group the runs by block, line and cell."""
        groups: list[list[Words]] = []
        stop = 0
        for run in runs:
            if not groups or _CELL_BORDER.search(self.text, stop, run[0][0]):
                groups.append([])
            groups[-1].append(run)
            stop = run[-1][1]
        return groups

    def _plain_opening(self, run: Words, *, may_be_whole: bool) -> tuple[str, int]:
        """Return the beginning of a run that is not in the text before it, "" if there
        is none, and where it ends."""
        for span in self._beginnings(run, may_be_whole):
            if self._is_new(span):
                return self._escaped(span), span[1]
        return "", 0

    def _prefixed_opening(self, run: Words, *, may_be_whole: bool) -> tuple[str, int]:
        """Return the same of a longer beginning with the words before it."""
        for _, stop in self._beginnings(run, may_be_whole)[-1:]:
            for prefix, begin in self._prefixes(run[0][0]):
                if self._is_new((prefix[0], stop)):
                    named = self._escaped((begin, stop))
                    return f"{self._escaped(prefix)}-,{named}", stop
        return "", 0

    def _beginnings(self, run: Words, may_be_whole: bool) -> list[Span]:
        first, stop = run[0][0], run[-1][1]
        if may_be_whole and stop - first <= _WHOLE:
            return [(first, stop)]
        return list(_growing(self.text, [(first, word[1]) for word in run]))

    def _is_new(self, span: Span) -> bool:
        is_long = _weight(self.text, span) >= _LEAST
        return is_long and self._first_place(span, 0) == span[0]

    def _first_place(self, span: Span, start: int) -> int:
        return self._folded.find(self._folded[slice(*span)], start)

    def _prefixes(self, place: int) -> Iterator[tuple[Span, int]]:
        """Give spans that end where the words at a place begin, with their marks, and
        where that is: a space or a block's border may lie between, nothing else."""
        words: Words = next(filter(None, reversed(self.runs_within(0, place))), ())
        if not words:
            return
        gap = self.text[words[-1][1] : place]
        borders = [match.span() for match in _CELL_BORDER.finditer(gap)]
        left, right = (borders or [_space_in(gap)])[0]
        if len(borders) < 2 and not _NO_GAP.search(gap):
            stop, begin = words[-1][1] + left, words[-1][1] + right
            growing = [(word[0], stop) for word in reversed(words)]
            yield from ((prefix, begin) for prefix in _growing(self.text, growing))

    def _closing(self, runs: Sequence[Words], place: int) -> list[str]:
        """Return the last words of the runs that are the first of their kind behind a
        place; none where no word lies behind it."""
        rest = [[word for word in run if word[0] >= place] for run in runs]
        spans: list[Span] = []
        for run in filter(None, reversed(rest)):
            backwards = [(word[0], run[-1][1]) for word in reversed(run)]
            for span in _growing(self.text, backwards):
                if self._first_place(span, place) == span[0]:
                    return [self._escaped(span)]
                spans.append(span)
        # Browsers end at the first of their kind, wherever that is.
        spans.sort(key=lambda span: self._first_place(span, place), reverse=True)
        return [self._escaped(span) for span in spans[:1]]

    def _escaped(self, span: Span) -> str:
        # The directive's own marks are "-", "," and "&".
        words = " ".join(self.text[slice(*span)].split())
        return quote(words, safe="").replace("-", "%2D")


def _space_in(gap: str) -> Span:
    space = _SPACE.search(gap)
    return space.span() if space else (len(gap), len(gap))


def _blocks_around(
    article: Article, start: int, end: int
) -> Iterator[tuple[Block, int]]:
    """Give the blocks of a span with the places where they begin, and some beside."""
    at = 0
    places: list[int] = []
    for block in article.blocks:
        places.append(at)
        at += len(block.text) + len(BETWEEN)
    first = max(0, bisect_right(places, start) - 1 - _NEIGHBOURS)
    last = bisect_left(places, end) + _NEIGHBOURS
    yield from zip(article.blocks[first:last], places[first:last], strict=True)


def _runs(text: str, span: Span, kind: BlockKind) -> Iterator[Words]:
    """Give the words of a block in runs; what looks otherwise on the page parts them."""
    border = _CELL_BORDER if kind == "table" else _BORDER
    character = _BLANK if kind == "code" else _UNLIKE_CHARACTER
    patterns = [border] if kind == "code" else [border, _UNLIKE, _SENTENCE_BORDER]
    parts = sorted(m.span() for one in patterns for m in one.finditer(text, *span))
    at = span[0]
    for begin, end in [*parts, (span[1], span[1])]:
        if at < begin:
            yield from filter(None, _plain_runs(text, (at, begin), character))
        at = max(at, end)


def _plain_runs(text: str, span: Span, unlike: re.Pattern[str]) -> Iterator[Words]:
    run: list[Span] = []
    for match in _WORD.finditer(text, *span):
        if unlike.search(match[0]):
            yield run
            run = []
        else:
            left = len(match[0]) - len(match[0].lstrip(_MARKS))
            bare = match[0].strip(_MARKS)
            if bare:
                run.append((match.start() + left, match.start() + left + len(bare)))
    yield run


def _growing(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Give those of growing spans that have a fit length; else the longest, where that
    is too short."""
    # The first has one word, each of the others one more.
    for count, span in enumerate(spans[:_MOST], 1):
        if span[1] - span[0] > _LONGEST:
            return
        has_words = count >= _FEWEST or _UNSPACED_CHARACTER.search(text, *span)
        is_fit = has_words and _weight(text, span) >= _LONG_ENOUGH
        if is_fit or count == len(spans):
            yield span


def _weight(text: str, span: Span) -> int:
    return span[1] - span[0] + len(_UNSPACED_CHARACTER.findall(text, *span))
