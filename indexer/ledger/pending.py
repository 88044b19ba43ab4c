"""The ledger's notes of what has changed since it was last looked at: identities for the
plan of a run, sources for the coverage report.

Triggers note it (indexer/ledger/migrations.py); the caller opens the transaction.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from indexer.ledger.schedule import LONGEST_GAP, timestamp
from search.manifest import Manifest

# As in the indexes over them; a damaged row has none.
STATE = "iif(json_valid(value), value ->> 'state', '')"
_STATE = "iif(json_valid(p.value), p.value ->> 'state', '')"
_DUE = "iif(json_valid(p.value), p.value ->> 'due', '')"
_ANY = "SELECT DISTINCT identity FROM items"
_OPEN = f"""
SELECT identity FROM unsettled
UNION SELECT i.identity FROM pages p INDEXED BY pages_by_due
    CROSS JOIN items i ON i.url = p.url WHERE {_DUE} != '' AND {_DUE} <= ?1
UNION SELECT i.identity FROM pages p INDEXED BY pages_by_due
    CROSS JOIN items i ON i.url = p.url WHERE {_DUE} != '' AND {_DUE} > ?2
UNION SELECT i.identity FROM pages p INDEXED BY pages_by_state
    CROSS JOIN items i ON i.url = p.url WHERE {_STATE} != 'good' OR p.article = ''
"""  # noqa: S608  # fixed names


class Pending:
    """The part of the ledger that knows what is to be looked at."""

    _db: sqlite3.Connection

    # The plan of a run

    def open_identities(
        self, now: datetime, *, everything: bool = False
    ) -> dict[str, list[str]]:
        """Return by source, in its order, the identities that are not plainly up to date:
        something of them changed, they are due or not good; or all that are listed."""
        chosen = _ANY if everything else _OPEN
        rows = self._db.execute(
            "SELECT i.source, i.identity"  # noqa: S608  # fixed names
            f" FROM ({chosen}) c CROSS JOIN items i ON i.identity = c.identity"
            " GROUP BY i.source, i.identity ORDER BY min(i.rowid)",
            () if everything else (timestamp(now), timestamp(now + LONGEST_GAP)),
        )
        found: dict[str, list[str]] = {}
        for source, identity in rows:
            found.setdefault(source, []).append(identity)
        return found

    def count_listed(self, sources: Sequence[str]) -> int:
        """Count the identities that these sources list."""
        known = self._db.execute("SELECT count(*) FROM sources").fetchone()[0]
        where = "WHERE source IN (SELECT value FROM json_each(?))"
        given: tuple[str, ...] = (json.dumps(sources),)
        if known == len(sources):
            where, given = "", ()  # an index has all that is asked for
        counted = self._db.execute(
            f"SELECT count(DISTINCT identity) FROM items {where}",  # noqa: S608  # fixed
            given,
        ).fetchone()
        return int(counted[0])

    def unsettled(self, identities: Iterable[str]) -> list[str]:
        """Return those of these identities of which something has changed."""
        rows = self._db.execute(
            "SELECT identity FROM unsettled"
            " WHERE identity IN (SELECT value FROM json_each(?))",
            (json.dumps(list(identities)),),
        )
        return [identity for (identity,) in rows]

    def settle(self, identity: str) -> None:
        """Note that all of an identity is up to date."""
        self._db.execute("DELETE FROM unsettled WHERE identity = ?", (identity,))

    def unsettle(self, source: str) -> None:
        """Note that nothing of what a source lists may be up to date."""
        self._db.execute(
            f"INSERT INTO unsettled {_ANY} WHERE source = ? ON CONFLICT DO NOTHING",
            (source,),
        )

    def unsettle_all(self) -> None:
        """Note that nothing of what is listed may be up to date."""
        self._db.execute(
            f"INSERT INTO unsettled {_ANY} WHERE true ON CONFLICT DO NOTHING"
        )  # fixed
        self._db.execute(
            "INSERT INTO uncounted SELECT url FROM sources WHERE true"
            " ON CONFLICT DO NOTHING"
        )

    # The coverage report

    def recount(self, article: str) -> None:
        """Note that an article has changed, for the sources that lead to it."""
        self._db.execute(
            "INSERT INTO uncounted SELECT i.source FROM pages p"
            " JOIN items i ON i.url = p.url WHERE p.article = ? ON CONFLICT DO NOTHING",
            (article,),
        )

    def uncounted(self) -> set[str]:
        """Return the sources of which something has changed since they were counted."""
        return {source for (source,) in self._db.execute("SELECT * FROM uncounted")}

    def note_counted(self) -> None:
        """Note that all sources are counted."""
        self._db.execute("DELETE FROM uncounted")

    # The index

    def is_of(self, index: Manifest | None) -> bool:
        """Tell if the index is as it was when both were last committed: it has no
        article of which the ledger does not know, and lost none."""
        row = self._db.execute("SELECT checksum FROM index_seen").fetchone()
        seen = ""
        if row:
            seen = row[0]
        return bool(seen == _checksum(index))

    def note_index(self, index: Manifest | None) -> None:
        """Note the index as it is, in the transaction that brings the ledger there."""
        self._db.execute("DELETE FROM index_seen")
        self._db.execute("INSERT INTO index_seen VALUES (?)", (_checksum(index),))


def _checksum(index: Manifest | None) -> str:
    if index is None:
        return ""
    return hashlib.sha256(repr(index).encode()).hexdigest()
