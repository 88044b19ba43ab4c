"""Pure: what is shown of an article that was found: its best passages, joined where
they are neighbours."""

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

SHOWN_PASSAGES = 7  # of one article, at most; more than that answers no further question (docs/decisions.md)
LEAST_SHARE = 0.4  # of the best passage's score; what has less isn't shown
BETWEEN = "\n\n"  # joined passages


class _Found(NamedTuple):
    passage: Passage
    score: float
    cosines: Vectors | None


def shown_ids(ranked: Ranked) -> list[int]:
    """Those passages of an article found that are worth showing, best first."""
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
    """An article found, as it is shown.

    ``stored`` has its passages that are to be shown, ``sentences`` how well each of
    their sentences meets the question.
    """
    _, score, passages = ranked
    scores = {number: value for number, value in passages if number in stored}
    found = {
        number: _Found(stored[number].passage, value, sentences.get(number))
        for number, value in scores.items()
    }
    excerpts = [
        _excerpt(article, [found[number] for number in run], query)
        for run in _runs(list(scores), stored)
    ]
    excerpts.sort(key=lambda excerpt: -excerpt.score)
    return Hit(
        article.url, article.title, article.site, article.author, article.published,
        round(score, 4), article.evidence, _note(article, [stored[number].passage for number in scores]),
        () if article.nosnippet else tuple(excerpts),
        dead_since=article.dead_since, archived=article.archived,
    )  # fmt: skip


def _runs(ids: Sequence[int], stored: Mapping[int, StoredPassage]) -> list[list[int]]:
    """Neighbours together, in reading order; the notes of link pages stand alone."""
    runs: list[list[int]] = []
    for number in sorted(ids, key=lambda number: stored[number].position):
        here = stored[number]
        last = stored[runs[-1][-1]] if runs else None
        if (
            last is None
            or last.passage.is_note
            or here.passage.is_note
            or last.position + 1 != here.position
        ):
            runs.append([])
        runs[-1].append(number)
    return runs


def _excerpt(article: Article, run: Sequence[_Found], query: Query) -> HitPassage:
    """Neighbouring passages as one text, with the heading, the link and the score of
    the best of them."""
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
    """The sentence that is nearest to the question, or that holds most of its words
    where that is not known; None where a passage is no more than one. ``offset`` is
    where the passage begins in the text."""
    spans = [
        (offset + start, offset + end)
        for start, end in sentence_spans(best.passage.text)
    ]
    if len(spans) < 2:
        return None
    if best.cosines is not None and len(best.cosines) == len(spans):
        return Highlight(*spans[int(np.argmax(best.cosines))])
    held = [
        sum(h.end - h.start for h in highlights if start <= h.start < end)
        for start, end in spans
    ]
    return Highlight(*spans[held.index(max(held))]) if any(held) else None


def passage_url(url: str, passage: Passage) -> str:
    """The address that opens an article at a passage: heading anchor, then text
    fragment.

    https://wicg.github.io/scroll-to-text-fragment/: a fragment's own "-", "," and "&"
    are escaped.
    """
    if passage.is_note or "#" in url or not (passage.anchor or passage.fragment):
        return url
    directive = (
        f":~:text={quote(passage.fragment, safe='').replace('-', '%2D')}"
        if passage.fragment
        else ""
    )
    return f"{url}#{quote(passage.anchor, safe='/=')}{directive}"


def _note(article: Article, shown: Sequence[Passage]) -> Note | None:
    """The note to show: the one that was found, else the newest."""
    by_text = {note.text: note for note in reversed(article.notes)}
    found = (by_text[passage.text] for passage in shown if passage.text in by_text)
    return next(found, article.notes[0] if article.notes else None)
