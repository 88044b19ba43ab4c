"""Articles made ready to be written: what of them was never embedded, is embedded now.

It writes nothing; what was embedded before is looked up by what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from search.index.postgres.writing.prepared import PreparedArticle, prepared
from search.index.stored_vectors import as_stored
from search.port_values import Added, EmbeddedPassage, TokenBits, Vectors
from search.ports import Embedder
from search.text.embedding_text import embedding_key, embedding_text
from search.text.token_bits import token_bits
from search.types import Article, Passage

Known = dict[str, tuple[Vectors, TokenBits]]  # by embedding key


class Embedding:
    """One model's work for one writer.

    ``stored`` looks vectors and tokens up by their embedding keys. What was embedded
    since ``forget`` is remembered.
    """

    def __init__(
        self, embedder: Embedder, stored: Callable[[Sequence[str]], Known]
    ) -> None:
        self._embedder = embedder
        self._stored = stored
        self._made: Known = {}

    def prepare(
        self, articles: Sequence[tuple[Article, Sequence[Passage]]]
    ) -> tuple[list[PreparedArticle], Added]:
        """Return articles ready to be written, and how many passages were embedded."""
        keys: list[list[str]] = []
        wanted: dict[str, tuple[str, str]] = {}
        for article, passages in articles:
            row = []
            for passage in passages:
                text = embedding_text(passage, article.title)
                row.append(embedding_key(text))
                wanted[row[-1]] = text, passage.text
            keys.append(row)
        known, fresh = self._embedded(wanted)
        # Words too, while other writers need not wait for them.
        found = [
            prepared(
                article,
                [
                    EmbeddedPassage(passage, key, *known[key])
                    for passage, key in zip(passages, row, strict=True)
                ],
            )
            for (article, passages), row in zip(articles, keys, strict=True)
        ]
        return found, Added(embedded=fresh, reused=sum(map(len, keys)) - fresh)

    def forget(self) -> None:
        """Let go of what was embedded: it is stored."""
        self._made.clear()

    def _embedded(self, wanted: Mapping[str, tuple[str, str]]) -> tuple[Known, int]:
        """Return vector and tokens of each text by its embedding key, and how many had
        to be made now."""
        # ``wanted`` has the text to embed and the passage's own.
        known = {key: self._made[key] for key in wanted if key in self._made}
        known |= self._stored([key for key in wanted if key not in known])
        # In one call: the model sorts texts by length and pads little.
        fresh = [key for key in wanted if key not in known]
        made = self._embedder.encode_passages([wanted[key][0] for key in fresh])
        for key, encoding in zip(fresh, made, strict=True):
            bits = token_bits(encoding, *wanted[key])
            known[key] = self._made[key] = as_stored(encoding.vector), bits
        return known, len(fresh)
