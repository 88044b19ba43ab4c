"""Connections to a PostgreSQL server, and their failures as sentences.

Nothing here knows what a table means. No message repeats what a server or a library says
of a connection's parameters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from search.errors import (
    BlogsearchError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    QueryError,
    StorageFailed,
)
from search.index.postgres.schema import INDEX

# What fails is told by our own errors; it would be told twice.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)

Connection = psycopg.Connection[tuple[Any, ...]]

LEAST_VECTOR = (0, 8, 0)  # of pgvector: iterative scans, which filters need
MOST_READERS = 8  # connections of one process that read at once
PATIENCE = 10.0  # seconds that a question waits for one of them
CONNECT_SECONDS = 10  # for a server that doesn't answer
BUSY = "The index is busy just now; ask again in a moment."


def connect(
    address: str, schema: str = INDEX, *, writes: bool = False
) -> psycopg.Connection:
    """Open a connection in autocommit mode whose search_path has the schema first.

    ``writes``: of several hosts that one which takes writes. Raises StorageFailed,
    IndexMissing, IndexMismatch.
    """
    # Of a primary and its replicas libpq takes the first that answers to this.
    options: dict[str, str] = {}
    if writes:
        options["target_session_attrs"] = "read-write"
    try:
        connection = psycopg.connect(conninfo_of(address, **options), autocommit=True)
    except psycopg.Error as error:
        raise explain(error, address) from error
    try:
        prepare(connection, schema)
    except BaseException as error:
        connection.close()
        if isinstance(error, psycopg.Error):
            raise explain(error, address) from error
        raise
    return connection


def reader_pool(address: str) -> ConnectionPool[psycopg.Connection]:
    """Return a pool of connections for readers, which opens none before the first
    question."""
    return ConnectionPool(
        conninfo_of(address),
        kwargs={"autocommit": True},
        # None is held open while nobody asks.
        min_size=0,
        max_size=MOST_READERS,
        timeout=PATIENCE,
        max_lifetime=600.0,  # so that a replica that comes back is used again
        configure=prepare,
        # A server that was started again has closed those that were waiting.
        check=ConnectionPool.check_connection,
        open=False,
        name="blogsearch",
    )


def conninfo_of(address: str, **options: str) -> str:
    """Return what libpq is given: the address, with our own defaults."""
    # What the address says itself goes before.
    given = conninfo_to_dict(address)
    defaults: dict[str, str | int] = {
        "application_name": "blogsearch",
        "connect_timeout": CONNECT_SECONDS,
        # A server that vanished is noticed within a minute, not within hours.
        "keepalives_idle": 20,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    missing = {name: value for name, value in defaults.items() if name not in given}
    return make_conninfo(address, **missing, **options)


def prepare(connection: psycopg.Connection, schema: str = INDEX) -> None:
    """Make a new connection ready: its schema, and pgvector's types.

    Raises IndexMismatch where pgvector is missing or too old.
    """
    found = connection.execute(
        "SELECT extversion, nspname FROM pg_extension e"
        " JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'vector'"
    ).fetchone()
    if found is None:
        raise IndexMismatch(
            "This database has no pgvector; as its owner run in it: CREATE EXTENSION vector"
        )
    version, place = found
    if _numbers(version) < LEAST_VECTOR:
        least = ".".join(map(str, LEAST_VECTOR))
        raise IndexMismatch(
            f"pgvector {version} is too old, {least} is needed; bring it up to date, then"
            " run in the database: ALTER EXTENSION vector UPDATE"
        )
    use_schema(connection, schema, str(place))
    register_vector(connection)


def use_schema(
    connection: psycopg.Connection, schema: str, extension: str = "public"
) -> None:
    """Have names mean those of a schema, and pgvector's."""
    path = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys((schema, extension))))
    connection.execute(sql.SQL("SET search_path = {}").format(path))


def explain(error: Exception, address: str) -> BlogsearchError:
    """Return what went wrong as a sentence that says what to do."""
    for kind, found in _SENTENCES:
        if isinstance(error, kind):
            return found()
    # The first line is the reason; what follows quotes rows and statements.
    said = _first_line(error)
    if isinstance(error, psycopg.OperationalError):
        return _explain_connection(str(error), address)
    return StorageFailed(f"The database refused what was asked of it: {said}")


def _explain_connection(said: str, address: str) -> BlogsearchError:
    # libpq gives no code for a connection that was refused, only words.
    lowered = said.lower()
    if "does not exist" in lowered and "database" in lowered:
        return IndexMissing(
            f"There is no such database: {address}. Make it with createdb."
        )
    if "password" in lowered or "authentication" in lowered or "role" in lowered:
        return StorageFailed(
            f"The server of {address} doesn't let this user in. Give the password in"
            " PGPASSWORD, in ~/.pgpass or in a service file."
        )
    if "too many clients" in lowered or "connection slots" in lowered:
        return IndexBusy("The database server has no connection left; try again soon.")
    if any(words in lowered for words in _NOT_NOW):
        return IndexBusy("The database server is starting or stopping; try again soon.")
    if "read-only" in lowered or "hot standby" in lowered:
        return _REPLICA()
    return StorageFailed(
        f"The database server of {address} can't be reached; see that it runs and that"
        " this machine may connect."
    )


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Raise what goes wrong with the database inside as a sentence."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, address) from error


def is_lost(error: Exception) -> bool:
    """Tell if a failure is of the connection, so that another one may do."""
    return isinstance(
        error,
        (
            errors.AdminShutdown,
            errors.CrashShutdown,
            errors.CannotConnectNow,
            errors.ReadOnlySqlTransaction,
        ),
    ) or (isinstance(error, psycopg.OperationalError) and error.sqlstate is None)


_NOT_NOW = ("starting up", "shutting down", "in recovery", "not yet accepting")
_REPLICA = partial(
    StorageFailed,
    "This server is a replica, which nobody can write to; name the primary too.",
)
_BUSY = partial(IndexBusy, BUSY)
# What makes them: an exception that is raised again keeps all that it was raised by.
_SENTENCES: tuple[tuple[type[Exception], Callable[[], BlogsearchError]], ...] = (
    (PoolTimeout, _BUSY),
    (
        errors.QueryCanceled,
        partial(QueryError, "too-slow", "This question takes too long; ask for less."),
    ),
    (
        errors.InsufficientPrivilege,
        partial(
            StorageFailed,
            "The database doesn't let this user do that. Its owner grants it, or runs this.",
        ),
    ),
    (errors.ReadOnlySqlTransaction, _REPLICA),
    (
        errors.DiskFull,
        partial(StorageFailed, "The database server's disk is full. Make room."),
    ),
    (
        errors.UndefinedTable,
        partial(
            IndexMissing,
            "The index is still empty. Fill it with: blog-indexer add SOURCE",
        ),
    ),
    (errors.SerializationFailure, _BUSY),
    (errors.DeadlockDetected, _BUSY),
    (errors.LockNotAvailable, _BUSY),
    (
        errors.DataCorrupted,
        partial(
            IndexDamaged,
            "The database's files are damaged; restore its last backup.",
        ),
    ),
    (
        errors.IndexCorrupted,
        partial(
            IndexDamaged,
            "An index of the database is damaged; its owner runs: REINDEX DATABASE",
        ),
    ),
)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _numbers(version: object) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdigit())
