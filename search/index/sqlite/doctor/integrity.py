"""The structure of a database: SQLite's own checks, and the statements of its tables.

Knows no table of ours; index and ledger are both examined with it.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

MESSAGES = 10  # of the integrity check, of which one is shown
_COMMENT = re.compile(rb"--[^\n]*")

Schema = list[tuple[bytes, bytes]]  # names and statements, as bytes


@dataclass(frozen=True, slots=True)
class Structure:
    """SQLite's judgement on a database.

    ``damage`` is its first complaint, "" for none. ``orphans`` are the tables of rows
    that refer to rows which are not there, once for each such row.
    """

    damage: str
    orphans: list[str]
    schema: Schema


def structure_of(db: sqlite3.Connection) -> Structure:
    """Let SQLite check a database; raises sqlite3.DatabaseError where it can't."""
    # SQLite quotes what lies on a damaged page, which may be no text.
    db.text_factory = bytes
    try:
        said = [row[0] for row in db.execute(f"PRAGMA integrity_check({MESSAGES})")]
        orphans = [row[0] for row in db.execute("PRAGMA foreign_key_check")]
        schema = schema_of(db)
    finally:
        db.text_factory = str
    damage = ""
    if said != [b"ok"]:
        # The first line only says in which database it is.
        damage = said[0].decode(errors="replace").splitlines()[-1]
    names = [(name or b"").decode(errors="replace") for name in orphans]
    return Structure(damage, names, schema)


def schema_of(db: sqlite3.Connection) -> Schema:
    """Read names and statements of a schema, without comments, which may be reworded."""
    rows = db.execute("SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema")
    return sorted(
        (name or b"", b" ".join(_COMMENT.sub(b"", sql or b"").split()))
        for name, sql in rows
    )
