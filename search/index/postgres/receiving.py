"""The receiver of an index in PostgreSQL: it takes what another index stores.

Into an empty database all goes the quick way, which nobody sees before it is whole;
into one that is read, each article goes as a writer writes it. No model is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Self

from search.coverage_report import Coverage
from search.index.postgres import creating, state
from search.index.postgres.connection import Connection
from search.index.postgres.schema import INDEX
from search.index.postgres.writing import articles, bulk, changing
from search.index.postgres.writing.prepared import PreparedArticle, prepared
from search.index.postgres.writing.session import WritingSession, require_rights
from search.manifest import Manifest
from search.port_values import EmbeddedPassage, StoredPassage
from search.standing import Standing
from search.types import Article


class PostgresReceiver:
    """The Receiver of a database, which it has alone: see the port."""

    def __init__(
        self, address: str, known: Manifest, *, indexer: str = "", partitions: int = 1
    ) -> None:
        self._known = known
        self._name = indexer
        self._is_empty = False  # and so not read by anybody
        self._session = WritingSession(address, is_alone=True, check=self._examine)
        try:
            if self._is_empty:
                self._session.write(partial(_begin, known=known, partitions=partitions))
            self._indexer = self._session.write(
                lambda db: state.note_indexer(db, indexer)
            )
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def missing(
        self, articles: Sequence[tuple[Article, Sequence[StoredPassage]]]
    ) -> set[str]:
        found = set()
        urls = [article.url for article, _ in articles]
        stored = self._session.read(lambda db: _stored(db, urls))
        for article, passages in articles:
            keys = [one.embedding_key for one in passages]
            if stored.get(article.url) != (article, keys):
                found.add(article.url)
        return found

    def put(
        self, articles: Sequence[tuple[Article, Sequence[EmbeddedPassage]]]
    ) -> None:
        new = [prepared(article, passages) for article, passages in articles]
        if self._is_empty:
            self._session.write(
                lambda db: bulk.put_many(db, new, indexer=self._indexer)
            )
            return
        # Readers are there: as a writer does it.
        for one in new:
            self._session.write(partial(self._put, one))

    def commit(self, report: Sequence[Coverage], urls: Sequence[str]) -> None:
        if self._is_empty:
            # Each step by itself, so that a lost connection repeats one of them.
            self._session.write(lambda db: bulk.drop_others(db, urls))
            self._session.write(bulk.count_all)
            self._session.write(bulk.pair_all)
            self._session.read(creating.index_all)
            self._session.write(self._publish)
            self._is_empty = False
        self._session.write(lambda db: state.write_coverage(db, self._indexer, report))
        self._session.write(state.begin)

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        return self._session.write(lambda db: state.change_standing(db, change))

    def _put(self, new: PreparedArticle, connection: Connection) -> None:
        changing.put(connection, new, self._indexer)
        state.count_indexer(connection, self._indexer)

    def _publish(self, connection: Connection) -> None:
        """Let readers in."""
        known = replace(
            self._known,
            generation=1,
            vectors="",
            vectors_sha256="",
            vectors_upto=0,
            unexamined=0,
        )
        state.publish(connection, known, bulk.total(connection))
        state.count_indexer(connection, self._indexer)
        creating.end_copying(connection)

    def _examine(self, connection: Connection) -> None:
        require_rights(connection)
        found = None
        creating.migrate(connection)
        if creating.version_of(connection):
            found = state.read_manifest(connection)
        self._is_empty = found is None or not found.generation
        if found is not None and not self._is_empty:
            found.require(
                model=self._known.model,
                fingerprint=self._known.fingerprint,
                splitter=self._known.splitter,
            )


def _begin(connection: Connection, *, known: Manifest, partitions: int) -> None:
    """Make an empty index, or take up that of an unfinished copy."""
    if creating.version_of(connection):
        found = state.read_manifest(connection)
        is_same = found is not None and found.is_of_same_model(known)
        if is_same and creating.is_copying(connection):
            return
        # Nobody has committed anything to it, and nobody else is here.
        creating.drop(connection, INDEX)
    creating.create(connection, known, partitions=partitions, is_bulk=True)


def _stored(
    connection: Connection, urls: Sequence[str]
) -> dict[str, tuple[Article, list[str]]]:
    """Return those of these articles that are stored, with the embedding keys of their
    passages."""
    return {
        article.url: (article, keys)
        for article, keys in articles.with_keys(connection, urls)
    }
