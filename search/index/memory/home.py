"""A small true home of an index, in memory: for tests, and to read what a home does.

Nothing is kept in a file, all is compared with all, and a snapshot is a copy. BM25 is
FTS5's formula; scores may differ from the embedded home's in the last digits.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexMissing
from search.index.calibration import Calibration
from search.index.generations import now, with_background
from search.index.memory.snapshot import MemoryRow, MemorySnapshot
from search.index.stored_vectors import as_stored
from search.manifest import Manifest
from search.port_values import Added, StoredPassage, TokenBits, Vectors
from search.ports import Embedder
from search.text.embedding_text import embedding_text
from search.text.token_bits import token_bits
from search.types import Article, Evidence, Passage


@dataclass
class _State:
    """A generation: articles and passages by id, and the last id that was given."""

    manifest: Manifest | None = None
    articles: dict[int, Article] = field(default_factory=dict)
    rows: dict[int, MemoryRow] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()
    given: Counter[str] = field(default_factory=Counter)

    def copy(self) -> _State:
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
        return MemorySnapshot(manifest, self.articles, self.rows, self.coverage)


class MemoryIndex:
    """An Index that is gone with the process."""

    def __init__(self) -> None:
        self._state = _State()
        self._writing = threading.Lock()

    @contextmanager
    def snapshot(self, question: str = "") -> Iterator[MemorySnapshot]:
        state = self._state
        if state.manifest is None:
            raise IndexMissing("The index in memory is still empty.")
        # A copy, as the embedded home's transaction sees no later commit either.
        yield state.copy().snapshot(state.manifest)

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> MemoryWriter:
        if not self._writing.acquire(blocking=False):
            raise IndexBusy("The index in memory has a writer.")
        known = self._state.manifest
        try:
            if known is not None and not rebuild:
                known.require(model=embedder.name, splitter=splitter)
        except BaseException:
            self._writing.release()
            raise
        return MemoryWriter(self, embedder, splitter=splitter, rebuild=rebuild)

    def model(self) -> str | None:
        known = self._state.manifest
        if known:
            return known.model
        return None

    def copy_to(self, address: str) -> None:
        raise NotImplementedError("an index in memory has no second place")

    def close(self) -> None:
        """There is nothing to close."""

    def publish(self, state: _State) -> None:
        """Let snapshots see a state from now on."""
        self._state = state

    def state(self) -> _State:
        """Return a copy of the state to be changed."""
        return self._state.copy()

    def let_in(self) -> None:
        """Let the next writer in."""
        self._writing.release()


class MemoryWriter:
    """The Writer of an index in memory."""

    def __init__(
        self, index: MemoryIndex, embedder: Embedder, *, splitter: int, rebuild: bool
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._splitter = splitter
        self._rebuild = rebuild
        self._state = index.state()
        self._changed = False
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def manifest(self) -> Manifest | None:
        return self._state.manifest

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        known = self._known()
        before = len(known)
        count = 0
        for article, passages in articles:
            number = self._replaced(article)
            for position, passage in enumerate(passages):
                text = embedding_text(passage, article.title)
                if text not in known:
                    (encoding,) = self._embedder.encode_passages([text])
                    bits = token_bits(encoding, text, passage.text)
                    known[text] = as_stored(encoding.vector), bits
                stored = StoredPassage(number, passage, text, position)
                row = MemoryRow(stored, *known[text])
                self._state.rows[self._state.next_id("passage")] = row
                count += 1
        self._changed = True
        embedded = len(known) - before
        return Added(embedded, count - embedded)

    def forget(self, url: str) -> None:
        number = self._number_of(url)
        if number is not None:
            self._drop_rows(number)
            del self._state.articles[number]
            self._changed = True

    def commit(self) -> None:
        if not self._changed:
            return
        model, state = self._embedder, self._state
        if state.manifest:
            generation = state.manifest.generation + 1
        else:
            generation = 1
        known = Manifest(
            model=model.name,
            fingerprint=model.fingerprint,
            dimension=model.dimension,
            splitter=self._splitter,
            generation=generation,
            articles=len(state.articles),
            passages=len(state.rows),
            updated=now(),
        )
        snapshot = state.snapshot(known)
        measured = Calibration(model).measured(snapshot)
        state.manifest = with_background(measured, snapshot)
        self._index.publish(state.copy())
        self._changed = False
        self._rebuild = False

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        # Visible at once, without the changes that wait for a commit.
        self._state.coverage = tuple(report)
        state = self._index.state()
        state.coverage = tuple(report)
        self._index.publish(state)

    def coverage(self) -> tuple[Coverage, ...]:
        return self._state.coverage

    def evidence_of(self, url: str) -> Evidence | None:
        article = self.article(url)
        if article is None:
            return None
        return article.evidence

    def article(self, url: str) -> Article | None:
        number = self._number_of(url)
        if number is None:
            return None
        return self._state.articles[number]

    def urls(self) -> list[str]:
        return [article.url for article in self._state.articles.values()]

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._index.let_in()

    def _known(self) -> dict[str, tuple[Vectors, TokenBits]]:
        """Return vector and tokens of each text that was embedded by this model;
        raises IndexMismatch for other weights."""
        known = self._state.manifest
        if known is not None and self._rebuild:
            if known.fingerprint != self._embedder.fingerprint:
                return {}
        elif known is not None:
            model = self._embedder
            known.require(model=model.name, fingerprint=model.fingerprint)
        rows = self._state.rows.values()
        return {row.stored.embedding_key: (row.vector, row.bits) for row in rows}

    def _replaced(self, article: Article) -> int:
        """Put an article at its address and drop the passages of the one before."""
        number = self._number_of(article.url)
        if number is None:
            number = self._state.next_id("article")
        self._drop_rows(number)
        self._state.articles[number] = article
        return number

    def _drop_rows(self, article: int) -> None:
        rows = self._state.rows
        for number in [n for n, row in rows.items() if row.stored.article == article]:
            del rows[number]

    def _number_of(self, url: str) -> int | None:
        for number, article in self._state.articles.items():
            if article.url == url:
                return number
        return None
