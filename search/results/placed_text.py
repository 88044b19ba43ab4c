"""The sentences of an article where they lie in it, each found once.

It knows no question: what is kept here is as true for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from search.results.article_text import ArticleText, Place, Span, in_article
from search.text.sentences import sentence_spans
from search.types import Article, Passage

# Characters; of what is longer, as code without blank lines, a part is quoted.
_LONGEST_SENTENCE = 400
_REACH = 300  # characters beside a passage that may be quoted with it: two sentences


class Part(NamedTuple):
    """Characters of a text that may be quoted: a sentence, its part where that is long.

    ``sentence`` is its number among those of its passage, -1 beside one; ``section``
    that of the article's section, 0 above the first heading.
    """

    start: int
    end: int
    sentence: int = -1
    section: int = 0
    is_apparatus: bool = False


class Placed(NamedTuple):
    """A passage's sentences as characters of its own text, and their parts: where these
    lie in the article, or in the passage where it ``is_apart``, as a note."""

    spans: tuple[Span, ...]
    parts: tuple[Part, ...]
    is_apart: bool


class PlacedText(ArticleText):
    """An article's text with its sentences and links, as far as they were asked for.

    Safe to use from several threads: what two of them find out at once is the same. It
    keeps no more than the article has: its passages, and what stands beside them.
    """

    def __init__(self, article: Article) -> None:
        super().__init__(article)
        self._placed: dict[int, Placed] = {}
        self._beside: dict[tuple[Span, bool, bool], tuple[Part, ...]] = {}
        self.links: dict[Span, str] = {}
        """The address that opens the article at a sentence."""

    def placed(self, number: int, passage: Passage) -> Placed:
        """Return a passage of the article, by its id, with the places of its
        sentences."""
        found = self._placed.get(number)
        if found is None:
            found = self._placed[number] = self._place(passage)
        return found

    def beside(self, start: int, end: int) -> Iterator[Part]:
        """Yield the sentences between two that were found, as far as a quote reaches
        from these."""
        if start < end and not self.text[start:end].isspace():
            for gap in _gaps(start, end):
                key = gap, gap[0] > start, gap[1] < end
                found = self._beside.get(key)
                if found is None:
                    found = self._beside[key] = tuple(self._between(*key))
                yield from found

    def _place(self, passage: Passage) -> Placed:
        spans = tuple(sentence_spans(passage.text))
        places = [] if passage.is_note else self.locate(passage.text)
        parts: list[Part] = []
        for sentence, span in enumerate(spans):
            if places:
                parts += self._parts(sentence, span, places)
            else:
                parts += [Part(*cut, sentence) for cut in _cut(passage.text, *span)]
        return Placed(spans, tuple(parts), is_apart=not places)

    def _parts(self, sentence: int, span: Span, places: list[Place]) -> Iterator[Part]:
        placed = self.without_heading(*in_article(span, places))
        if placed:
            for start, end in _cut(self.text, *placed):
                section, is_apparatus = self.section(start), self.is_apparatus(start)
                yield Part(start, end, sentence, section, is_apparatus)

    def _between(self, gap: Span, is_begun: bool, goes_on: bool) -> Iterator[Part]:
        """Yield the sentences of a gap; one that it cuts off is left out."""
        start, end = gap
        spans = sentence_spans(self.text[start:end])
        if is_begun:
            spans = spans[1:]
        if goes_on:
            spans = spans[:-1]
        for first, last in spans:
            placed = self.without_heading(start + first, start + last)
            if placed:
                yield Part(*placed, section=self.section(placed[0]))


def _gaps(start: int, end: int) -> list[Span]:
    """Return what lies between two sentences, or the two ends of it."""
    if end - start <= 2 * _REACH:
        return [(start, end)]
    return [(start, start + _REACH), (end - _REACH, end)]


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
