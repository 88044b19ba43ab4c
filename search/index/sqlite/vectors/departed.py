"""The passages that have left since the base file was written, by id.

The database itself notes them, as a passage is deleted: see the schema.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from search.port_values import Ids


def departed_since(db: sqlite3.Connection, number: int) -> tuple[Ids, int]:
    """Return the ids of those that left after the one with this number, and the last
    number."""
    if not has_departed(db):
        return np.empty(0, np.int64), number
    rows = db.execute(
        "SELECT passage, number FROM departed WHERE number > ? ORDER BY number",
        (number,),
    ).fetchall()
    ids = np.array([row[0] for row in rows], np.int64)
    return ids, rows[-1][1] if rows else number


def last_departure(db: sqlite3.Connection) -> int:
    """Return the number of the last, 0 if there is none."""
    if not has_departed(db):
        return 0
    row = db.execute("SELECT ifnull(max(number), 0) FROM departed").fetchone()
    return int(row[0])


def forget_departed(db: sqlite3.Connection) -> None:
    """Begin again, as the base has lost them; the transaction is the caller's."""
    db.execute("DELETE FROM departed")


def has_departed(db: sqlite3.Connection) -> bool:
    """Tell if a writer has migrated the index since they are noted."""
    found = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'departed'")
    return found.fetchone() is not None
