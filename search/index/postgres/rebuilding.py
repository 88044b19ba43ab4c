"""The rebuilding of an index in PostgreSQL: the next one is filled beside it, in a
schema of its own, and takes its place at ``commit``.

Readers go on with the last one until then, and never see a part of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self, TypeVar

from psycopg import sql

from search.coverage_report import Coverage
from search.errors import IndexMismatch
from search.index.calibration import Calibration
from search.index.embedded_texts import Known
from search.index.generations import next_generation
from search.index.postgres import creating, state
from search.index.postgres.connection import Connection
from search.index.postgres.schema import INDEX, NEXT
from search.index.postgres.writing import articles, bulk
from search.index.postgres.writing.bulk import Place
from search.index.postgres.writing.calibrating import calibrate
from search.index.postgres.writing.embedding import Embedding
from search.index.postgres.writing.session import WritingSession, require_rights
from search.index.stored_standing import KEY
from search.manifest import Manifest
from search.port_values import Added, Names
from search.ports import Embedder
from search.standing import Standing
from search.types import Article, Evidence, Passage

LAST = "blogsearch_last"  # the schema whose place was taken, before it is removed
# Seconds in which a reader that has begun to ask takes its snapshot: only then does it
# see all of the next index.
BEFORE_SWITCH = 1.0
T = TypeVar("T")


class PostgresRebuild:
    """The Writer of a whole index again, which it has alone: see the port.

    What is read here is of the next index where that has the article already, else of
    the last one. What is added is written at once, where nobody reads it.
    """

    def __init__(
        self, address: str, embedder: Embedder, *, splitter: int, indexer: str = ""
    ) -> None:
        self._embedder = embedder
        self._embedding = Embedding(embedder, self._embedded_before)
        self._calibration = Calibration(embedder)
        self._splitter = splitter
        self._name = indexer
        self._last: Manifest | None = None
        self._indexer: int | None = None  # its id, as soon as there is a next index
        self._session = WritingSession(address, is_alone=True, check=self._examine)
        try:
            self._session.read(_clear)  # what a rebuild that was killed has left
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    @property
    def manifest(self) -> Manifest | None:
        if self._last is None:
            return None
        _, generation = self._session.read(lambda db: state.indexer_of(db, self._name))
        known = self._last
        return Manifest(
            known.model,
            known.fingerprint,
            known.dimension,
            known.splitter,
            generation=generation,
        )

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        new, added = self._embedding.prepare(articles)
        indexer = self._begun()
        urls = [one.article.url for one in new]

        def write(db: Connection) -> None:
            bulk.put_many(db, new, indexer=indexer, kept=self._places(db, urls))

        self._in_next(write)
        self._embedding.forget()  # it is looked up in the next index
        return added

    def label(self, url: str, names: Names) -> None:
        self._begun()
        self._in_next(lambda db: articles.label(db, url, names))

    def forget(self, url: str) -> None:
        self._begun()
        self._in_next(lambda db: bulk.drop(db, [url]))

    def commit(self) -> None:
        if self._indexer is None:
            return
        self._in_next(bulk.count_all)
        self._in_next(bulk.pair_all)
        self._in_next(creating.index_all)
        self._in_next(self._publish)
        time.sleep(BEFORE_SWITCH)
        # From here on another generation is the right one.
        self._last = None
        self._session.write(_switch)
        self._indexer = None
        self._session.read(_clear)
        self._session.read(self._examine)

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        if self._last is not None:
            self._session.write(
                lambda db: state.write_coverage(
                    db, state.note_indexer(db, self._name), report
                )
            )

    def coverage(self) -> tuple[Coverage, ...]:
        if self._last is None:
            return ()
        return self._session.read(
            lambda db: state.read_coverage(db, state.indexer_of(db, self._name)[0])
        )

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        return self._session.write(lambda db: state.change_standing(db, change))

    def last_article(self) -> int:
        return self._session.write(state.last_article)

    def evidence_of(self, url: str) -> Evidence | None:
        return self._first(lambda db: articles.evidence_of(db, url))

    def article(self, url: str) -> Article | None:
        return self._first(lambda db: articles.article(db, url))

    def urls(self) -> list[str]:
        found: list[str] = []
        if self._last is not None:
            found += self._session.read(articles.urls)
        if self._indexer is not None:
            found += self._in_next(articles.urls)
        return list(dict.fromkeys(found))

    def _examine(self, connection: Connection) -> None:
        require_rights(connection)
        found = None
        creating.migrate(connection)
        if creating.version_of(connection):
            found = state.read_manifest(connection)
        if found is not None and not found.generation:
            found = None
        last = self._last
        if last and (found is None or found.generation != last.generation):
            raise IndexMismatch(
                "The index was written to by another indexer while it was rebuilt, as the"
                " connection to its server was lost. Run the rebuild again."
            )
        self._last = found

    def _begun(self) -> int:
        """Return the id of this indexer in the next index, which is made where it is
        not begun yet."""
        if self._indexer is None:
            known = next_generation(None, self._embedder, splitter=self._splitter)

            def begin(db: Connection) -> int:
                creating.create(
                    db, known, NEXT, partitions=_partitions(db), is_bulk=True
                )
                if self._last is not None:
                    _continue_ids(db)
                return state.note_indexer(db, self._name)

            self._indexer = self._in_next(begin)
        return self._indexer

    def _in_next(self, work: Callable[[Connection], T]) -> T:
        """Do what belongs together in the schema of the next index."""

        def within(connection: Connection) -> T:
            # As far as the transaction goes; pgvector's schema stays behind it.
            connection.execute(
                "SELECT set_config('search_path', %s"
                " || regexp_replace(current_setting('search_path'), '^[^,]*', ''), true)",
                (NEXT,),
            )
            return work(connection)

        return self._session.write(within)

    def _first(self, ask: Callable[[Connection], T | None]) -> T | None:
        found = None
        if self._indexer is not None:
            found = self._in_next(ask)
        if found is None and self._last is not None:
            found = self._session.read(ask)
        return found

    def _places(self, connection: Connection, urls: Sequence[str]) -> dict[str, Place]:
        if self._last is None:
            return {}
        rows = connection.execute(
            sql.SQL("SELECT url, id, indexer FROM {} WHERE url = ANY(%s)").format(
                sql.Identifier(INDEX, "articles")
            ),
            (list(urls),),
        )
        return {row[0]: Place(row[1], row[2]) for row in rows}

    def _embedded_before(self, keys: Sequence[str]) -> Known:
        dimension = self._embedder.dimension

        def ask(connection: Connection) -> Known:
            return articles.embedded_before(connection, keys, dimension)

        found: Known = {}
        if self._last and self._last.fingerprint == self._embedder.fingerprint:
            found = self._session.read(ask)
        if self._indexer is not None:
            found |= self._in_next(ask)
        return found

    def _publish(self, connection: Connection) -> None:
        """Make the next index whole, which nobody reads before it is in its place."""
        known = next_generation(self._last, self._embedder, splitter=self._splitter)
        counts = bulk.total(connection)
        # First, as the calibration samples by these counts.
        state.publish(connection, replace(known, uncalibrated=0), counts)
        calibrate(connection, self._calibration, always=True)
        if self._indexer is not None:
            state.count_indexer(connection, self._indexer)
        if self._last is not None:
            connection.execute("DELETE FROM coverage")
            connection.execute(
                sql.SQL("INSERT INTO coverage SELECT * FROM {}").format(
                    sql.Identifier(INDEX, "coverage")
                )
            )
            # Articles keep their ids.
            connection.execute(
                sql.SQL("INSERT INTO meta SELECT * FROM {} WHERE key = %s").format(
                    sql.Identifier(INDEX, "meta")
                ),
                (KEY,),
            )
        creating.end_copying(connection)


def _partitions(connection: Connection) -> int:
    """Return how many partitions the last index has, 1 without one."""
    row = connection.execute(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass(%s)",
        (f"{INDEX}.articles",),
    ).fetchone()
    return max(1, row[0] if row else 1)


def _continue_ids(connection: Connection) -> None:
    """Let the ids of the next index go on where those of the last one end, and its
    indexers be the same."""
    for sequence in ("article_ids", "passage_ids"):
        connection.execute(
            sql.SQL("SELECT setval({}, last_value, is_called) FROM {}").format(
                sql.Literal(sequence), sql.Identifier(INDEX, sequence)
            )
        )
    connection.execute(
        sql.SQL("INSERT INTO indexers OVERRIDING SYSTEM VALUE SELECT * FROM {}").format(
            sql.Identifier(INDEX, "indexers")
        )
    )
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('indexers', 'id'), max(id)) FROM indexers"
    )


def _switch(connection: Connection) -> None:
    """Let the next index take the place of the last one."""
    if not creating.version_of(connection, NEXT):
        return  # the answer to the COMMIT was lost
    if creating.version_of(connection):
        # Each reader reads the state first, and has that locked until it is done: who
        # waits for it here finds the next index, and nobody is between the two.
        connection.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(
                sql.Identifier(INDEX, "state")
            )
        )
        _rename(connection, INDEX, LAST)
    _rename(connection, NEXT, INDEX)


def _rename(connection: Connection, schema: str, name: str) -> None:
    connection.execute(
        sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
            sql.Identifier(schema), sql.Identifier(name)
        )
    )


def _clear(connection: Connection) -> None:
    # Readers of the last one have been waited for.
    for schema in (NEXT, LAST):
        creating.drop(connection, schema)
