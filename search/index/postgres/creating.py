"""The making of an index's schema: its tables, their partitions, its large indexes.

What is in the tables is of no concern here, but for the version in meta.
"""

from __future__ import annotations

from psycopg import sql

from search.errors import IndexMismatch
from search.index.lexicon import WORDS_VERSION
from search.index.postgres import state
from search.index.postgres.connection import Connection
from search.index.postgres.schema import (
    INDEX,
    LARGE_INDEXES,
    MIGRATIONS,
    NO_STATISTICS,
    PARTITIONED,
)
from search.index.stored_manifest import stored_manifest
from search.manifest import Manifest

VERSION = "version"  # in meta: of the schema
WORDS = "words"  # in meta: of what made the words
COPYING = "copying"  # in meta, as long as a copy into the index is not finished
CREATION = 7_301_550_001  # the advisory lock of who makes a schema
MOST_PARTITIONS = (
    128  # so that all can be locked at once with PostgreSQL's own settings
)


def version_of(connection: Connection, schema: str = INDEX) -> int:
    """Return the version of a schema, 0 where there is none; raises IndexMismatch for
    one of a newer program or of no program of ours."""
    table = f"{schema}.meta"
    found = connection.execute(
        "SELECT to_regclass(%s), to_regnamespace(%s)", (table, schema)
    ).fetchone()
    if found is None or found[0] is None:
        return 0
    row = connection.execute(
        sql.SQL("SELECT value FROM {} WHERE key = %s").format(
            sql.Identifier(schema, "meta")
        ),
        (VERSION,),
    ).fetchone()
    version = int(row[0]) if row else 0
    if version > len(MIGRATIONS):
        raise IndexMismatch(
            "A newer Blogsearch made this index; update Blogsearch to use it."
        )
    return version


def create(
    connection: Connection,
    known: Manifest,
    schema: str = INDEX,
    *,
    partitions: int = 1,
    is_bulk: bool = False,
) -> None:
    """Make an empty index of this model and splitter, where there is none yet; the
    connection's search_path has the schema first. One to which nothing was committed is
    replaced where it is of another model.

    ``is_bulk``: it is not to be read or written by others before ``end_copying``, and
    the large indexes are left for ``index_all``.
    """
    if not 1 <= partitions <= MOST_PARTITIONS:
        raise ValueError(f"an index has 1 to {MOST_PARTITIONS} partitions")
    with connection.transaction():
        # Two writers may find it empty at the same time.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (CREATION,))
        if version_of(connection, schema):
            if not _is_abandoned(connection, known):
                return
            drop(connection, schema)
        connection.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema))
        )
        for migration in MIGRATIONS:
            text = migration.replace("{dimension}", str(known.dimension))
            connection.execute(text.encode())
        for table in PARTITIONED:
            _make_partitions(connection, table, partitions)
        if is_bulk:
            connection.execute("INSERT INTO meta VALUES (%s, '')", (COPYING,))
        else:
            connection.execute(LARGE_INDEXES.encode())
        connection.execute(
            "INSERT INTO meta VALUES (%s, %s), (%s, %s)",
            (VERSION, str(len(MIGRATIONS)), WORDS, WORDS_VERSION),
        )
        connection.execute(
            "INSERT INTO state (manifest) VALUES (%s)", (stored_manifest(known),)
        )


def migrate(connection: Connection) -> None:
    """Bring the tables of an index to the newest version, where an older program made
    them; nothing is read, fetched or embedded for it."""
    if not 0 < version_of(connection) < len(MIGRATIONS):
        return
    with connection.transaction():
        # Two writers may find it so at the same time.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (CREATION,))
        for migration in MIGRATIONS[version_of(connection) :]:
            connection.execute(migration.encode())
        connection.execute(
            "UPDATE meta SET value = %s WHERE key = %s", (str(len(MIGRATIONS)), VERSION)
        )


def words_version(connection: Connection) -> str:
    """Return the version of what made the words of an index."""
    row = connection.execute(
        "SELECT value FROM meta WHERE key = %s", (WORDS,)
    ).fetchone()
    return row[0] if row else ""


def is_copying(connection: Connection) -> bool:
    """Tell if a copy into the index was begun and is not finished."""
    row = connection.execute("SELECT 1 FROM meta WHERE key = %s", (COPYING,)).fetchone()
    return row is not None


def end_copying(connection: Connection) -> None:
    """Note that a copy is finished."""
    connection.execute("DELETE FROM meta WHERE key = %s", (COPYING,))


def index_all(connection: Connection) -> None:
    """Make the large indexes that are missing, and the planner's statistics."""
    connection.execute(LARGE_INDEXES.encode())
    analyze(connection)


def analyze(connection: Connection) -> None:
    """Renew the planner's statistics of the index."""
    for table in (*PARTITIONED, "bylines", "terms", "vocabulary", "texts", "bands"):
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def drop(connection: Connection, schema: str) -> None:
    """Remove a schema with all that is in it, where there is one."""
    connection.execute(
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
    )


def _is_abandoned(connection: Connection, known: Manifest) -> bool:
    """Tell if an index of another model has no commit yet."""
    state.lock(connection)
    found = state.read_manifest(connection)
    if found is None or found.generation:
        return False
    return not found.is_of_same_model(known) or (found.dimension, found.splitter) != (
        known.dimension,
        known.splitter,
    )


def _make_partitions(connection: Connection, table: str, partitions: int) -> None:
    for remainder in range(partitions):
        connection.execute(
            sql.SQL(
                "CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, REMAINDER {})"
            ).format(
                sql.Identifier(f"{table}_{remainder}"),
                sql.Identifier(table),
                sql.Literal(partitions),
                sql.Literal(remainder),
            )
        )
    for column in NO_STATISTICS[table]:
        # It goes on to the partitions.
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS 0").format(
                sql.Identifier(table), sql.Identifier(column)
            )
        )
