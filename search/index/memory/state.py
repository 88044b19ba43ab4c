"""The state of an index in memory, of one generation.

It is plain: a home copies it, changes the copy, and puts it in place of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from search.coverage_report import Coverage
from search.index.memory.snapshot import MemoryRow, MemorySnapshot
from search.manifest import Manifest
from search.port_values import EmbeddedPassage, StoredPassage, TokenBits
from search.standing import Standing
from search.types import Article

# Of a passage that an older program stored.
NO_BITS = TokenBits(np.empty((0, 1), np.uint8), np.zeros(1, np.uint16))


@dataclass
class State:
    """A generation: articles and passages by id, and the last id that was given."""

    manifest: Manifest | None = None
    articles: dict[int, Article] = field(default_factory=dict)
    rows: dict[int, MemoryRow] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()
    standing: Standing = Standing()  # noqa: RUF009  # frozen
    given: Counter[str] = field(default_factory=Counter)

    def copy(self) -> State:
        return replace(
            self,
            articles=dict(self.articles),
            rows=dict(self.rows),
            given=Counter(self.given),
        )

    def next_id(self, kind: str) -> int:
        self.given[kind] += 1
        return self.given[kind]

    def snapshot(self, manifest: Manifest) -> MemorySnapshot:
        return MemorySnapshot(
            manifest,
            self.articles,
            self.rows,
            coverage=self.coverage,
            standing=self.standing,
        )

    def number_of(self, url: str) -> int | None:
        for number, article in self.articles.items():
            if article.url == url:
                return number
        return None

    def put(self, article: Article, passages: Sequence[EmbeddedPassage]) -> None:
        """Put an article in place of the one at its address."""
        number = self.number_of(article.url)
        if number is None:
            number = self.next_id("article")
        # Its passages get new ids, as the port has it.
        self.drop_rows(number)
        self.articles[number] = article
        for position, one in enumerate(passages):
            stored = StoredPassage(number, one.passage, one.embedding_key, position)
            row = MemoryRow(stored, one.vector, one.bits or NO_BITS)
            self.rows[self.next_id("passage")] = row

    def drop_rows(self, article: int) -> None:
        for number in self.rows_of(article):
            del self.rows[number]

    def rows_of(self, article: int) -> list[int]:
        return [n for n, row in self.rows.items() if row.stored.article == article]
