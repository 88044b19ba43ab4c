"""The sentences of an article that may be quoted, in order, with their closeness.

It finds them by the passages that were found, and chooses none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from search.port_values import StoredPassage
from search.query.parser import Query
from search.ranking.closeness import Closeness
from search.results.article_text import ArticleText, Place, Span, in_article
from search.results.highlights import highlight
from search.results.windows import Sentence
from search.text.sentences import sentence_spans
from search.types import Highlight

# Characters; of what is longer, as code without blank lines, a part is quoted.
_LONGEST_SENTENCE = 400
# References and the like are not quoted while a passage of other text has this share of
# the best score.
ANSWERING_SHARE = 0.6
_REACH = 300  # characters beside a passage that may be quoted with it: two sentences


class Found(NamedTuple):
    """A passage that was found: its place in the index, its score, and the closeness of
    its sentences, None where it is not known."""

    stored: StoredPassage
    score: float
    close: Closeness | None


class Quotable(NamedTuple):
    """A text to quote from, and its sentences in order; ``note`` is its passage where
    it is none of the article's own text."""

    text: str
    sentences: list[Sentence]
    note: StoredPassage | None = None


def quotables(
    layout: ArticleText, found: Mapping[int, Found], query: Query
) -> list[Quotable]:
    """Return the texts that may be quoted: the article's, and each note by itself."""
    reader = _Reader(layout, query)
    own: list[Sentence] = []
    texts: list[Quotable] = []
    for number, one in found.items():
        passage = one.stored.passage
        places = [] if passage.is_note else layout.locate(passage.text)
        sentences = reader.sentences(number, one, places)
        if places:
            own += sentences
        else:
            texts.append(Quotable(passage.text, sentences, one.stored))
    if own:
        own = _without_overlap(own)
        _bar_apparatus(own, layout)
        own = _with_surroundings(own, layout)
        _part_runs(own, layout)
        texts.append(Quotable(layout.text, own))
    return texts


class _Reader:
    def __init__(self, layout: ArticleText, query: Query) -> None:
        self._layout = layout
        self._query = query

    def sentences(
        self, number: int, found: Found, places: list[Place]
    ) -> list[Sentence]:
        """Return the sentences of a passage; as characters of the article where it lies
        in that, else of its own text."""
        text = found.stored.passage.text
        spans = _spans_of(text)
        close = found.close
        if close is None or len(close.max_sim) != len(spans):
            close = self._closeness_by_words(text, spans)
        sentences: list[Sentence] = []
        for span, max_sim, cosine in zip(spans, *close, strict=True):
            near = found.score, float(max_sim), float(cosine)
            for part in self._parts(text, span, places):
                sentences.append(Sentence(*part, number, *near))
        return sentences

    def _parts(self, text: str, span: Span, places: list[Place]) -> Iterator[Span]:
        """Yield the parts of a sentence, where it lies."""
        if not places:
            yield from _cut(text, *span)
            return
        placed = self._layout.without_heading(*in_article(span, places))
        if placed:
            yield from _cut(self._layout.text, *placed)

    def _closeness_by_words(self, text: str, spans: Sequence[Span]) -> Closeness:
        """Take the highlighted characters of each sentence, as a share of the most, for
        a closeness where no token says more."""
        words, phrases = self._query.words, self._query.phrases
        language = self._layout.article.language
        highlights = highlight(text, words, phrases, language=language)
        marked = np.array([_marked_within(span, highlights) for span in spans])
        shares = (marked / max(1, marked.max(initial=0))).astype(np.float32)
        return Closeness(shares, np.zeros_like(shares))


@lru_cache(maxsize=4096)  # popular passages, and what stands beside them: some 4 MB
def _spans_of(text: str) -> tuple[Span, ...]:
    return tuple(sentence_spans(text))


def _marked_within(span: Span, highlights: Sequence[Highlight]) -> int:
    inside = [one for one in highlights if span[0] <= one.start < span[1]]
    return sum(one.end - one.start for one in inside)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a span in parts that are not too long, cut at line breaks or spaces."""
    while end - start > _LONGEST_SENTENCE:
        limit = start + _LONGEST_SENTENCE
        least = start + _LONGEST_SENTENCE // 2
        places = (text.rfind(mark, least, limit) + 1 for mark in "\n ")
        middle = next(filter(None, places), limit)
        length = len(text[start:middle].rstrip())
        # A row of spaces may be longer than a part.
        if length:
            yield start, start + length
        start = middle
    yield start, end


def _without_overlap(sentences: list[Sentence]) -> list[Sentence]:
    """Return sentences in the order of the text; a text that stands twice in an article
    may have been found twice at one place."""
    kept: list[Sentence] = []
    for one in sorted(sentences, key=lambda one: one.start):
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
    return kept


def _bar_apparatus(sentences: Sequence[Sentence], layout: ArticleText) -> None:
    """Bar references and the like, while anything else answers."""
    marked: list[Sentence] = []
    best = answering = 0.0
    for one in sentences:
        best = max(best, one.score)
        if layout.is_apparatus(one.start):
            marked.append(one)
        else:
            answering = max(answering, one.score)
    if answering >= ANSWERING_SHARE * best:
        for one in marked:
            one.barred = True


def _with_surroundings(
    sentences: list[Sentence], layout: ArticleText
) -> list[Sentence]:
    """Add the sentences beside the passages, as far as a quote reaches: a passage ends
    where the model's window does, and a thought may go on."""
    ends = [0, *(one.end for one in sentences)]
    starts = [*(one.start for one in sentences), len(layout.text)]
    every = list(sentences)
    for start, end in zip(ends, starts, strict=True):
        if layout.text[start:end].strip():
            for gap in _gaps(start, end):
                every += _between(layout, gap, within=(start, end))
    return sorted(every, key=lambda one: one.start)


def _gaps(start: int, end: int) -> list[Span]:
    """Return what lies between two sentences, or the two ends of it."""
    if end - start <= 2 * _REACH:
        return [(start, end)]
    return [(start, start + _REACH), (end - _REACH, end)]


def _between(layout: ArticleText, gap: Span, *, within: Span) -> Iterator[Sentence]:
    """Yield the sentences of a gap; one that it cuts off is left out."""
    start, end = gap
    spans = _spans_of(layout.text[start:end])
    if start > within[0]:
        spans = spans[1:]
    if end < within[1]:
        spans = spans[:-1]
    for first, last in spans:
        placed = layout.without_heading(start + first, start + last)
        if placed:
            yield Sentence(*placed)


def _part_runs(sentences: Sequence[Sentence], layout: ArticleText) -> None:
    """Number the runs of sentences between which nothing is left out and no heading
    stands."""
    runs = [0]
    for before, one in pairwise(sentences):
        left_out = layout.text[before.end : one.start].strip()
        is_same = layout.section(before.start) == layout.section(one.start)
        runs.append(runs[-1] + (bool(left_out) or not is_same))
    for one, run in zip(sentences, runs, strict=True):
        one.run = run
