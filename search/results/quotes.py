"""Quotes: the passages of an article that a result shows, neighbours joined.

It reads no index: passages and scores are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from search.port_values import StoredPassage
from search.ports import Vectors
from search.query.parser import Query
from search.ranking.fusion import Ranked
from search.results.highlights import highlight
from search.text.sentences import sentence_spans
from search.types import Article, Highlight, Hit, HitPassage, Note, Passage

# Passages of one article, at most: more answer no further question (docs/decisions.md).
SHOWN_PASSAGES = 7
LEAST_SHARE = 0.4  # of the best passage's score; what has less isn't shown
BETWEEN = "\n\n"  # what stands between joined passages


class _Found(NamedTuple):
    passage: Passage
    score: float
    sims: Vectors | None  # the MaxSim of each sentence, where it is known


def shown_ids(ranked: Ranked) -> list[int]:
    """Return the passages of a ranked article that are worth showing, best first."""
    _, _, passages = ranked
    best = passages[0][1]
    return [
        number
        for number, score in passages[:SHOWN_PASSAGES]
        if score >= LEAST_SHARE * best
    ]


def hit(
    article: Article,
    ranked: Ranked,
    *,
    stored: Mapping[int, StoredPassage],
    sentences: Mapping[int, Vectors],
    query: Query,
) -> Hit:
    """Return a ranked article as it is shown.

    ``stored`` has its passages that are to be shown, ``sentences`` the MaxSim of each of
    their sentences.
    """
    _, score, passages = ranked
    found = {
        number: _Found(stored[number].passage, value, sentences.get(number))
        for number, value in passages
        if number in stored
    }
    quotes: list[HitPassage] = []
    if not article.nosnippet:
        for run in _runs(list(found), stored):
            quotes.append(_quote(article, [found[number] for number in run], query))
    quotes.sort(key=lambda one: -one.score)
    return Hit(
        article.url,
        article.title,
        article.site,
        article.author,
        article.published,
        round(score, 4),
        article.evidence,
        _note(article, [one.passage for one in found.values()]),
        tuple(quotes),
        dead_since=article.dead_since,
        archived=article.archived,
    )


def _runs(ids: Sequence[int], stored: Mapping[int, StoredPassage]) -> list[list[int]]:
    """Group neighbours, in reading order; the notes of link pages stand alone."""
    runs: list[list[int]] = []
    before: StoredPassage | None = None
    for number in sorted(ids, key=lambda number: stored[number].position):
        here = stored[number]
        if before is None or not _are_neighbours(before, here):
            runs.append([])
        runs[-1].append(number)
        before = here
    return runs


def _are_neighbours(one: StoredPassage, other: StoredPassage) -> bool:
    if one.passage.is_note or other.passage.is_note:
        return False
    return one.position + 1 == other.position


def _quote(article: Article, run: Sequence[_Found], query: Query) -> HitPassage:
    """Join neighbouring passages into one text, with the heading, the link and the
    score of the best of them."""
    text = BETWEEN.join(found.passage.text for found in run)
    at = max(range(len(run)), key=lambda place: run[place].score)
    best = run[at]
    offset = sum(len(found.passage.text) + len(BETWEEN) for found in run[:at])
    highlights = highlight(text, query.words, query.phrases, language=article.language)
    return HitPassage(
        text=text,
        heading=" › ".join(best.passage.heading),
        url=passage_url(article.url, best.passage),
        highlights=highlights,
        score=round(best.score, 4),
        answer=_nearest_sentence(best, offset, highlights),
    )


def _nearest_sentence(
    best: _Found, offset: int, highlights: Sequence[Highlight]
) -> Highlight | None:
    """Return the sentence that is nearest to the question, or that has most of its
    words where no MaxSim is known; None where a passage is no more than one."""
    # ``offset`` is where the passage begins in the text.
    spans = [
        (offset + start, offset + end)
        for start, end in sentence_spans(best.passage.text)
    ]
    if len(spans) < 2:
        return None
    if best.sims is not None and len(best.sims) == len(spans):
        return Highlight(*spans[int(np.argmax(best.sims))])
    marked = [_marked_within(start, end, highlights) for start, end in spans]
    if not any(marked):
        return None
    return Highlight(*spans[marked.index(max(marked))])


def _marked_within(start: int, end: int, highlights: Sequence[Highlight]) -> int:
    """Count the highlighted characters of a span."""
    return sum(h.end - h.start for h in highlights if start <= h.start < end)


def passage_url(url: str, passage: Passage) -> str:
    """Return the address that opens an article at a passage: heading anchor, then text
    fragment.

    https://wicg.github.io/scroll-to-text-fragment/: a fragment's own "-", "," and "&"
    are escaped.
    """
    if passage.is_note or "#" in url or not (passage.anchor or passage.fragment):
        return url
    directive = ""
    if passage.fragment:
        escaped = quote(passage.fragment, safe="").replace("-", "%2D")
        directive = f":~:text={escaped}"
    return f"{url}#{quote(passage.anchor, safe='/=')}{directive}"


def _note(article: Article, shown: Sequence[Passage]) -> Note | None:
    """Choose the note to show: the one that was found, else the newest."""
    by_text = {note.text: note for note in reversed(article.notes)}
    found = (by_text[passage.text] for passage in shown if passage.text in by_text)
    return next(found, article.notes[0] if article.notes else None)
