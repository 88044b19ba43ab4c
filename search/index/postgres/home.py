"""The home of an index in a PostgreSQL database with pgvector, for more than one machine.

Readers share a bounded pool of connections, and a writer has one of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from search.errors import IndexBusy, IndexMismatch, IndexMissing, OpenedBeforeFork
from search.index.postgres.connection import (
    BUSY,
    connect,
    explain,
    explained,
    reader_pool,
)
from search.index.postgres.reader import PostgresSnapshot
from search.index.postgres.reading.transaction import Statement, Transaction
from search.index.postgres.reading.words import LANGUAGES, Words, foreseen
from search.index.postgres.schema import COPYING, EMPTY, MIGRATIONS, OLDER
from search.index.postgres.state import COLUMNS, manifest_from, read_manifest
from search.manifest import Manifest
from search.ports import Embedder, Receiver, Writer

STATE: Statement = (
    f"SELECT {COLUMNS}, (SELECT value FROM meta WHERE key = 'version'), words FROM state",
    {},
)


class PostgresIndex:
    """The Index at the address of a database, which is asked at the first use.

    ``indexer`` names who writes: each has its own articles and coverage report.
    ``partitions`` is how many parts its tables are made in, if they aren't there.
    """

    def __init__(
        self, address: object, *, indexer: str = "", partitions: int = 1
    ) -> None:
        self._address = str(address)
        self._indexer = indexer
        self._partitions = partitions
        self._opening = threading.Lock()
        self._pool: ConnectionPool[psycopg.Connection] | None = None
        self._process = os.getpid()
        # Those of the last snapshot: a question's words are looked up in these at once.
        self._languages: tuple[str, ...] = ()

    @contextmanager
    def snapshot(self, question: str = "") -> Iterator[PostgresSnapshot]:
        """Open the newest generation for the block; see the port."""
        try:
            with self._readers().connection() as connection:
                transaction = Transaction(connection)
                try:
                    yield self._opened(transaction, question)
                finally:
                    transaction.end()
        except PoolTimeout as error:
            # All connections are at work, or the server is gone: it says which.
            connect(self._address).close()
            raise IndexBusy(BUSY) from error
        except psycopg.Error as error:
            raise explain(error, self._address) from error

    def require_sound(self) -> None:
        """The server looks after its files by itself."""

    def writer(
        self, embedder: Embedder, *, splitter: int, rebuild: bool = False
    ) -> Writer:
        """Open or make the index for writing; see the port."""
        if rebuild:
            from search.index.postgres.rebuilding import PostgresRebuild

            return PostgresRebuild(
                self._address, embedder, splitter=splitter, indexer=self._indexer
            )
        from search.index.postgres.writer import PostgresWriter

        return PostgresWriter(
            self._address,
            embedder,
            splitter=splitter,
            indexer=self._indexer,
            partitions=self._partitions,
        )

    def receiver(self, manifest: Manifest) -> Receiver:
        """Open or make the index for what another one stores; see the port."""
        from search.index.postgres.receiving import PostgresReceiver

        return PostgresReceiver(
            self._address,
            manifest,
            indexer=self._indexer,
            partitions=self._partitions,
        )

    def model(self) -> str | None:
        """Return the name of the model, None where there is no index yet."""
        with explained(self._address), closing(connect(self._address)) as connection:
            # Without its tables there is no index yet.
            try:
                known = read_manifest(connection)
            except psycopg.errors.UndefinedTable:
                return None
        # The schema may be there before the first article is.
        if known is None or not known.generation:
            return None
        return known.model

    def examine(self) -> list[str]:
        """Return what is wrong, each a sentence that says what to do."""
        from search.index.postgres.examining import examine

        with explained(self._address), closing(connect(self._address)) as connection:
            return examine(connection)

    def erase(self) -> list[str]:
        """Leave nothing of what was forgotten in the tables' files; return those tables
        that are too large for that while questions are asked."""
        from search.index.postgres.examining import erase

        with (
            explained(self._address),
            closing(connect(self._address, writes=True)) as connection,
        ):
            return erase(connection)

    def close(self) -> None:
        """Close all connections; the next use opens them again."""
        with self._opening:
            # A forked child must not end what its parent uses.
            if self._pool is not None and self._process == os.getpid():
                self._pool.close()
            self._pool = None

    def _readers(self) -> ConnectionPool[psycopg.Connection]:
        if self._process != os.getpid():
            raise OpenedBeforeFork(
                "This process was forked from one that uses the index; open it again."
            )
        with self._opening:
            if self._pool is None:
                # The pool would try for long, and say little.
                # A server that isn't there is told at once, and in its own words.
                connect(self._address).close()
                self._pool = reader_pool(self._address)
                self._pool.open()
            return self._pool

    def _opened(self, transaction: Transaction, question: str) -> PostgresSnapshot:
        """Begin the transaction, and read at once what a question's words need."""
        # Languages come and go seldom; what was not foreseen is asked for later.
        coming = foreseen(question, self._languages)
        try:
            state, languages, *words = transaction.begin(
                [STATE, LANGUAGES, *coming.statements()]
            )
        except psycopg.errors.UndefinedTable as error:
            raise IndexMissing(EMPTY) from error
        if state and int(state[0][-2]) < len(MIGRATIONS):
            raise IndexMismatch(OLDER)
        known = manifest_from(state[0]) if state else None
        if known is None or not known.generation:
            is_copying = transaction.rows("SELECT FROM meta WHERE key = 'copying'", {})
            raise IndexMissing(COPYING if is_copying else EMPTY)
        asked = Words(transaction, known.passages)
        asked.articles = {code: int(articles) for code, articles in languages}
        asked.take(coming, words)
        self._languages = tuple(asked.articles)
        # Of the state, not of the rows: counting words would read all of them.
        mean_length = int(state[0][-1]) / max(1, known.passages)
        return PostgresSnapshot(transaction, known, asked, mean_length=mean_length)
