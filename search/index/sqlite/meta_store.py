"""The manifest and the coverage report, each one JSON value in the table ``meta``.

They change in the transaction of the rows that they describe.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from search.coverage_report import Coverage, NotWhole
from search.errors import IndexDamaged
from search.index.stored_records import all_texts, record_of
from search.manifest import Manifest

# Names under which older programs stored these fields, and newer ones still do.
_STORED_NAMES = {
    "cosine_foreign": "foreign",
    "cosine_own": "own",
    "max_sim_foreign": "met",
    "max_sim_own": "met_own",
}


def read_manifest(db: sqlite3.Connection) -> Manifest | None:
    """Return the manifest as of the connection's transaction, None in an empty
    index."""
    value = _value(db, "manifest")
    if value is None:
        return None
    try:
        stored = json.loads(value)
        values = {}
        for field in fields(Manifest):
            name = _STORED_NAMES.get(field.name, field.name)
            if name in stored:  # an older program stored less
                values[field.name] = stored[name]
        return record_of(Manifest, values)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            f"The index's manifest can't be read ({error}); see: blog-indexer doctor"
        ) from error


def write_manifest(db: sqlite3.Connection, manifest: Manifest) -> None:
    """Put the manifest into the connection's open transaction."""
    values = asdict(manifest).items()
    stored = {_STORED_NAMES.get(name, name): value for name, value in values}
    _put(db, "manifest", json.dumps(stored))


def read_coverage(db: sqlite3.Connection) -> tuple[Coverage, ...]:
    """Return the coverage report, oldest source first; empty where none was written."""
    value = _value(db, "coverage")
    if value is None:
        return ()
    try:
        return tuple(_coverage(source) for source in json.loads(value)["sources"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"What the index says of its sources can't be read ({error}); see:"
            " blog-indexer doctor"
        ) from error


def write_coverage(db: sqlite3.Connection, report: Sequence[Coverage]) -> None:
    """Put a coverage report in place of the last one."""
    sources = [asdict(one) | {"found": dict(one.found)} for one in report]
    _put(db, "coverage", json.dumps({"sources": sources}, ensure_ascii=False))


def _coverage(stored: Mapping[str, object]) -> Coverage:
    values = {f.name: stored[f.name] for f in fields(Coverage) if f.name in stored}
    found, not_whole = stored["found"], stored["not_whole"]
    if not isinstance(found, dict) or not isinstance(not_whole, list):
        raise TypeError("not the form that is written")
    if not all_texts(*found) or not all(isinstance(n, int) for n in found.values()):
        raise TypeError("not the form that is written")
    values["found"] = tuple(found.items())
    values["not_whole"] = tuple(record_of(NotWhole, one) for one in not_whole)
    return record_of(Coverage, values)


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
