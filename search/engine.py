"""Reads only: from a question to the articles that answer it, best passages inside."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from search import expressions, facets
from search import query as queries
from search.confidence import Background, is_confident, weigh_words
from search.correction import corrected
from search.deadline import deadline
from search.embedder import DEFAULT_MODEL, SentenceEmbedder
from search.errors import QueryError
from search.forking import GATE
from search.hits import hits
from search.index import IndexReader, Snapshot
from search.manifest import Manifest
from search.ports import Embedder, Ids, Vectors
from search.query import Query
from search.ranking import RANKINGS, Fusion, Ranked, group_by_article, one_per_text
from search.related import related_to, similar_to
from search.types import Answer, Coverage, Filters, IndexStatus, Nearby, Sort

POOL = 200  # passages that each retriever puts up; twice as many change no figure by 0.01
LEXICAL_DEPTH = 2000  # BM25 scores that are read for them; asking for those of given passages is slower
CLOSE_LOOK = 200  # passages, by both scores, whose sentences are looked at
EVIDENCE_POOL = 10  # of each retriever: among these the words of the question are looked for


class Engine:
    """Answers questions over one index directory. Safe to use from several threads.

    The index is opened at the first call and a newer generation is taken up by itself, with its
    model. ``embedder`` is taken in place of the model that the manifest names, ``fuse`` makes one
    score of the two retrievers'.
    """

    def __init__(
        self, directory: Path, *, embedder: Embedder | None = None, fuse: Fusion = RANKINGS["fused"]
    ) -> None:
        self._directory = directory
        self._given = embedder
        self._loaded: tuple[Manifest, Embedder] | None = None
        self._fuse = fuse
        self._reader: IndexReader | None = None
        self._opening = threading.Lock()
        self._loading = threading.Lock()  # its own: loading takes seconds, and status() needs no model

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
        """The articles ``offset`` … ``offset + limit`` for a question, typing slips mended unless ``exact``.

        Raises QueryError for what can't be answered, IndexMissing where there is no index,
        IndexMismatch where it is of another model.
        """
        began = time.perf_counter()
        if limit < 1 or offset < 0:
            raise QueryError("bad-page", "limit is at least 1 and offset at least 0.")
        query = queries.parse(question, filters)
        with self._open().snapshot() as index:
            embedder = self._model(index)
            with deadline():
                mended = None if exact else corrected(question, filters, index.stored, embedder)
                query = queries.parse(mended, filters) if mended else query
                found = _rank(index, query, embedder, self._fuse)
                copies = index.stored.copies([number for number, _, _ in found.articles])
                ranked = one_per_text(
                    found.articles, {number: text.representative for number, text in copies.items()}
                )
                known = index.stored.particulars([number for number, _, _ in ranked])
                ordered = (
                    ranked if sort == "relevance" else
                    sorted(ranked, key=lambda entry: (known[entry[0]].dated, entry[1]), reverse=True)
                )  # fmt: skip
                page = ordered[offset : offset + limit]
                shown = hits(index.stored, page, copies, query=query, sentences=found.sentences)
        if found.confident:
            shown = tuple(
                replace(hit, views=facets.views(entry[0], ranked, known))
                for hit, entry in zip(shown, page, strict=True)
            )
        counts = facets.facets(known.values())
        took = (time.perf_counter() - began) * 1000
        return Answer(question, round(took, 1), len(ranked), found.confident, shown, mended, counts)

    def related(self, url: str, *, limit: int = 10) -> Nearby:
        """Other articles on the subject of the one at this address; raises ArticleUnknown."""
        with self._open().snapshot() as index:
            return related_to(index, url, limit)

    def similar(self, text: str, *, limit: int = 10) -> Nearby:
        """The articles nearest to a text; raises QueryError for one that can't be compared."""
        with self._open().snapshot() as index:
            return similar_to(index, text, self._model(index), limit)

    def status(self) -> IndexStatus:
        """What the index holds; raises IndexMissing where there is none."""
        with self._open().snapshot() as index:
            known = index.manifest
            stored = index.stored
            return IndexStatus(
                known.articles, known.passages, stored.sites(), stored.years(), known.updated, known.model
            )

    def coverage(self) -> tuple[Coverage, ...]:
        """What each source leads to and what of it is held, as of the last run of the indexer."""
        with self._open().snapshot() as index:
            return index.stored.coverage()

    def holds(self, url: str) -> bool:
        """Whether this is the address of an article in the index, or of a link page that names one."""
        with self._open().snapshot() as index:
            return index.stored.holds(url)

    def warm(self) -> None:
        """Load index and model now, so that the first question doesn't wait for them."""
        with self._open().snapshot() as index:
            self._model(index).embed_query("warm")

    def close(self) -> None:
        """Let go of the files."""
        if self._reader is not None:
            self._reader.close()

    def _open(self) -> IndexReader:
        with GATE.reading(), self._opening:
            if self._reader is None:
                self._reader = IndexReader(self._directory)
            return self._reader

    def _model(self, index: Snapshot) -> Embedder:
        known = index.manifest
        with self._loading:
            if self._loaded is None or not known.is_of_same_model(self._loaded[0]):  # a rebuild moved it over
                self._loaded = (known, self._given or SentenceEmbedder(known.model))
            embedder = self._loaded[1]
            known.require(model=embedder.name, fingerprint=embedder.fingerprint)
            return embedder


@dataclass(frozen=True, slots=True)
class _Found:
    """Articles, best first: (number, score, its passages as (id, score), best first); the cosine of each
    sentence of their passages."""

    articles: list[Ranked]
    sentences: dict[int, Vectors]
    confident: bool


def _rank(index: Snapshot, query: Query, embedder: Embedder, fuse: Fusion) -> _Found:
    held = index.stored.languages()
    required = [expressions.phrase(phrase, held) for phrase in query.phrases]
    excluded = [expressions.phrase(phrase, held) for phrase in query.excluded]
    allowed = index.stored.allowed(query.filters, required, excluded)
    spoken = (
        [query.filters.language] if query.filters.language else index.stored.fulltext.languages_of(query.text)
    )
    match = expressions.any_of(query, spoken)
    vector = embedder.embed_query(query.text)
    dense, lexical = _both_scores(index, match, vector, allowed)
    first = fuse(dense, lexical)
    closest = heapq.nlargest(CLOSE_LOOK, first, key=first.__getitem__)
    sentences = index.stored.sentences.cosines(closest, vector)
    scores = fuse(_nearest(dense, sentences), lexical)
    ranked = group_by_article(scores, index.stored.articles_of(list(scores)))
    best = [*list(dense)[:EVIDENCE_POOL], *list(lexical)[:EVIDENCE_POOL]]
    words = {word: expressions.term(word, spoken) for word in query.words}
    return _Found(
        ranked, sentences, bool(ranked) and _is_confident(index, words, best, max(dense.values(), default=0))
    )


def _both_scores(
    index: Snapshot, match: str, vector: Vectors, allowed: Ids | None
) -> tuple[dict[int, float], dict[int, float]]:
    """Cosines and BM25 scores, best first, of all passages that either retriever puts up.

    What only one of them put up gets its score from the other as well: a missing score would count
    as none at all, and where the pool ends would decide about the order.
    """
    ids, cosines = index.vectors.nearest(vector, POOL, allowed)
    dense = {int(number): float(cosine) for number, cosine in zip(ids, cosines, strict=True)}
    matching = index.stored.fulltext.lexical(match, LEXICAL_DEPTH, allowed)
    put_up = {*dense, *(number for number, _ in matching[:POOL])}
    lexical = {number: score for number, score in matching if number in put_up}
    missing = [number for number in put_up if number not in dense]
    dense |= {number: float(found @ vector) for number, found in index.stored.vectors(missing).items()}
    return dense, lexical


def _nearest(dense: Mapping[int, float], sentences: Mapping[int, Vectors]) -> dict[int, float]:
    """The cosine of each passage or of its nearest sentence, whichever is greater."""
    return {
        number: max(cosine, float(sentences[number].max())) if number in sentences else cosine
        for number, cosine in dense.items()
    }


def _is_confident(index: Snapshot, matches: Mapping[str, str], best: Sequence[int], cosine: float) -> bool:
    words = weigh_words(
        {word: index.stored.fulltext.frequency(match) for word, match in matches.items()},
        {word: index.stored.fulltext.matching(match, best) for word, match in matches.items()},
        index.manifest.passages,
    )
    known = index.manifest
    usual = (
        None if known.model == DEFAULT_MODEL else Background(known.background_mean, known.background_spread)
    )
    return is_confident(cosine, words, usual)
