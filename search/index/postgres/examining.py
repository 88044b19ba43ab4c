"""The examination of an index in PostgreSQL, and what is left of forgotten articles.

It finds out and says what to do; it mends nothing. Damage to files is PostgreSQL's own
to find, by its checksums and pg_amcheck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from psycopg import sql

from search.errors import IndexMismatch, IndexMissing
from search.index.lexicon import WORDS_VERSION
from search.index.postgres import creating, state
from search.index.postgres.connection import Connection
from search.index.postgres.lexemes import quoted
from search.index.postgres.schema import COPYING, EMPTY, INDEX, MIGRATIONS, OLDER
from search.index.postgres.writing import bulk

# Passages up to which everything is counted again; of more only some tokens are.
ALL = 200_000
SOME = 200  # tokens
REBUILD = "Make it again with: blog-indexer rebuild"
LARGE = ("passages_by_vector", "passages_by_words")
# Bytes of a table with its indexes up to which it is written again in some seconds: some
# 50,000 passages. Questions wait meanwhile.
REWRITTEN = 200_000_000


class _Count(NamedTuple):
    """Rows that should not be: how to count them, and what they are."""

    query: str
    named: str


_FAULTS = (
    _Count(
        "SELECT count(*) FROM passages p WHERE NOT EXISTS (SELECT 1 FROM passage_words w"
        " WHERE w.id = p.id AND w.site = p.site)",
        "passages have no words, so that only their meaning finds them",
    ),
    _Count(
        "SELECT count(*) FROM passage_words w WHERE NOT EXISTS (SELECT 1 FROM passages p"
        " WHERE p.id = w.id AND p.site = w.site)",
        "passages have words, but no text",
    ),
    _Count(
        "SELECT count(*) FROM tokens t WHERE NOT EXISTS (SELECT 1 FROM passages p"
        " WHERE p.id = t.passage AND p.site = t.site)",
        "passages have tokens, but no text",
    ),
    _Count(
        "SELECT count(*) FROM passages p WHERE NOT EXISTS (SELECT 1 FROM articles a"
        " WHERE a.id = p.article AND a.site = p.site)",
        "passages are of no article",
    ),
    _Count(
        "SELECT count(*) FROM articles a WHERE passages != (SELECT count(*) FROM passages p"
        " WHERE p.article = a.id AND p.site = a.site)",
        "articles have another number of passages than is noted of them",
    ),
    _Count(
        "SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM texts t"
        " WHERE t.article = a.id)",
        "articles were never compared with the others",
    ),
    _Count(
        "SELECT count(*) FROM (SELECT url FROM articles GROUP BY url HAVING count(*) > 1) u",
        "addresses have more than one article",
    ),
)


def examine(connection: Connection) -> list[str]:
    """Return what is wrong with an index, each a sentence that says what to do; raises
    IndexMissing. The connection is in autocommit mode."""
    try:
        version = creating.version_of(connection)
    except IndexMismatch as error:
        return [str(error)]
    if not version:
        raise IndexMissing(EMPTY)
    # Writers go on, and what is counted is of one moment.
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = []
        if version < len(MIGRATIONS):
            found.append(OLDER)
        if creating.is_copying(connection):
            return [*found, COPYING]
        for check in (_words, _indexes, _extension, _counts, _faults, _statistics):
            found += check(connection)
    return found


def erase(connection: Connection) -> list[str]:
    """Leave nothing of what was forgotten in the pages of the tables and their indexes,
    nor in the planner's statistics; the connection is in autocommit mode.

    Returns the tables that are too large to be written again beside questions: of these
    the room is given away, and what was there stays until it is taken.

    What was written to the write-ahead log stays there until the server lets go of it,
    and what was archived or dumped until that is removed. Rows that a transaction still
    sees stay until the next time.
    """
    large = []
    for table in _tables(connection):
        # VACUUM only gives the room of rows away, and GIN keeps each word that it ever
        # met: nothing is gone but from tables that are written again.
        is_large = _bytes_of(connection, table) > REWRITTEN
        full = "" if is_large else "FULL, "
        connection.execute(
            sql.SQL("VACUUM ({}ANALYZE) {}").format(
                sql.SQL(full), sql.Identifier(INDEX, table)
            )
        )
        if is_large:
            large.append(table)
    # The statistics of a partitioned table are its own.
    creating.analyze(connection)
    # The last ones; who doesn't own the database is only warned.
    connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    return large


def _tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)"
        " AND relkind = 'r' ORDER BY relname",
        (INDEX,),
    )
    return [row[0] for row in rows]


def _bytes_of(connection: Connection, table: str) -> int:
    row = connection.execute(
        "SELECT pg_total_relation_size(%s::regclass)", (f"{INDEX}.{table}",)
    ).fetchone()
    return int(row[0]) if row else 0


def _words(connection: Connection) -> list[str]:
    if creating.words_version(connection) == WORDS_VERSION:
        return []
    return [
        "Another version of Blogsearch made the words of this index, so that some questions"
        f" miss theirs. {REBUILD}"
    ]


def _indexes(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
        " WHERE c.relnamespace = to_regnamespace(%s) AND i.indisvalid",
        (INDEX,),
    )
    there = {row[0] for row in rows}
    missing = [name for name in LARGE if name not in there]
    if not missing:
        return []
    return [
        f"The database has no valid index {' and no '.join(missing)}, so that questions take"
        f" long. {REBUILD}"
    ]


def _extension(connection: Connection) -> list[str]:
    row = connection.execute(
        "SELECT e.extversion, a.default_version FROM pg_extension e"
        " JOIN pg_available_extensions a ON a.name = e.extname"
        " WHERE extname = 'vector' AND e.extversion != a.default_version"
    ).fetchone()
    if row is None:
        return []
    return [
        f"The database uses pgvector {row[0]}, and the server has {row[1]}; its owner runs in"
        " it: ALTER EXTENSION vector UPDATE"
    ]


def _counts(connection: Connection) -> list[str]:
    row = connection.execute("SELECT articles, passages, words FROM state").fetchone()
    there = bulk.total(connection)[:3]
    if row is None or tuple(row) == there:
        return []
    return [
        f"The database counts {row[0]} articles, {row[1]} passages and {row[2]} words, but has"
        f" {there[0]}, {there[1]} and {there[2]}. {REBUILD}"
    ]


def _faults(connection: Connection) -> list[str]:
    found = []
    for fault in _FAULTS:
        row = connection.execute(fault.query.encode()).fetchone()
        if row and row[0]:
            found.append(f"{row[0]} {fault.named}. {REBUILD}")
    return found


def _statistics(connection: Connection) -> list[str]:
    known = state.read_manifest(connection)
    if known is None:
        return []
    # Counting all words of a large index takes the server a good while.
    checks: list[Callable[[Connection], bool]] = [_some_terms_agree]
    if known.passages <= ALL:
        checks = [_terms_agree, _words_agree, _languages_agree]
    if all(check(connection) for check in checks):
        return []
    return [
        "The counts of words are not those of the passages, so that rare words weigh wrong."
        f" {REBUILD}"
    ]


def _terms_agree(connection: Connection) -> bool:
    return _is_empty(
        connection,
        "SELECT 1 FROM terms FULL JOIN ts_stat('SELECT words FROM passage_words') s"
        " ON s.word = token WHERE passages IS DISTINCT FROM s.ndoc LIMIT 1",
    )


def _some_terms_agree(connection: Connection) -> bool:
    rows = connection.execute(
        "SELECT token, passages FROM terms TABLESAMPLE SYSTEM (1) WHERE passages < 1000"
        " LIMIT %s",
        (SOME,),
    ).fetchall()
    return all(
        _is_empty(
            connection,
            "SELECT 1 FROM passage_words WHERE words @@ %s::tsquery HAVING count(*) != %s",
            (quoted(token), passages),
        )
        for token, passages in rows
    )


def _words_agree(connection: Connection) -> bool:
    rows = connection.execute("SELECT language, word, articles FROM vocabulary")
    # The whole vocabulary, in memory: that of 200,000 passages is some 20 MB.
    stored = Counter({(row[0], row[1]): row[2] for row in rows})
    return stored == bulk.spelt(connection)


def _languages_agree(connection: Connection) -> bool:
    return _is_empty(
        connection,
        "SELECT 1 FROM languages l FULL JOIN"
        " (SELECT language, count(*) AS articles FROM articles GROUP BY language) a"
        " USING (language) WHERE l.articles IS DISTINCT FROM a.articles LIMIT 1",
    )


def _is_empty(
    connection: Connection, query: str, values: tuple[object, ...] = ()
) -> bool:
    return connection.execute(query.encode(), values).fetchone() is None
