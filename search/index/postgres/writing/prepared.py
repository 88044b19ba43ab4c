"""Articles as they wait to be written: with passages, vectors, token bits and words.

Nothing is embedded here, and no database is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from pgvector import HalfVector

from search.index.lexicon import fields
from search.index.postgres.lexemes import IndexedWords, indexed
from search.index.postgres.rows import clean, vector_values
from search.index.postgres.statistics import Difference, article_words, counted
from search.port_values import TokenBits, Vectors
from search.types import Article, Passage


class Embedded(NamedTuple):
    """A passage with the key, the vector and the token bits of its embedded text;
    ``bits`` is None where an older program stored none."""

    passage: Passage
    key: str
    vector: Vectors
    bits: TokenBits | None


@dataclass(frozen=True, slots=True)
class PreparedPassage:
    """A passage with all that is stored of it."""

    passage: Passage
    key: bytes
    vector: HalfVector
    step: float
    bits: TokenBits | None
    words: IndexedWords


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article with all that is stored of it."""

    article: Article
    passages: tuple[PreparedPassage, ...]
    counts: Difference

    @property
    def words(self) -> int:
        """The lengths of all passages in words."""
        return sum(one.words.length for one in self.passages)


def prepared(article: Article, passages: Sequence[Embedded]) -> PreparedArticle:
    """Return an article as it is to be written."""
    title, language = clean(article.title), clean(article.language)
    words = [_words(one.passage, title, language) for one in passages]
    vectors: Sequence[tuple[HalfVector, float]] = ()
    if passages:
        vectors = vector_values(np.stack([one.vector for one in passages]))
    found = tuple(
        PreparedPassage(one.passage, bytes.fromhex(one.key), *vector, one.bits, written)
        for one, vector, written in zip(passages, vectors, words, strict=True)
    )
    texts = [clean(one.passage.text) for one in passages]
    spelt = article_words([title, *texts]) if texts else set()
    return PreparedArticle(
        article, found, counted((one.tokens for one in words), spelt, language)
    )


def _words(passage: Passage, title: str, language: str) -> IndexedWords:
    return indexed(
        fields(
            title,
            clean(" ".join(passage.heading)),
            clean(passage.text),
            language=language,
            is_note=passage.is_note,
        )
    )
