"""A small true home of an index, in memory: for tests, and to read what a home does.

Nothing is kept in a file, all is compared with all, and a snapshot is a copy. BM25 is
FTS5's formula; scores may differ from the embedded home's in the last digits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Self

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexMissing
from search.index.calibration import Calibration
from search.index.generations import now, with_background
from search.index.memory.snapshot import MemorySnapshot
from search.index.memory.state import State
from search.index.stored_vectors import as_stored
from search.manifest import Manifest
from search.port_values import (
    Added,
    EmbeddedPassage,
    Names,
    StoredPassage,
    TokenBits,
    Vectors,
)
from search.ports import Embedder
from search.standing import Standing
from search.text.embedding_text import embedding_key, embedding_text
from search.text.token_bits import token_bits
from search.types import Article, Evidence, Passage


class MemoryIndex:
    """An Index that is gone with the process."""

    def __init__(self) -> None:
        self._state = State()
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

    def receiver(self, manifest: Manifest) -> MemoryReceiver:
        if not self._writing.acquire(blocking=False):
            raise IndexBusy("The index in memory has a writer.")
        known = self._state.manifest
        if known is not None and not known.is_of_same_model(manifest):
            self._writing.release()
            known.require(model=manifest.model, fingerprint=manifest.fingerprint)
        return MemoryReceiver(self, manifest)

    def model(self) -> str | None:
        known = self._state.manifest
        if known:
            return known.model
        return None

    def close(self) -> None:
        """There is nothing to close."""

    def publish(self, state: State) -> None:
        """Let snapshots see a state from now on."""
        self._state = state

    def state(self) -> State:
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
            rows = []
            for passage in passages:
                text = embedding_text(passage, article.title)
                key = embedding_key(text)
                if key not in known:
                    (encoding,) = self._embedder.encode_passages([text])
                    bits = token_bits(encoding, text, passage.text)
                    known[key] = as_stored(encoding.vector), bits
                rows.append(EmbeddedPassage(passage, key, *known[key]))
            self._state.put(article, rows)
            count += len(rows)
        self._changed = True
        embedded = len(known) - before
        return Added(embedded, count - embedded)

    def label(self, url: str, names: Names) -> None:
        number = self._state.number_of(url)
        if number is not None:
            known = self._state.articles[number]
            new = replace(known, **names._asdict())
            self._state.articles[number] = new
            self._changed = True

    def forget(self, url: str) -> None:
        number = self._state.number_of(url)
        if number is not None:
            self._state.drop_rows(number)
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

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        # At once, as the coverage report is.
        state = self._index.state()
        state.standing = self._state.standing = change(state.standing)
        self._index.publish(state)
        return state.standing

    def last_article(self) -> int:
        return max(self._state.articles, default=0)

    def evidence_of(self, url: str) -> Evidence | None:
        article = self.article(url)
        if article is None:
            return None
        return article.evidence

    def article(self, url: str) -> Article | None:
        number = self._state.number_of(url)
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


class MemoryReceiver:
    """The Receiver of an index in memory."""

    def __init__(self, index: MemoryIndex, manifest: Manifest) -> None:
        self._index = index
        self._state = index.state()
        self._manifest = self._state.manifest or manifest
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def missing(
        self, articles: Sequence[tuple[Article, Sequence[StoredPassage]]]
    ) -> set[str]:
        return {
            article.url
            for article, passages in articles
            if self._stored(article.url)
            != (article, [one.embedding_key for one in passages])
        }

    def put(
        self, articles: Sequence[tuple[Article, Sequence[EmbeddedPassage]]]
    ) -> None:
        for article, passages in articles:
            self._state.put(article, passages)

    def commit(self, report: Sequence[Coverage], urls: Sequence[str]) -> None:
        state, known = self._state, self._manifest
        state.coverage = tuple(report)
        state.manifest = replace(
            known,
            generation=state.manifest.generation + 1 if state.manifest else 1,
            articles=len(state.articles),
            passages=len(state.rows),
            updated=now(),
        )
        self._index.publish(state.copy())

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        state = self._index.state()
        state.standing = change(state.standing)
        self._index.publish(state)
        return state.standing

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._index.let_in()

    def _stored(self, url: str) -> tuple[Article, list[str]] | None:
        number = self._state.number_of(url)
        if number is None:
            return None
        rows = self._state.rows
        keys = [rows[n].stored.embedding_key for n in self._state.rows_of(number)]
        return self._state.articles[number], keys
