"""The sentences of an article that may be quoted, in order, with their closeness.

It finds them by the passages that were found, and chooses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from search.port_values import StoredPassage
from search.query.parser import Query
from search.ranking.closeness import Closeness
from search.results.article_text import Span
from search.results.highlights import highlight
from search.results.placed_text import Placed, PlacedText
from search.results.windows import Sentence
from search.types import Highlight

# References and the like are not quoted while a passage of other text has this share of
# the best score.
ANSWERING_SHARE = 0.6


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
    layout: PlacedText, found: Mapping[int, Found], query: Query
) -> list[Quotable]:
    """Return the texts that may be quoted: the article's, and each note by itself."""
    reader = _Reader(layout, query)
    own: list[Sentence] = []
    texts: list[Quotable] = []
    for number, one in found.items():
        passage = one.stored.passage
        placed = layout.placed(number, passage)
        sentences = reader.sentences(number, one, placed)
        if placed.is_apart:
            texts.append(Quotable(passage.text, sentences, one.stored))
        else:
            own += sentences
    if own:
        own = _without_overlap(own)
        _bar_apparatus(own)
        own = _with_surroundings(own, layout)
        _part_runs(own, layout.text)
        texts.append(Quotable(layout.text, own))
    return texts


class _Reader:
    def __init__(self, layout: PlacedText, query: Query) -> None:
        self._layout = layout
        self._query = query

    def sentences(self, number: int, found: Found, placed: Placed) -> list[Sentence]:
        """Return the sentences of a passage; as characters of the article where it lies
        in that, else of its own text."""
        close = found.close
        if close is None or len(close.max_sim) != len(placed.spans):
            close = self._closeness_by_words(found.stored.passage.text, placed.spans)
        max_sims, cosines = close.max_sim.tolist(), close.cosine.tolist()
        return [
            Sentence(
                start,
                end,
                number,
                found.score,
                max_sims[sentence],
                cosines[sentence],
                section=section,
                is_apparatus=is_apparatus,
            )
            for start, end, sentence, section, is_apparatus in placed.parts
        ]

    def _closeness_by_words(self, text: str, spans: Sequence[Span]) -> Closeness:
        """Take the highlighted characters of each sentence, as a share of the most, for
        a closeness where no token says more."""
        words, phrases = self._query.words, self._query.all_phrases
        language = self._layout.article.language
        highlights = highlight(text, words, phrases, language=language)
        marked = np.array([_marked_within(span, highlights) for span in spans])
        shares = (marked / max(1, marked.max(initial=0))).astype(np.float32)
        return Closeness(shares, np.zeros_like(shares))


def _marked_within(span: Span, highlights: Sequence[Highlight]) -> int:
    inside = [one for one in highlights if span[0] <= one.start < span[1]]
    return sum(one.end - one.start for one in inside)


def _without_overlap(sentences: list[Sentence]) -> list[Sentence]:
    """Return sentences in the order of the text; a text that stands twice in an article
    may have been found twice at one place."""
    kept: list[Sentence] = []
    for one in sorted(sentences, key=_start_of):
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
    return kept


def _start_of(sentence: Sentence) -> int:
    return sentence.start


def _bar_apparatus(sentences: Iterable[Sentence]) -> None:
    """Bar references and the like, while anything else answers."""
    marked: list[Sentence] = []
    best = answering = 0.0
    for one in sentences:
        best = max(best, one.score)
        if one.is_apparatus:
            marked.append(one)
        else:
            answering = max(answering, one.score)
    if answering >= ANSWERING_SHARE * best:
        for one in marked:
            one.barred = True


def _with_surroundings(sentences: list[Sentence], layout: PlacedText) -> list[Sentence]:
    """Add the sentences beside the passages, as far as a quote reaches: a passage ends
    where the model's window does, and a thought may go on."""
    ends = [0, *(one.end for one in sentences)]
    starts = [*(one.start for one in sentences), len(layout.text)]
    every = list(sentences)
    for start, end in zip(ends, starts, strict=True):
        for part in layout.beside(start, end):
            every.append(Sentence(part.start, part.end, section=part.section))
    return sorted(every, key=_start_of)


def _part_runs(sentences: Sequence[Sentence], text: str) -> None:
    """Number the runs of sentences between which nothing is left out and no heading
    stands."""
    run = 0
    for before, one in pairwise(sentences):
        is_same = before.section == one.section
        if not is_same or text[before.end : one.start].strip():
            run += 1
        one.run = run
