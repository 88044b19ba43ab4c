"""Articles made ready to be written: what of them was never embedded, is embedded now.

It writes nothing; what was embedded before is looked up by what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from search.index.embedded_texts import Known, embedded, wanted_of
from search.index.postgres.writing.prepared import PreparedArticle, prepared
from search.index.stored_vectors import as_stored
from search.port_values import Added, EmbeddedPassage
from search.ports import Embedder
from search.types import Article, Passage


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
        wanted = wanted_of(articles)
        known, fresh = self._known(wanted.texts)
        # Words too, while other writers need not wait for them.
        found = [
            prepared(
                article,
                [
                    EmbeddedPassage(passage, key, *known[key])
                    for passage, key in zip(passages, row, strict=True)
                ],
            )
            for (article, passages), row in zip(articles, wanted.keys, strict=True)
        ]
        return found, Added(embedded=fresh, reused=wanted.passages - fresh)

    def forget(self) -> None:
        """Let go of what was embedded: it is stored."""
        self._made.clear()

    def _known(self, texts: Mapping[str, tuple[str, str]]) -> tuple[Known, int]:
        """Return vector and tokens of each text by its embedding key, and how many had
        to be made now."""
        known = {key: self._made[key] for key in texts if key in self._made}
        known |= self._stored([key for key in texts if key not in known])
        fresh = embedded(self._embedder, texts, known)
        for key, (vector, bits) in fresh.items():
            known[key] = self._made[key] = as_stored(vector), bits
        return known, len(fresh)
