"""The writer of an index in PostgreSQL: what is added waits in memory until ``commit``
writes each article in a transaction of its own.

Several write side by side, each with the articles and the coverage report of its own
indexer. It reads no questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Self

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexDamaged
from search.index.calibration import Calibration
from search.index.embedded_texts import Known
from search.index.generations import next_generation
from search.index.postgres import state
from search.index.postgres.connection import Connection
from search.index.postgres.creating import create, is_copying, migrate, version_of
from search.index.postgres.schema import COPYING
from search.index.postgres.state import Counts
from search.index.postgres.writing import articles, changing
from search.index.postgres.writing.calibrating import calibrate
from search.index.postgres.writing.embedding import Embedding
from search.index.postgres.writing.prepared import PreparedArticle
from search.index.postgres.writing.session import WritingSession, require_rights
from search.manifest import Manifest
from search.port_values import Added, Names
from search.ports import Embedder
from search.standing import Standing
from search.types import Article, Evidence, Passage


class PostgresWriter:
    """The Writer of one indexer: see the port.

    ``manifest`` says of what model and splitter the index is, and counts this indexer's
    generations; what other indexers change is not in it. ``urls`` and the coverage
    report are this indexer's too.
    """

    def __init__(
        self,
        address: str,
        embedder: Embedder,
        *,
        splitter: int,
        indexer: str = "",
        partitions: int = 1,
    ) -> None:
        self._embedder = embedder
        self._embedding = Embedding(embedder, self._embedded_before)
        self._calibration = Calibration(embedder)
        self._splitter = splitter
        self._name = indexer
        self._partitions = partitions
        self._manifest: Manifest | None = None
        # What waits, by address: None is to be forgotten.
        self._waiting: dict[str, PreparedArticle | None] = {}
        self._names: dict[str, Names] = {}
        self._is_changed = False
        self._session = WritingSession(address, check=self._examine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._waiting.clear()
        self._names.clear()
        self._session.close()

    @property
    def manifest(self) -> Manifest | None:
        return self._manifest

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        new, added = self._embedding.prepare(articles)
        # All is embedded before anything waits: a model may fail.
        self._is_changed = True
        for one in new:
            self._wait(one.article.url, one)
        return added

    def label(self, url: str, names: Names) -> None:
        self._is_changed = True
        waiting = self._waiting.get(url)
        if waiting is not None:
            new = replace(waiting.article, **names._asdict())
            self._waiting[url] = replace(waiting, article=new)
        elif url not in self._waiting:
            self._names[url] = names

    def forget(self, url: str) -> None:
        self._is_changed = True
        self._wait(url, None)

    def commit(self) -> None:
        if not self._is_changed:
            return
        if self._manifest is None:
            self._create()
        indexer = self._session.write(lambda db: state.note_indexer(db, self._name))
        while self._waiting:
            url, new = next(iter(self._waiting.items()))
            self._session.write(partial(self._write, indexer=indexer, url=url, new=new))
            # One by one: what a failure leaves is written by the next commit.
            del self._waiting[url]
        for url, names in self._names.items():
            self._session.write(partial(_label, indexer=indexer, url=url, names=names))
        self._names.clear()
        self._session.write(self._conclude)
        self._embedding.forget()
        self._is_changed = False
        self._session.read(self._examine)

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        with suppress(IndexDamaged):
            if self.coverage() == tuple(report):
                return
        if self._manifest is None:
            self._create()

        def write(db: Connection) -> None:
            state.write_coverage(db, state.note_indexer(db, self._name), report)

        self._session.write(write)

    def coverage(self) -> tuple[Coverage, ...]:
        if self._manifest is None:
            return ()
        return self._session.read(
            lambda db: state.read_coverage(db, state.indexer_of(db, self._name)[0])
        )

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        return self._session.write(lambda db: state.change_standing(db, change))

    def last_article(self) -> int:
        if self._manifest is None:
            return 0
        return self._session.write(state.last_article)

    def evidence_of(self, url: str) -> Evidence | None:
        if url in self._waiting:
            waiting = self._waiting[url]
            return waiting.article.evidence if waiting else None
        if self._manifest is None:
            return None
        return self._session.read(lambda db: articles.evidence_of(db, url))

    def article(self, url: str) -> Article | None:
        if url in self._waiting:
            waiting = self._waiting[url]
            return waiting.article if waiting else None
        if self._manifest is None:
            return None
        return self._session.read(lambda db: articles.article(db, url))

    def urls(self) -> list[str]:
        stored: list[str] = []
        if self._manifest is not None:
            stored = self._session.read(
                lambda db: articles.urls(db, state.indexer_of(db, self._name)[0])
            )
        left = [url for url in stored if self._waiting.get(url, True)]
        known = set(left)
        new = [url for url, one in self._waiting.items() if one and url not in known]
        return left + new

    def _examine(self, connection: Connection) -> None:
        """Take up the index as it is; raises IndexMismatch where this writer is not of
        its model or its splitter, and StorageFailed where it may not write."""
        require_rights(connection)
        known = None
        migrate(connection)
        if version_of(connection):
            known = state.read_manifest(connection)
        if known is None:
            return
        if is_copying(connection):
            raise IndexBusy(COPYING)
        if not known.generation:
            return
        known.require(model=self._embedder.name, splitter=self._splitter)
        _, generation = state.indexer_of(connection, self._name)
        self._manifest = Manifest(
            known.model,
            known.fingerprint,
            known.dimension,
            known.splitter,
            generation=generation,
        )

    def _create(self) -> None:
        # Not before it is needed: the dimension is the model's, whose loading takes
        # seconds, and most runs find nothing new.
        known = next_generation(None, self._embedder, splitter=self._splitter)
        self._session.write(lambda db: create(db, known, partitions=self._partitions))
        self._session.read(self._examine)

    def _write(
        self,
        connection: Connection,
        *,
        indexer: int,
        url: str,
        new: PreparedArticle | None,
    ) -> None:
        """Write or forget one article; after the last one of a commit the calibration is
        measured again, where much has changed."""
        if new is None:
            is_changed = changing.forget(connection, url)
        else:
            changing.put(connection, new, indexer)
            is_changed = True
        if is_changed:
            # With each article, so that the ledger sees that a run which was killed has
            # written some of which it does not know.
            state.count_indexer(connection, indexer)
        if len(self._waiting) == 1:
            calibrate(connection, self._calibration)

    def _embedded_before(self, keys: Sequence[str]) -> Known:
        if self._manifest is None:
            return {}
        model = self._embedder
        self._manifest.require(model=model.name, fingerprint=model.fingerprint)
        return self._session.read(
            lambda db: articles.embedded_before(db, keys, model.dimension)
        )

    def _conclude(self, connection: Connection) -> None:
        """Let an index be seen to which nothing was added."""
        state.begin(connection)
        calibrate(connection, self._calibration)

    def _wait(self, url: str, new: PreparedArticle | None) -> None:
        # Behind what waits already: of one address the last word counts.
        self._waiting.pop(url, None)
        self._names.pop(url, None)
        self._waiting[url] = new


def _label(connection: Connection, *, indexer: int, url: str, names: Names) -> None:
    if articles.label(connection, url, names):
        state.count(connection, Counts(0, 0, 0, 0))
        state.count_indexer(connection, indexer)
