"""The calibration of an index in PostgreSQL, measured within the transaction of who
changed it.

What is measured is that of search/index/calibration.py.
"""

from __future__ import annotations

from dataclasses import replace

from search.index.calibration import Calibration
from search.index.generations import is_much, with_background
from search.index.postgres import state
from search.index.postgres.connection import Connection
from search.index.postgres.reader import PostgresSnapshot
from search.index.postgres.reading.transaction import EF_SEARCH, Transaction
from search.index.postgres.reading.words import LANGUAGES, Words
from search.manifest import Manifest


def calibrate(
    connection: Connection, calibration: Calibration, *, always: bool = False
) -> None:
    """Measure the calibration again where a good part of the index has changed, or
    ``always``; no other writer counts anything meanwhile."""
    state.lock(connection)
    known = state.read_manifest(connection)
    if known is None:
        return
    is_due = known.everyday is None or is_much(known.uncalibrated, known)
    if is_due or always:
        index = _snapshot(connection, known)
        measured = with_background(calibration.measured(index), index)
        state.calibrate(connection, replace(measured, uncalibrated=0))


def _snapshot(connection: Connection, known: Manifest) -> PostgresSnapshot:
    """Return what a reader would see of the transaction that this connection is in."""
    # Within a transaction already, which no snapshot begins or ends here.
    transaction = Transaction(connection)
    connection.execute(f"SET LOCAL hnsw.ef_search = {EF_SEARCH}".encode())
    languages, [(words,)] = transaction.together(
        [LANGUAGES, ("SELECT words FROM state", {})]
    )
    asked = Words(transaction, known.passages)
    asked.articles = {code: int(articles) for code, articles in languages}
    mean_length = int(words) / max(1, known.passages)
    return PostgresSnapshot(transaction, known, asked, mean_length=mean_length)
