"""The texts of articles that are embedded, and the work of the model on them.

Nothing is stored, or looked up where it is stored: that is a home's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from search.port_values import TokenBits, Vectors
from search.ports import Embedder
from search.text.embedding_text import embedding_key, embedding_text
from search.text.token_bits import token_bits
from search.types import Article, Passage

Known = dict[str, tuple[Vectors, TokenBits]]  # by embedding key


class Wanted(NamedTuple):
    """The texts of articles to embed: the embedding keys of each one's passages, and by
    key the text to embed with the passage's own."""

    keys: list[list[str]]  # in the order of the articles and their passages
    texts: dict[str, tuple[str, str]]

    @property
    def passages(self) -> int:
        """The number of passages, alike or not."""
        return sum(map(len, self.keys))


def wanted_of(articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Wanted:
    """Return what is embedded of these articles."""
    found = Wanted([], {})
    for article, passages in articles:
        row = []
        for passage in passages:
            # The same text in two articles is one key, and embedded once.
            text = embedding_text(passage, article.title)
            row.append(embedding_key(text))
            found.texts[row[-1]] = text, passage.text
        found.keys.append(row)
    return found


def embedded(
    embedder: Embedder, texts: Mapping[str, tuple[str, str]], known: Known
) -> Known:
    """Return vector and tokens of those texts, as ``Wanted`` has them, that are not
    known."""
    # In one call: the model sorts texts by length and pads little.
    fresh = [key for key in texts if key not in known]
    made = embedder.encode_passages([texts[key][0] for key in fresh])
    return {
        key: (encoding.vector, token_bits(encoding, *texts[key]))
        for key, encoding in zip(fresh, made, strict=True)
    }
