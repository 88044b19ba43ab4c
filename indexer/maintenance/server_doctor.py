"""The doctor of an index on a server: what the database says of it, and its ledger here.

Mends nothing of the index: its parts are written in one transaction each.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from indexer.ledger.check import examine_ledger
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.place import lock_ledger
from indexer.maintenance.doctor import UNERASED, Health, check_model, forget_missing
from indexer.maintenance.erase import is_pending
from indexer.maintenance.server_index import ServerIndex
from search.errors import BlogsearchError, IndexMissing
from search.index.sqlite.directory_snapshot import copy_databases
from search.index.sqlite.doctor.findings import Finding
from search.index.work_folder import WORK, work_folder
from search.ports import Embedder

NO_LEDGER = (
    "There is no ledger of this index on this machine ({folder}): it can be searched, and"
    " is followed from elsewhere."
)
LEDGER_LOST = (
    "The ledger can't be derived from anything. Put a copy of its folder in its place, or"
    f" remove {LEDGER} and add the sources again: the next run reads their articles again,"
    " and what was forgotten on request may come back."
)


def examine_server(index: ServerIndex, ledger: Path, model: Embedder) -> Health:
    """Examine an index and the ledger in a folder.

    Raises IndexMissing and StorageFailed where there is nothing that can be examined.
    """
    said = index.examine()
    health = Health([Finding("server", text, mendable=False) for text in said])
    indexed = None
    try:
        with index.snapshot() as snapshot:
            check_model(snapshot.manifest, model, health)
            indexed = set(snapshot.urls())
    except IndexMissing:
        if not said:
            raise
    except BlogsearchError as error:
        if not said:  # else it is what is said already
            health.findings.append(Finding("server", str(error), mendable=False))
    if (ledger / LEDGER).is_file():
        _examine_ledger(ledger, indexed, health)
    else:
        health.notes.append(NO_LEDGER.format(folder=ledger))
    return health


def _examine_ledger(
    folder: Path, indexed: Collection[str] | None, health: Health
) -> None:
    # A copy: an older ledger is brought up to date to be examined.
    with work_folder(WORK) as copies:
        copy_databases(folder, copies)
        found = examine_ledger(copies / LEDGER, indexed)
    health.findings += dict.fromkeys(found)
    # Of a damaged ledger it can't be said; that is told already.
    with suppress(BlogsearchError):
        if is_pending(folder):
            health.notes.append(UNERASED)
    if "ledger" in health.lost():
        health.notes.append(LEDGER_LOST)


def repair_ledger(index: ServerIndex, ledger: Path) -> str:
    """Have the next update fetch what the index lacks, and say so; raises IndexBusy."""
    with closing(lock_ledger(ledger)):
        # Under the lock: no run may add to the index what the ledger doesn't know yet.
        with index.snapshot() as snapshot:
            indexed = set(snapshot.urls())
        return forget_missing(ledger, indexed)
