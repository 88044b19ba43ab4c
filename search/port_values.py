"""The values that cross the index port: what is asked of it and what it returns.

They are frozen, and none says how an index stores or finds anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.types import Article, Evidence, Filters, Passage

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


@dataclass(frozen=True, slots=True)
class Term:
    """A word in any form that is indexed: inflected, in a compound, with its signs."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after the other."""

    text: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Any of these; the more of them match, the better."""

    members: tuple[Term | Phrase, ...]


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A passage matches where all ``clauses`` do, read in any of the ``languages``
    (ISO 639-1)."""

    clauses: tuple[Term | Phrase | AnyOf, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The passages among which to search.

    Each ``required`` phrase stands in the passage itself, and of each of the
    ``alternatives`` one word or phrase; an ``excluded`` word or phrase bars the whole
    article, and each one ``titled`` stands in its title. All are read in every language
    of the index. ``articles`` are the ids of those that alone are searched, None for
    all.
    """

    filters: Filters = Filters()  # noqa: RUF009  # frozen
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    titled: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    articles: frozenset[int] | None = None


EVERYTHING = Scope()


class TokenBits(NamedTuple):
    """The tokens of a passage, one bit a coordinate.

    ``bits``, uint8 of the shape (tokens, ceil(dimension / 8)), are the signs of their
    vectors as numpy.packbits packs them, in reading order; ``counts``, uint16, says how
    many tokens the line of context has (0 where the text has any), then each sentence.
    """

    bits: NDArray[np.uint8]
    counts: NDArray[np.uint16]


class EmbeddedPassage(NamedTuple):
    """A passage with the key, the vector (float32, shape (dimension,)) and the token
    bits of its embedded text; ``bits`` is None where an older program stored none."""

    passage: Passage
    embedding_key: str
    vector: NDArray[np.float32]
    bits: TokenBits | None


class Candidates(NamedTuple):
    """The passages that either retriever contributes: the cosine of each, and the BM25
    score of those that match, by id."""

    cosines: dict[int, float]
    scores: dict[int, float]


class Sample(NamedTuple):
    """Passages of an index: their ids and those of their articles, int64 of the shape
    (n,), and their vectors, float32 of the shape (n, dimension)."""

    ids: NDArray[np.int64]
    articles: NDArray[np.int64]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage, the id of its article, its place there from 0, and the key of the text
    that was embedded."""

    article: int
    passage: Passage
    embedding_key: str
    position: int


class Names(NamedTuple):
    """The tags of an article, and the collections that its sources are in."""

    tags: tuple[str, ...]
    collections: tuple[str, ...]


class Labels(NamedTuple):
    """Of an article what it is counted and ordered by.

    ``dated`` is Article's; ``site`` is the name of its site, its host where that has
    none.
    """

    dated: str
    site: str
    author: str
    language: str
    evidence: Evidence
    tags: tuple[str, ...]
    collections: tuple[str, ...]


def labels_of(article: Article) -> Labels:
    """Return the labels of an article."""
    site = article.site or article.host
    return Labels(
        article.dated,
        site,
        article.author,
        article.language,
        article.evidence,
        article.tags,
        article.collections,
    )


@dataclass(frozen=True, slots=True)
class Duplicates:
    """One text under several addresses: the article that stands for it, and the address
    of each article by its id, that of the representative first."""

    representative: int
    addresses: dict[int, str]

    def others(self, article: int) -> tuple[str, ...]:
        """Return the addresses of all articles but this one."""
        return tuple(url for other, url in self.addresses.items() if other != article)


@dataclass(frozen=True, slots=True)
class Added:
    """The passages of one ``add``: those that were embedded, and those whose vector was
    there already."""

    embedded: int
    reused: int
