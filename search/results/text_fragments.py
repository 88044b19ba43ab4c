"""Addresses that open an article at given characters of its text (``#:~:text=``).

They are made of the text alone: no page is read, and no index.
https://wicg.github.io/scroll-to-text-fragment/ says how browsers match them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from search.types import Article, BlockKind

# Begins the anchor of a PDF's page: RFC 8118, section 3.
PAGE_ANCHOR = "page="

Span = tuple[int, int]

# Scripts without spaces: browsers cut them by dictionaries that we don't have, so that
# whatever stands between two marks counts as one word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\s{_UNSPACED}]+")
# Marks that part words wherever they stand: not the underscore, not combining ones.
_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~«»·¿¡‐‑‒–—‘’‚“”„…•、。〈〉《》「」『』【】！（），．：；？｡"
# Math, markup and citations look otherwise on the page than in the text.
_UNSAFE = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]*\$|\[[\d,;–\s-]+\]|\S*[\\`^{}|<>\ufffc\ufffd]\S*", re.DOTALL
)
# A line break may be a block's edge on the page, and a table's cells are blocks.
_BORDER = re.compile(r"\s*\n\s*|[^\S\n]{2,}|\t")
_CELL_BORDER = re.compile(r"\s*\n\s*| \| ")
_NOT_PROSE: tuple[BlockKind, ...] = ("heading", "code", "math", "table")

_FEWEST, _MOST = 3, 10  # words that begin or end a range
_SHORTEST = 12  # characters of those; a word of a script without spaces counts twice
_WHOLE = 80  # characters; what is no longer is named whole
_LONGEST = 90  # characters of a beginning or an end


class _Run(NamedTuple):
    """Words that stand side by side on the page, and in one block of it."""

    words: tuple[Span, ...]

    @property
    def span(self) -> Span:
        return self.words[0][0], self.words[-1][1]


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
    directive = "" if is_page else _directive(article, start, end)
    if not (anchor or directive):
        return url
    mark = ":~:text=" if directive else ""
    return f"{url}#{quote(anchor, safe='/=')}{mark}{directive}"


def _directive(article: Article, start: int, end: int) -> str:
    """Return what stands behind ``text=``, "" where no words open the page there."""
    text = article.text
    runs = list(_runs(article, start, end))
    if not runs:
        return ""
    first, last = runs[0], runs[-1]
    if first is last and _length(text, first.span) <= _WHOLE:
        return _unique(text, [first.span], first)
    beginnings = list(_beginnings(text, first.words))
    if not beginnings:
        return ""
    opening = _unique(text, beginnings, first)
    if not opening:
        return ""
    rest = _after(last.words, beginnings[0][1])
    closing = next(_endings(text, rest), None)
    return opening if closing is None else f"{opening},{_escaped(text, closing)}"


def _runs(article: Article, start: int, end: int) -> Iterator[_Run]:
    """Cut the span into runs that are long enough to be found."""
    at = 0
    for block in article.blocks:
        stop = at + len(block.text)
        if at < end and stop > start:
            border = _CELL_BORDER if block.kind == "table" else _BORDER
            for run in _safe_runs(block.text, border):
                words = tuple(
                    (at + s, at + e)
                    for s, e in run
                    if at + s >= start and at + e <= end
                )
                if words and _is_enough(article.text, words):
                    yield _Run(words)
        at = stop + 2


def _safe_runs(text: str, border: re.Pattern[str]) -> Iterator[list[Span]]:
    barriers = [m.span() for p in (border, _UNSAFE) for m in p.finditer(text)]
    at = 0
    for begin, end in [*sorted(barriers), (len(text), len(text))]:
        if begin > at:
            run = [_bare(text, m.span()) for m in _WORD.finditer(text, at, begin)]
            yield [w for w in run if w[0] < w[1]]
        at = max(at, end)


def _bare(text: str, span: Span) -> Span:
    word = text[slice(*span)]
    left = len(word) - len(word.lstrip(_MARKS))
    return span[0] + left, span[0] + max(left, len(word.rstrip(_MARKS)))


def _is_enough(text: str, words: Sequence[Span]) -> bool:
    return _weight(text, (words[0][0], words[-1][1])) >= _SHORTEST


def _weight(text: str, span: Span) -> int:
    piece = text[slice(*span)]
    return len(piece) + sum(c > "\u0e00" for c in piece)


def _length(text: str, span: Span) -> int:
    return span[1] - span[0]


def _beginnings(text: str, words: Sequence[Span]) -> Iterator[Span]:
    for n in range(1, min(len(words), _MOST) + 1):
        span = words[0][0], words[n - 1][1]
        if _fits(text, span, n):
            yield span


def _endings(text: str, words: Sequence[Span]) -> Iterator[Span]:
    for n in range(1, min(len(words), _MOST) + 1):
        span = words[-n][0], words[-1][1]
        if _fits(text, span, n):
            yield span


def _fits(text: str, span: Span, n: int) -> bool:
    return (
        _weight(text, span) >= _SHORTEST
        and _length(text, span) <= _LONGEST
        and (n >= _FEWEST or text[span[0]] > "\u0e00")
    )


def _after(words: Sequence[Span], place: int) -> list[Span]:
    return [w for w in words if w[0] >= place]


def _unique(text: str, spans: Sequence[Span], run: _Run) -> str:
    before = text[: spans[0][0]].lower()
    for span in spans:
        if text[slice(*span)].lower() not in before:
            return _escaped(text, span)
    return ""


def _escaped(text: str, span: Span) -> str:
    return quote(" ".join(text[slice(*span)].split()), safe="").replace("-", "%2D")
