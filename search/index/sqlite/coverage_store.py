"""The books of the index: what each source leads to and what of it is held, as the
indexer wrote them down.

They lie as one JSON value beside the manifest, so that whoever reads the index can show
them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, fields

from search.errors import IndexDamaged
from search.types import Coverage, NotWhole


def as_json(books: Sequence[Coverage]) -> dict[str, object]:
    """The form of blog-indexer coverage --json."""
    return {"sources": [asdict(one) | {"found": dict(one.found)} for one in books]}


def read(connection: sqlite3.Connection) -> tuple[Coverage, ...]:
    """The books as of the connection's transaction, oldest source first; none in an
    index without any."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'coverage'").fetchone()
    if row is None:
        return ()
    try:
        return tuple(_coverage(value) for value in json.loads(row[0])["sources"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"What the index says of its sources can't be read: {error}"
        ) from error


def write(connection: sqlite3.Connection, books: Sequence[Coverage]) -> None:
    """Put the books in place of the last ones."""
    connection.execute(
        "INSERT INTO meta VALUES ('coverage', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (json.dumps(as_json(books), ensure_ascii=False),),
    )


def _coverage(value: dict[str, object]) -> Coverage:
    known = {
        field.name: value[field.name]
        for field in fields(Coverage)
        if field.name in value
    }
    found, not_whole = value["found"], value["not_whole"]
    if not isinstance(found, dict) or not isinstance(not_whole, list):
        raise TypeError("not the form that is written")
    known["found"] = tuple(found.items())
    known["not_whole"] = tuple(NotWhole(**one) for one in not_whole)
    return Coverage(**known)  # type: ignore[arg-type]
