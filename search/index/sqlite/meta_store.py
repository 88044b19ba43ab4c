"""The manifest, the coverage report and the standing questions, each one JSON value in
the table ``meta``.

They change in the transaction of the rows that they describe.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from search.coverage_report import Coverage
from search.errors import IndexDamaged
from search.index.stored_manifest import (
    coverage_of,
    coverage_values,
    manifest_of,
    stored_manifest,
)
from search.index.stored_standing import KEY, standing_of, stored_standing
from search.manifest import Manifest
from search.standing import Standing


def read_manifest(db: sqlite3.Connection) -> Manifest | None:
    """Return the manifest as of the connection's transaction, None in an empty
    index."""
    value = _value(db, "manifest")
    if value is None:
        return None
    try:
        return manifest_of(value)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            f"The index's manifest can't be read ({error}); see: blog-indexer doctor"
        ) from error


def write_manifest(db: sqlite3.Connection, manifest: Manifest) -> None:
    """Put the manifest into the connection's open transaction."""
    _put(db, "manifest", stored_manifest(manifest))


def read_coverage(db: sqlite3.Connection) -> tuple[Coverage, ...]:
    """Return the coverage report, oldest source first; empty where none was written."""
    value = _value(db, "coverage")
    if value is None:
        return ()
    try:
        return tuple(coverage_of(source) for source in json.loads(value)["sources"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"What the index says of its sources can't be read ({error}); see:"
            " blog-indexer doctor"
        ) from error


def write_coverage(db: sqlite3.Connection, report: Sequence[Coverage]) -> None:
    """Put a coverage report in place of the last one."""
    sources = list(map(coverage_values, report))
    _put(db, "coverage", json.dumps({"sources": sources}, ensure_ascii=False))


def read_standing(db: sqlite3.Connection) -> Standing:
    """Return the standing questions; raises IndexDamaged."""
    return standing_of(_value(db, KEY))


def change_standing(
    db: sqlite3.Connection, change: Callable[[Standing], Standing]
) -> Standing:
    """Replace the standing questions by what is made of them, by the one writer."""
    known = read_standing(db)
    new = change(known)
    if new != known:
        _put(db, KEY, stored_standing(new))
    return new


def _value(db: sqlite3.Connection, key: str) -> str | None:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    value: str = row[0]
    return value


def _put(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
