"""The reading half of an index's port: what is asked of one generation of it.

Nothing here knows a file path, a SQL statement or a database connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from search.coverage_report import Coverage
from search.manifest import Manifest
from search.port_values import (
    EVERYTHING,
    Candidates,
    Duplicates,
    Ids,
    Labels,
    LexicalQuery,
    Sample,
    Scope,
    StoredPassage,
    TokenBits,
    Vectors,
)
from search.standing import Standing
from search.types import Article, Evidence, Filters, IndexStatus


class Snapshot(Protocol):
    """One consistent generation of an index. Used by one thread, inside its block.

    A passage and an article are named by positive integers, its id; an id is never used
    twice in an index. Methods that take ids leave unknown ones out. Every method raises
    IndexDamaged, IndexBusy and StorageFailed; within ``time_limit`` also QueryError.
    """

    @property
    def manifest(self) -> Manifest: ...

    def time_limit(self, seconds: float) -> AbstractContextManager[None]:
        """Bound what this thread computes within the block, in seconds of processor
        time, so that a question is not refused for what other threads do.

        What exceeds it raises QueryError "too-slow".
        """

    # Retrieval

    def nearest(
        self, vector: Vectors, k: int, scope: Scope = EVERYTHING
    ) -> tuple[Ids, Vectors]:
        """Return the ids of the k nearest passages in scope and their inner products.

        ``vector`` has the shape (dimension,). Best first, ties by smaller id; both of
        the shape (n,), int64 and float32, with n < k where fewer are in scope.
        """

    def lexical(
        self,
        query: LexicalQuery,
        k: int,
        scope: Scope = EVERYTHING,
        *,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        """Return the k passages in scope that match best, and those of the passages
        ``also`` that match, as (id, BM25 score).

        Best first, ties by smaller id; scores are above 0. A query without clauses
        matches nothing. Of any word of a question that are met all over a large index,
        a home may score the passages alone that contain a rarer one as well.
        """

    def candidates(
        self, vector: Vectors, query: LexicalQuery, k: int, scope: Scope = EVERYTHING
    ) -> Candidates:
        """Return the k nearest passages and the k that match best, each with both of
        its scores: ``nearest``, ``lexical`` and ``similarities`` in one, as a home far
        away reads them together."""

    def similarities(self, ids: Sequence[int], vector: Vectors) -> dict[int, float]:
        """Return the inner product of each of these passages with a vector of the shape
        (dimension,)."""

    def token_bits(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        """Return the tokens of those of these passages that have any."""

    # Words

    def document_frequencies(self, queries: Sequence[LexicalQuery]) -> list[int]:
        """Count the passages that match each query, whatever the scope."""

    def lexical_bound(self, frequencies: Sequence[int]) -> float:
        """Return the BM25 score that no passage exceeds for terms of these document
        frequencies."""

    def languages(self) -> tuple[str, ...]:
        """Return the codes of the languages of the articles, "" among them where
        unknown."""

    def languages_of(self, text: str) -> tuple[str, ...]:
        """Return the languages of the index that a question may be in, likeliest
        first."""

    def articles_with(
        self, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        """Count the articles in these languages that contain each of these very words,
        in lower case; words that none contains are left out."""

    def similar_words(
        self, word: str, languages: Sequence[str], edits: int
    ) -> dict[str, int]:
        """Return the words that may be meant by a misspelt one, and how many articles
        contain each.

        They begin like it, or as if its first two letters were swapped, and are at most
        ``edits`` letters shorter or longer; accents and ligatures aside.
        """

    # Articles

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return these passages by id."""

    def passages_of(self, article: int) -> list[StoredPassage]:
        """Return an article's passages in reading order."""

    def article_ids(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the id of the article of each of these passages."""

    def article_vectors(
        self, articles: Sequence[int]
    ) -> dict[int, tuple[Ids, Vectors]]:
        """Return the passages of each of these articles that has any, in reading order:
        ids of the shape (n,) and vectors of the shape (n, dimension)."""

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        """Return these articles by id, without their blocks."""

    def read(
        self, articles: Sequence[int], passages: Sequence[int]
    ) -> tuple[dict[int, Article], dict[int, StoredPassage]]:
        """Return these articles with their blocks, and these passages, each by id."""

    def labels(self, ids: Sequence[int]) -> dict[int, Labels]:
        """Return what these articles are counted and ordered by."""

    def article(self, url: str) -> Article | None:
        """Return the article stored under this very address, with its blocks."""

    def newest(self, k: int, filters: Filters) -> list[int]:
        """Return the ids of the k articles dated last that pass the filters, newest
        first, ties by greater id; those without a date come last."""

    def find(self, url: str) -> int | None:
        """Return the id of the article at this address or at an alias of it."""

    def contains(self, url: str) -> bool:
        """Tell if the whole text of an article is stored under this very address."""

    def duplicates(self, articles: Sequence[int]) -> dict[int, Duplicates]:
        """Return the near-duplicates of those of these articles that have any."""

    # The whole

    def urls(self) -> list[str]:
        """Return the addresses of all articles, oldest entry first."""

    def evidence(self) -> dict[str, Evidence]:
        """Return the evidence of each article by its address."""

    def sample(self, count: int) -> Sample:
        """Return about ``count`` passages, evenly spread over the index; the same ones
        for the same generation."""

    def sample_titles(self, count: int) -> list[tuple[str, list[int]]]:
        """Return the titles of about ``count`` articles, evenly spread over the index,
        each with the ids of its passages."""

    def status(self) -> IndexStatus:
        """Return the numbers, sites and years of the index."""

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage report as it was written last, oldest source first."""

    def standing(self) -> Standing:
        """Return the standing questions; raises IndexDamaged."""

    def arrived(self, after: int, upto: int) -> list[int]:
        """Return the ids above ``after``, and up to ``upto``, that articles have, in
        order."""
