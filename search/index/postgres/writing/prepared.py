"""Articles as they wait to be written: with passages, vectors, token bits and words.

Nothing is embedded here, and no database is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pgvector import HalfVector

from search.index.lexicon import fields
from search.index.postgres.lexemes import IndexedWords, indexed
from search.index.postgres.rows import clean, vector_values
from search.index.postgres.writing.statistics import Difference, article_words, counted
from search.index.stored_blocks import stored_blocks
from search.port_values import EmbeddedPassage, TokenBits
from search.types import Article, Passage


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

    @property
    def words(self) -> int:
        """The lengths of all passages in words."""
        return sum(one.words.length for one in self.passages)

    @property
    def compared(self) -> tuple[str, str]:
        """Title and blocks as they are stored, by which texts are compared."""
        return clean(self.article.title), clean(stored_blocks(self.article.blocks))

    def counts(self) -> Difference:
        """Return what the article counts in the statistics of all."""
        texts = [clean(one.passage.text) for one in self.passages]
        words = article_words([clean(self.article.title), *texts]) if texts else ()
        tokens = (one.words.tokens for one in self.passages)
        return counted(tokens, words, clean(self.article.language))


def prepared(article: Article, passages: Sequence[EmbeddedPassage]) -> PreparedArticle:
    """Return an article as it is to be written."""
    title, language = clean(article.title), clean(article.language)
    words = [_words(one.passage, title, language) for one in passages]
    # All of an article at once: numpy takes longer to begin than for one vector.
    vectors: Sequence[tuple[HalfVector, float]] = ()
    if passages:
        vectors = vector_values(np.stack([one.vector for one in passages]))
    found = tuple(
        PreparedPassage(
            one.passage, bytes.fromhex(one.embedding_key), *vector, one.bits, written
        )
        for one, vector, written in zip(passages, vectors, words, strict=True)
    )
    return PreparedArticle(article, found)


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
