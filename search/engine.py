"""The engine: from a question to the articles that answer it, best passages inside.

It reads an index through its port and writes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from search.coverage_report import Coverage
from search.embedding.embedder import open_embedder
from search.errors import ArticleUnknown, QueryError
from search.manifest import Manifest
from search.port_values import Labels
from search.ports import Embedder, Index
from search.query import parser
from search.query.accents import as_articles_write
from search.query.parser import Query
from search.query.spelling_lookup import Respelt, respelt
from search.ranking.fusion import RANKINGS, Ranked, Ranking, one_per_text
from search.results.candidates import Among, RankedArticles, ranked_articles
from search.results.facets import facets
from search.results.hits import Hits
from search.results.news import Asked, answering, new_answers
from search.results.overview import example_questions, link_pages, newest
from search.results.related import related_to, similar_to
from search.snapshot_port import Snapshot
from search.standing import Noted, Standing, StandingQuestion
from search.types import (
    Answer,
    Article,
    Filters,
    Hit,
    IndexStatus,
    Nearby,
    Overview,
    Sort,
)

# Seconds of processor time that one question may take: an ordinary one over 12,500
# passages takes 0.06, the dearest that was found takes 4.
SECONDS = 5.0
NEWEST = 5  # articles of an overview
# Noted articles that are searched for their quotes together: as many as leave each its
# passages among the candidates.
QUOTED_AT_ONCE = 10


class Engine:
    """Answers questions over an index. Safe to use from several threads.

    The index is opened at the first call, and each call reads the newest generation,
    with its model. ``embedder`` replaces the model that the manifest names, ``ranking``
    is how passages are scored.
    """

    def __init__(
        self,
        index: Index,
        *,
        embedder: Embedder | None = None,
        ranking: Ranking = RANKINGS["fused"],
    ) -> None:
        self._index = index
        self._given = embedder
        self._loaded: tuple[Manifest, Embedder] | None = None
        self._overview: tuple[Manifest, Overview] | None = None
        self._ranking = ranking
        self._hits = Hits()
        # A lock of its own: loading takes seconds, and status() needs no model.
        self._loading = threading.Lock()

    def search(
        self,
        question: str,
        *,
        filters: Filters = Filters(),  # noqa: B008  # frozen
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
        exact: bool = False,
    ) -> Answer:
        """Find the articles ``offset`` … ``offset + limit`` for a question, its typing
        slips corrected unless ``exact``.

        Raises QueryError for what can't be answered, IndexMissing where there is no
        index, IndexMismatch where it is of another model.
        """
        if limit < 1 or offset < 0:
            raise QueryError("bad-page", "limit is at least 1 and offset at least 0.")
        query = parser.parse(question, filters)
        with self._index.snapshot(question) as index:
            embedder = self._model(index)
            # Opening and loading don't count, neither as time nor as computing.
            began = time.perf_counter()
            with index.time_limit(SECONDS):
                spelt = Respelt()
                if not exact:
                    spelt = respelt(question, filters, index, embedder=embedder)
                if spelt.corrected:
                    query = parser.parse(spelt.corrected, filters)
                asked = self._asked(index, query)
                found = ranked_articles(
                    index, query, encoding=asked.encoding, ranking=self._ranking
                )
                page = slice(offset, offset + limit)
                answer = self._answer(index, found, query, sort=sort, page=page)
        took = round((time.perf_counter() - began) * 1000, 1)
        return replace(answer, query=question, took_ms=took, **spelt._asdict())

    def answering(
        self, question: str, arrived: Collection[int] | None = None
    ) -> dict[str, int]:
        """Return the ids of the articles that answer a question, by their keys; of
        those that ``arrived``, where they are named. Raises what ``search`` does.

        Slips are not corrected: what a word is taken for would change with the index.
        """
        query = parser.parse(question, Filters())
        with self._index.snapshot(question) as index:
            asked = self._asked(index, query)
            with index.time_limit(SECONDS):
                if arrived is None:
                    return answering(index, asked)
                return new_answers(index, asked, arrived)

    def arrived(self, after: int, upto: int) -> list[int]:
        """Return the ids above one, and up to another, that articles have."""
        with self._index.snapshot() as index:
            return index.arrived(after, upto)

    def standing(self) -> Standing:
        """Return the standing questions."""
        with self._index.snapshot() as index:
            return index.standing()

    def noted(self, asked: StandingQuestion, *, limit: int) -> list[tuple[Noted, Hit]]:
        """Return what was noted last as new for a question and is still there, newest
        first, with the quotes that answer it now."""
        query = parser.parse(asked.text, Filters())
        with self._index.snapshot(asked.text) as index:
            # Some may have left the index since.
            stored = index.articles([one.article for one in asked.noted])
            noted = [one for one in asked.noted if one.article in stored][:limit]
            if not noted:
                return []
            question = self._asked(index, query)
            # Each part has a limit of its own: there are as many as are shown.
            hits: dict[int, Hit] = {}
            for start in range(0, len(noted), QUOTED_AT_ONCE):
                some = [one.article for one in noted[start : start + QUOTED_AT_ONCE]]
                with index.time_limit(SECONDS):
                    hits |= self._quoted(index, question, some)
        return [(one, hits[one.article]) for one in noted if one.article in hits]

    def related(self, url: str, *, limit: int = 10) -> Nearby:
        """Find other articles on the subject of the one at this address; raises
        ArticleUnknown."""
        with self._index.snapshot() as index:
            return related_to(index, url, limit)

    def similar(self, text: str, *, limit: int = 10) -> Nearby:
        """Find the articles nearest to a text; raises QueryError for one that can't be
        compared."""
        with self._index.snapshot() as index:
            return similar_to(index, text, embedder=self._model(index), limit=limit)

    def status(self) -> IndexStatus:
        """Return the numbers of the index; raises IndexMissing where there is none."""
        with self._index.snapshot() as index:
            return index.status()

    def newest(
        self,
        filters: Filters = Filters(),  # noqa: B008  # frozen
        *,
        limit: int = 10,
        offset: int = 0,
    ) -> tuple[Article, ...]:
        """Return the articles dated last, without blocks, newest first."""
        with self._index.snapshot() as index:
            return newest(index, filters, limit=limit, offset=offset)

    def overview(self) -> Overview:
        """Return the newest articles and a few questions; made once a generation."""
        with self._index.snapshot() as index:
            known = self._overview
            if known is None or known[0] != index.manifest:
                made = Overview(
                    newest(index, Filters(), limit=NEWEST),
                    example_questions(index),
                    link_pages(index),
                )
                known = self._overview = index.manifest, made
            return known[1]

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage report of the indexer's last run."""
        with self._index.snapshot() as index:
            return index.coverage()

    def holds(self, url: str) -> bool:
        """Tell if the whole text of an article is stored under this very address."""
        with self._index.snapshot() as index:
            return index.contains(url)

    def article(self, url: str) -> Article:
        """Return the article at this address or at an alias of it, with its blocks;
        raises ArticleUnknown."""
        with self._index.snapshot() as index:
            number = index.find(url)
            found = None
            if number is not None:
                found = index.article(index.articles([number])[number].url)
        if found is None:
            raise ArticleUnknown(
                "The index holds no article at this address: it left, or was never indexed."
            )
        return found

    def require_sound(self) -> None:
        """Raise IndexDamaged where a question has met damage that is still there."""
        self._index.require_sound()

    def warm(self) -> None:
        """Load index and model now, so that the first question doesn't wait for
        them."""
        with self._index.snapshot() as index:
            self._model(index).encode_query("warm")

    def close(self) -> None:
        """Close the files of the index."""
        self._index.close()

    def _answer(
        self,
        index: Snapshot,
        found: RankedArticles,
        query: Query,
        *,
        sort: Sort,
        page: slice,
    ) -> Answer:
        """Return one page of what was found, near-duplicates as one."""
        duplicates = index.duplicates([number for number, _, _ in found.articles])
        stands_for = {
            number: text.representative for number, text in duplicates.items()
        }
        ranked = one_per_text(found.articles, stands_for)
        total = len(one_per_text(found.articles[: found.answering], stands_for))
        labels = index.labels([number for number, _, _ in ranked[:total]])
        ordered = _ordered(ranked[:total], labels, sort) + ranked[total:]
        shown = self._hits.hits(
            index, ordered[page], duplicates, query=query, question=found.question
        )
        return Answer(
            query=query.text,
            took_ms=0.0,
            total=total,
            weaker=len(ranked) - total,
            generation=index.manifest.generation,
            confident=found.confident,
            hits=tuple(_calibrated(hit, found) for hit in shown),
            facets=facets(labels.values()),
        )

    def _asked(self, index: Snapshot, query: Query) -> Asked:
        text = as_articles_write(query.text, index)
        return Asked(query, self._model(index).encode_query(text), self._ranking)

    def _quoted(
        self, index: Snapshot, asked: Asked, articles: Sequence[int]
    ) -> dict[int, Hit]:
        """Return these articles with their quotes, if any passage is in scope."""
        found = ranked_articles(
            index,
            asked.query,
            encoding=asked.encoding,
            ranking=asked.ranking,
            among=Among(frozenset(articles)),
        )
        # Without duplicates: a feed names the address that was noted.
        hits = self._hits.hits(
            index, found.articles, {}, query=asked.query, question=found.question
        )
        numbers = [number for number, _, _ in found.articles]
        return dict(zip(numbers, hits, strict=True))

    def _model(self, index: Snapshot) -> Embedder:
        known = index.manifest
        with self._loading:
            # A rebuild may have changed the model.
            if self._loaded is None or not known.is_of_same_model(self._loaded[0]):
                self._loaded = (known, self._given or open_embedder(known.model))
            embedder = self._loaded[1]
            known.require(model=embedder.name, fingerprint=embedder.fingerprint)
            return embedder


def _ordered(
    ranked: list[Ranked], labels: dict[int, Labels], sort: Sort
) -> list[Ranked]:
    if sort == "relevance":
        return ranked
    return sorted(ranked, key=lambda one: (labels[one[0]].dated, one[1]), reverse=True)


def _calibrated(hit: Hit, found: RankedArticles) -> Hit:
    """Return the hit with chances in place of scores."""
    passages = tuple(
        replace(one, score=round(found.chance(one.score), 4)) for one in hit.passages
    )
    return replace(hit, score=round(found.chance(hit.score), 4), passages=passages)
