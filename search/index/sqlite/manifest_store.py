"""The manifest as it is stored: one JSON value in the table ``meta``."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields

from search.errors import IndexDamaged
from search.index.manifest import Manifest


def read_manifest(connection: sqlite3.Connection) -> Manifest | None:
    """The manifest as of the connection's transaction, None in an index that holds
    nothing yet."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
    if row is None:
        return None
    try:
        values = json.loads(row[0])
        return Manifest(
            **{f.name: values[f.name] for f in fields(Manifest) if f.name in values}
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"The index's manifest can't be read: {error}") from error


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Put the manifest into the connection's open transaction."""
    connection.execute(
        "INSERT INTO meta VALUES ('manifest', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (json.dumps(asdict(manifest)),),
    )
