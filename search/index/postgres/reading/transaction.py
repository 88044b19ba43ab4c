"""One transaction of a reader: a consistent generation of the index.

It knows no table. Statements that don't wait for each other go to the server together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

Row = tuple[Any, ...]
Statement = tuple[str, Mapping[str, object]]

# What a question may take of the server, in milliseconds of its clock: an ordinary one
# takes 50.
STATEMENT_MS = 5_000
# Candidates of the vectors' graph: more find more of the nearest and take longer.
# docs/scale.md has the recall.
EF_SEARCH = 400
# Passages that the graph is searched for those that pass a filter: five times pgvector's
# own, as what passes may be far from the question. Most filters need few of them.
MOST_SCANNED = 100_000
SCAN_MEMORY = 4  # times work_mem, which would end the search before

_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    f"SET LOCAL statement_timeout = {STATEMENT_MS}",
    f"SET LOCAL hnsw.ef_search = {EF_SEARCH}",
    # A plan that looks costly would be compiled, which is for statements of seconds.
    "SET LOCAL jit = off",
    # Words and vectors lie beside their rows, which the planner doesn't count: to read all
    # of a million passages for a long question took 5 seconds, by the words' index 0.08.
    "SET LOCAL enable_seqscan = off",
    # Where filters leave few of the nearest, the search goes on.
    "SET LOCAL hnsw.iterative_scan = relaxed_order",
    f"SET LOCAL hnsw.max_scan_tuples = {MOST_SCANNED}",
    f"SET LOCAL hnsw.scan_mem_multiplier = {SCAN_MEMORY}",
)


class Transaction:
    """A transaction over a connection in autocommit mode.

    ``trips`` counts how often the server was asked: a question far away waits for each.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.trips = 0

    def begin(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Begin, and return the rows of these statements."""
        settings: list[Statement] = [(text, {}) for text in _BEGIN]
        return self.together([*settings, *statements])[len(settings) :]

    def rows(self, statement: str, values: Mapping[str, object]) -> list[Row]:
        """Return the rows of one statement, whose parameters are named."""
        return self.together([(statement, values)])[0]

    def together(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Return the rows of each of these statements, which are sent at once."""
        if not statements:
            return []
        self.trips += 1
        # The answers come in the order of the statements, after all were sent.
        cursors = []
        with self.connection.pipeline():
            for text, values in statements:
                cursor = self.connection.cursor(binary=True)
                cursors.append(cursor.execute(text, values or None))
        return [_fetched(cursor) for cursor in cursors]

    def end(self) -> None:
        """End the transaction, whatever state it is in."""
        # Nothing was written; after a failure there is nothing else to do.
        self.connection.rollback()


def _fetched(cursor: psycopg.Cursor[Row]) -> list[Row]:
    if cursor.description is None:
        return []
    return cursor.fetchall()
