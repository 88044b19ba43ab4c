"""Quotes: the words of an article that a result shows, at most three runs of them.

It reads no index: passages, scores and the closeness of their sentences are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from search.port_values import StoredPassage
from search.query.parser import Query
from search.ranking.closeness import Closeness
from search.ranking.fusion import Ranked
from search.results.highlights import highlight
from search.results.placed_text import PlacedText
from search.results.quotable import Found, Quotable, quotables
from search.results.text_fragments import answer_link
from search.results.windows import (
    Sentence,
    Window,
    best_windows,
    give_shares,
    stands_out,
)
from search.types import Article, Highlight, Hit, HitPassage, Note, ShownBlock

QUOTES = 3  # of one article, at most
# Passages of an article whose sentences are compared; 5 and 12 find as many answers.
COMPARED = 3
LEAST_SHARE = 0.4  # of the best passage's score; what has less is not quoted
FURTHER_WORTH = 0.15  # of the first quote's worth; a further one has no less


def compared_ids(ranked: Ranked) -> list[int]:
    """Return the passages of a ranked article that may be quoted, best first."""
    _, _, passages = ranked
    best = passages[0][1]
    return [
        number for number, score in passages[:COMPARED] if score >= LEAST_SHARE * best
    ]


def hit(
    layout: PlacedText,
    ranked: Ranked,
    *,
    stored: Mapping[int, StoredPassage],
    close: Mapping[int, Closeness],
    query: Query,
) -> Hit:
    """Return a ranked article as it is shown.

    ``layout`` is its text; ``stored`` has its passages that may be quoted, ``close``
    the closeness of their sentences, where it is known.
    """
    article = layout.article
    _, score, passages = ranked
    found = {
        number: Found(stored[number], value, close.get(number))
        for number, value in passages
        if number in stored
    }
    quotes: tuple[HitPassage, ...] = ()
    if not article.nosnippet:
        quotes = _quotes(layout, found, query)
    return Hit(
        article.url,
        article.title,
        article.site,
        article.author,
        article.published,
        round(score, 4),
        article.evidence,
        _note(article, found.values()),
        quotes,
        dead_since=article.dead_since,
        archived=article.archived,
        tags=article.tags,
        collections=article.collections,
    )


def _quotes(
    layout: PlacedText, found: Mapping[int, Found], query: Query
) -> tuple[HitPassage, ...]:
    texts = quotables(layout, found, query)
    give_shares([one for text in texts for one in text.sentences])
    windows = [
        (window, text)
        for text in texts
        for window in best_windows(text.sentences, QUOTES)
    ]
    windows.sort(key=lambda entry: -entry[0].worth)
    quoting = _Quoting(layout, query)
    return tuple(
        quoting.quote(window, text)
        for window, text in windows[:QUOTES]
        if window.worth >= FURTHER_WORTH * windows[0][0].worth
    )


class _Quoting:
    def __init__(self, layout: PlacedText, query: Query) -> None:
        self._article = layout.article
        self._layout = layout
        self._query = query

    def quote(self, window: Window, text: Quotable) -> HitPassage:
        """Return the words of a window as they are shown."""
        best = text.sentences[window.best]
        start = text.sentences[window.first].start
        end = text.sentences[window.last].end
        shown = text.text[start:end]
        answer = None
        if stands_out(text.sentences, window):
            answer = Highlight(best.start - start, best.end - start)
        if text.note:
            place = -1
            heading = text.note.passage.heading
            url = self._article.url
            blocks: tuple[ShownBlock, ...] = (ShownBlock(0, len(shown), "paragraph"),)
        else:
            place = start
            heading = tuple(self._layout.path(start))
            url = self._link(best)
            blocks = self._layout.shown_blocks(start, end)
        return HitPassage(
            text=shown,
            heading=" › ".join(heading),
            url=url,
            highlights=highlight(
                shown,
                self._query.words,
                self._query.all_phrases,
                language=self._article.language,
            ),
            score=round(best.score, 4),
            answer=answer,
            blocks=blocks,
            start=place,
        )

    def _link(self, best: Sentence) -> str:
        """Return the address that opens the article at a sentence."""
        known = self._layout.links.get((best.start, best.end))
        if known is None:
            known = self._layout.links[best.start, best.end] = answer_link(
                self._article.url,
                self._layout.page,
                start=best.start,
                end=best.end,
                anchor=self._layout.anchor(best.start),
            )
        return known


def _note(article: Article, shown: Iterable[Found]) -> Note | None:
    """Choose the note to show: the one that was found, else the newest."""
    by_text = {note.text: note for note in reversed(article.notes)}
    texts = (found.stored.passage.text for found in shown)
    found = (by_text[text] for text in texts if text in by_text)
    return next(found, article.notes[0] if article.notes else None)
