"""The connection of who writes: its locks, and another one where it is lost.

What is written is of no concern here, but for the rights that it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg import errors

from search.errors import BlogsearchError, IndexBusy, StorageFailed
from search.index.postgres.connection import Connection, connect, explain, is_lost
from search.index.postgres.schema import INDEX

T = TypeVar("T")

# Seconds for which a lost server is tried again, and the pauses between.
PATIENCE = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
ATTEMPTS = 20  # of a transaction that is in the way of another one

# An advisory lock: writers share it, who replaces the whole index has it alone.
WRITERS = 7_301_550_000


class WritingSession:
    """One connection that may write, and the lock on the index as long as it is open.

    ``check`` looks at each new connection before anything is done with it.
    """

    def __init__(
        self,
        address: str,
        schema: str = INDEX,
        *,
        is_alone: bool = False,
        check: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._address = address
        self._schema = schema
        self._is_alone = is_alone
        self._check = check
        self._connection = self._connected()

    def close(self) -> None:
        """Let go of the connection and with it of the lock."""
        with suppress(psycopg.Error):
            self._connection.close()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what is read by a connection in autocommit mode."""
        return self._persistently(work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do what belongs together in one transaction.

        It may have been done already where it is done again: the answer to a COMMIT can
        be lost.
        """

        def transaction(connection: Connection) -> T:
            with connection.transaction():
                return work(connection)

        return self._persistently(transaction)

    def _persistently(self, work: Callable[[Connection], T]) -> T:
        until, pause, attempt = 0.0, FIRST_PAUSE, 0
        while True:
            try:
                if self._connection.closed:
                    self._connection = self._connected()
                return work(self._connection)
            # What was in the way has come through by now, as a rule.
            except (errors.SerializationFailure, errors.DeadlockDetected) as error:
                attempt += 1
                if attempt >= ATTEMPTS:
                    raise explain(error, self._address) from error
            except psycopg.Error as error:
                if not is_lost(error) and not self._connection.closed:
                    raise explain(error, self._address) from error
                until = self._lost(until, explain(error, self._address))
                pause = _rested(pause)
            # Another server may be there in a moment: one starts, or is promoted.
            except (StorageFailed, IndexBusy) as error:
                if not self._connection.closed:
                    raise
                until = self._lost(until, error)
                pause = _rested(pause)

    def _lost(self, until: float, error: BlogsearchError) -> float:
        """Return until when a lost server is tried again; raises StorageFailed after
        that."""
        # Half a connection may be there, as of a server that can only be read now.
        self.close()
        until = until or time.monotonic() + PATIENCE
        if time.monotonic() > until:
            raise StorageFailed(
                f"The connection to {self._address} was lost, and for a minute there was no"
                " other. What was not written yet is done by the next run; see that the"
                " server runs."
            ) from error
        return until

    def _connected(self) -> Connection:
        connection = connect(self._address, self._schema, writes=True)
        try:
            self._prepare(connection)
        except BaseException as error:
            connection.close()
            if isinstance(error, psycopg.Error):
                raise explain(error, self._address) from error
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        # Rows are looked up by what the planner has no statistics of; see NO_STATISTICS.
        connection.execute("SET enable_seqscan = off")
        # Compiling takes longer than what a writer asks.
        connection.execute("SET jit = off")
        take_lock(connection, is_alone=self._is_alone)
        self._check(connection)


def take_lock(connection: Connection, *, is_alone: bool = False) -> None:
    """Lock the index as long as the connection is open; raises IndexBusy."""
    shared = "" if is_alone else "_shared"
    row = connection.execute(
        f"SELECT pg_try_advisory_lock{shared}(%s)",  # fixed text
        (WRITERS,),
    ).fetchone()
    if row is None or not row[0]:
        if is_alone:
            raise IndexBusy(
                "An indexer writes to this index just now; try again when it is done."
            )
        raise IndexBusy(
            "This index is being copied or rebuilt just now; try again when that is done."
        )


def require_rights(connection: Connection, schema: str = INDEX) -> None:
    """Raise StorageFailed where this user may not write to the index, or make it."""
    # Asked early: embedding takes an hour, and the refusal would come after it.
    row = connection.execute(
        "SELECT CASE WHEN to_regnamespace(%(schema)s) IS NULL"
        " THEN has_database_privilege(current_database(), 'CREATE')"
        " WHEN to_regclass(%(state)s) IS NULL THEN has_schema_privilege(%(schema)s, 'CREATE')"
        " ELSE has_schema_privilege(%(schema)s, 'USAGE')"
        " AND has_table_privilege(%(state)s, 'UPDATE') END",
        {"schema": schema, "state": f"{schema}.state"},
    ).fetchone()
    if row is None or not row[0]:
        raise StorageFailed(
            "This user may not write to the index in this database; its owner grants it, or"
            " runs this."
        )


def _rested(pause: float) -> float:
    """Wait, and return for how long to wait the next time."""
    time.sleep(pause)
    return min(2 * pause, LONGEST_PAUSE)
