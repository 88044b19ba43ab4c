"""The sentences about the erasing of what left the index, and the moments for it.

What it takes is done in indexer/maintenance/erase.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from indexer.ledger.place import Place
from indexer.maintenance.erase import Erased, erase_beside_server, erase_pending
from indexer.maintenance.server_index import open_server
from search.console import say_on_stderr
from search.errors import IndexBusy, StorageFailed
from search.index.server_address import ServerAddress
from search.index.sqlite.connection import UNHARMED

ERASED = (
    "What left the index is in none of its files any more; they were written anew for"
    " it ({size:.1f} MB). Backups made before still hold it."
)
ERASED_FROM_SERVER = (
    "What left the index is in no table of the database and no file of the ledger any"
    " more. Dumps, base backups and archived WAL made before still hold it."
)
GIVEN_AWAY = (
    "What left the index is in no row of the database any more. These of its tables are too"
    " large to be written anew while questions are asked, and have traces of it until its"
    " owner runs: {statements}"
)
KEPT = (
    "A program that reads the index keeps in its files what left it; the next run that"
    " writes erases it."
)
LATER = "What left the index is still in its files ({error}) The next run that writes erases it."


def erase(place: Place) -> None:
    """Erase what left the index from its files, and say so.

    Raises StorageFailed where that can't be done now.
    """
    try:
        _erase(place)
    except IndexBusy as error:
        say_on_stderr(LATER.format(error=error))
    except StorageFailed as error:
        # The rest of the run is done: that all is as before would be wrong here.
        reason = str(error).removesuffix(UNHARMED).rstrip()
        raise StorageFailed(LATER.format(error=reason)) from error


def erase_if_there_is_room(place: Place) -> None:
    """Do so where that is possible; else say that it is left to a later run.

    On a server it is done at the end of a run, whose writer can take out what one that
    was killed has left.
    """
    if not place.is_folder:
        return
    try:
        _erase(place)
    except (IndexBusy, StorageFailed) as error:
        # Whatever else was asked for may need less room.
        say_on_stderr(LATER.format(error=error))


def _erase(place: Place) -> None:
    if isinstance(place.index, ServerAddress):
        with closing(open_server(place.index)) as index:
            done = erase_beside_server(place.ledger, index)
        if done is not None:
            erased, large = done
            _say(erased, _of_server(large))
    else:
        _say(erase_pending(place.ledger), ERASED)


def _of_server(large: Sequence[str]) -> str:
    if not large:
        return ERASED_FROM_SERVER
    statements = "; ".join(f"VACUUM FULL blogsearch.{table}" for table in large)
    return GIVEN_AWAY.format(statements=statements)


def _say(erased: Erased | None, done: str) -> None:
    if erased is None:
        return
    if erased.is_whole:
        say_on_stderr(done.format(size=erased.size / 1e6))
    else:
        say_on_stderr(KEPT)
