"""Reads only: from a question to the articles that answer it, best passages inside."""

from __future__ import annotations

import heapq
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import QueryError
from search.index.manifest import Manifest
from search.index.sqlite import fts5_query as expressions
from search.index.sqlite.forking import GATE
from search.index.sqlite.time_limit import deadline
from search.index.sqlite.writer import IndexReader, Snapshot
from search.ports import DEFAULT_MODEL, Embedder, Ids, Vectors
from search.query import parser as queries
from search.query.correction import corrected
from search.query.parser import Query
from search.ranking.confidence import (
    EVERYDAY,
    USUAL_MET,
    Scale,
    at_scale,
    chance,
    is_confident,
    rarity,
    unknown_share,
)
from search.ranking.fusion import (
    RANKINGS,
    Ranked,
    Ranking,
    group_by_article,
    one_per_text,
    with_tokens,
)
from search.results import facets
from search.results.hits import hits
from search.results.related import related_to, similar_to
from search.types import Answer, Coverage, Filters, Hit, IndexStatus, Nearby, Sort

# passages that each retriever puts up; twice as many change no figure by 0.01
POOL = 200
LEXICAL_DEPTH = 2000  # BM25 scores that are read for them; asking for those of given passages is slower
CLOSE_LOOK = 80  # passages, the best by both scores, whose tokens are looked at
LEAST_READ = 0.01  # how far a question is taken to be read at least: nearness still orders what no word finds
COMMON = 1.0  # rarity that stop words count with: that of a word which a third of all passages hold


class Engine:
    """Answers questions over one index directory. Safe to use from several threads.

    The index is opened at the first call and a newer generation is taken up by itself,
    with its model. ``embedder`` is taken in place of the model that the manifest names,
    ``ranking`` is how passages are scored.
    """

    def __init__(
        self,
        directory: Path,
        *,
        embedder: Embedder | None = None,
        ranking: Ranking = RANKINGS["fused"],
    ) -> None:
        self._directory = directory
        self._given = embedder
        self._loaded: tuple[Manifest, Embedder] | None = None
        self._ranking = ranking
        self._reader: IndexReader | None = None
        self._opening = threading.Lock()
        # its own: loading takes seconds, and status() needs no model
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
        """The articles ``offset`` … ``offset + limit`` for a question, typing slips
        mended unless ``exact``.

        Raises QueryError for what can't be answered, IndexMissing where there is no
        index, IndexMismatch where it is of another model.
        """
        began = time.perf_counter()
        if limit < 1 or offset < 0:
            raise QueryError("bad-page", "limit is at least 1 and offset at least 0.")
        query = queries.parse(question, filters)
        with self._open().snapshot() as index:
            embedder = self._model(index)
            with deadline():
                mended = (
                    None
                    if exact
                    else corrected(question, filters, index.stored, embedder)
                )
                query = queries.parse(mended, filters) if mended else query
                found = _rank(index, query, embedder, self._ranking)
                copies = index.stored.copies(
                    [number for number, _, _ in found.articles]
                )
                ranked = one_per_text(
                    found.articles,
                    {number: text.representative for number, text in copies.items()},
                )
                known = index.stored.particulars([number for number, _, _ in ranked])
                ordered = (
                    ranked if sort == "relevance" else
                    sorted(ranked, key=lambda entry: (known[entry[0]].dated, entry[1]), reverse=True)
                )  # fmt: skip
                page = ordered[offset : offset + limit]
                shown = hits(
                    index.stored, page, copies, query=query, sentences=found.sentences
                )
        shown = tuple(map(_calibrated, shown))
        counts = facets.facets(known.values())
        took = (time.perf_counter() - began) * 1000
        return Answer(
            question,
            round(took, 1),
            len(ranked),
            found.confident,
            shown,
            mended,
            counts,
        )

    def related(self, url: str, *, limit: int = 10) -> Nearby:
        """Other articles on the subject of the one at this address; raises
        ArticleUnknown."""
        with self._open().snapshot() as index:
            return related_to(index, url, limit)

    def similar(self, text: str, *, limit: int = 10) -> Nearby:
        """The articles nearest to a text; raises QueryError for one that can't be
        compared."""
        with self._open().snapshot() as index:
            return similar_to(index, text, self._model(index), limit)

    def status(self) -> IndexStatus:
        """What the index holds; raises IndexMissing where there is none."""
        with self._open().snapshot() as index:
            known = index.manifest
            stored = index.stored
            return IndexStatus(
                known.articles,
                known.passages,
                stored.sites(),
                stored.years(),
                known.updated,
                known.model,
            )

    def coverage(self) -> tuple[Coverage, ...]:
        """What each source leads to and what of it is held, as of the last run of the
        indexer."""
        with self._open().snapshot() as index:
            return index.stored.coverage()

    def holds(self, url: str) -> bool:
        """Whether this is the address of an article in the index, or of a link page
        that names one."""
        with self._open().snapshot() as index:
            return index.stored.holds(url)

    def warm(self) -> None:
        """Load index and model now, so that the first question doesn't wait for
        them."""
        with self._open().snapshot() as index:
            self._model(index).encode_query("warm")

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
            if self._loaded is None or not known.is_of_same_model(
                self._loaded[0]
            ):  # a rebuild moved it over
                self._loaded = (known, self._given or SentenceEmbedder(known.model))
            embedder = self._loaded[1]
            known.require(model=embedder.name, fingerprint=embedder.fingerprint)
            return embedder


@dataclass(frozen=True, slots=True)
class _Found:
    """Articles, best first: (number, score, its passages as (id, score), best first);
    how well each sentence of their passages meets the question."""

    articles: list[Ranked]
    sentences: dict[int, Vectors]
    confident: bool


def _rank(
    index: Snapshot, query: Query, embedder: Embedder, ranking: Ranking
) -> _Found:
    held = index.stored.languages()
    required = [expressions.phrase(phrase, held) for phrase in query.phrases]
    excluded = [expressions.phrase(phrase, held) for phrase in query.excluded]
    allowed = index.stored.allowed(query.filters, required, excluded)
    spoken = (
        [query.filters.language]
        if query.filters.language
        else index.stored.fulltext.languages_of(query.text)
    )
    read = embedder.encode_query(query.text)
    dense, lexical = _both_scores(
        index, expressions.any_of(query, spoken), read.vector, allowed
    )
    words = _Sought(index, query, spoken)
    scale, scale_met = _scales(index.manifest)
    near = {number: at_scale(cosine, scale) for number, cosine in dense.items()}
    # what stands beside as many unread words says nothing
    understood = max(LEAST_READ, 1 - 2 * read.unread)
    scores = ranking.fuse(near, lexical, words.greatest, understood)
    closest = (
        heapq.nlargest(CLOSE_LOOK, scores, key=scores.__getitem__)
        if understood > LEAST_READ
        else []
    )
    met = index.stored.tokens.meet(
        closest, read.tokens.astype(np.float32), words.weights(read.spans)
    )
    if ranking.by_tokens:
        by_number = {
            number: at_scale(found.passage, scale_met, USUAL_MET)
            for number, found in met.items()
        }
        scores = with_tokens(scores, by_number, {*closest}, understood)
    ranked = group_by_article(scores, index.stored.articles_of(list(scores)))
    nearness = max(near.values(), default=0.0) - _everyday(index.manifest, scale)
    confident = bool(ranked) and is_confident(
        ranked[0][1],
        nearness,
        words.unknown,
        read=understood,
        by_tokens=ranking.by_tokens and bool(met),
    )
    return _Found(
        ranked, {number: found.sentences for number, found in met.items()}, confident
    )


class _Sought:
    """The words and phrases of a question, and how many passages hold each."""

    def __init__(self, index: Snapshot, query: Query, languages: Sequence[str]) -> None:
        self._fulltext = index.stored.fulltext
        self._passages = index.manifest.passages
        self._text = query.text.casefold()
        terms = {word: expressions.term(word, languages) for word in query.words}
        phrases = [expressions.phrase(phrase, languages) for phrase in query.phrases]
        self._counts = {
            word: self._fulltext.frequency(match) for word, match in terms.items()
        }
        counts = [*self._counts.values(), *map(self._fulltext.frequency, phrases)]
        self.greatest = self._fulltext.greatest(counts, self._passages)
        """The BM25 score that no passage exceeds."""
        self.unknown = unknown_share(self._counts.values(), self._passages)
        """The share of the words, each by its rarity, that no passage holds."""

    def weights(self, spans: NDArray[np.int32]) -> Vectors:
        """What each token of the question counts, shape (n,): the rarity of the word it
        is of."""
        found = np.full(len(spans), COMMON, np.float32)
        for word, count in self._counts.items():
            for place in re.finditer(re.escape(word.casefold()), self._text):
                inside = (spans[:, 0] < place.end()) & (spans[:, 1] > place.start())
                found[inside] = np.maximum(found[inside], rarity(count, self._passages))
        return found


def _both_scores(
    index: Snapshot, match: str, vector: Vectors, allowed: Ids | None
) -> tuple[dict[int, float], dict[int, float]]:
    """Cosines and BM25 scores, best first, of all passages that either retriever puts
    up.

    What only one of them put up gets its score from the other as well: a missing score
    would count as none at all, and where the pool ends would decide about the order.
    """
    ids, cosines = index.vectors.nearest(vector, POOL, allowed)
    dense = {
        int(number): float(cosine) for number, cosine in zip(ids, cosines, strict=True)
    }
    matching = index.stored.fulltext.lexical(match, LEXICAL_DEPTH, allowed)
    put_up = {*dense, *(number for number, _ in matching[:POOL])}
    lexical = {number: score for number, score in matching if number in put_up}
    missing = [number for number in put_up if number not in dense]
    dense |= {
        number: float(found @ vector)
        for number, found in index.stored.vectors(missing).items()
    }
    return dense, lexical


def _calibrated(hit: Hit) -> Hit:
    """The hit with chances in place of scores."""
    passages = tuple(
        replace(one, score=round(chance(one.score), 4)) for one in hit.passages
    )
    return replace(hit, score=round(chance(hit.score), 4), passages=passages)


def _scales(known: Manifest) -> tuple[Scale | None, Scale | None]:
    """By what cosines, and how well tokens are met, are brought to the default model's
    scale; None where they are its own."""
    if known.model == DEFAULT_MODEL:
        return None, None
    return Scale(known.foreign, known.own), Scale(known.met, known.met_own)


def _everyday(known: Manifest, scale: Scale | None) -> float:
    """How near the index comes to everyday questions, at the default model's scale."""
    return EVERYDAY if known.everyday is None else at_scale(known.everyday, scale)
