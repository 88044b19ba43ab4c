"""The sentences of commands that PostgreSQL's own tools do better for an index on a server.

Does none of it: how often a server is backed up is its owner's to say.
"""

from __future__ import annotations

import shlex
from typing import Literal

from indexer.ledger.place import Place
from search.errors import BlogsearchError

SentTo = Literal["backup", "restore", "rollback"]

# pg_restore --clean can't: it would drop the parts of partitioned tables one by one.
_RESTORE = (
    "    psql --dbname={address} --command='DROP SCHEMA IF EXISTS blogsearch CASCADE;"
    " CREATE EXTENSION IF NOT EXISTS vector' &&\n"
    "    pg_restore --single-transaction --dbname={address} FILE"
)
_SENTENCES: dict[SentTo, str] = {
    "backup": (
        "A database is backed up by PostgreSQL's own tools, whoever reads or writes"
        " meanwhile:\n"
        "    pg_dump --format=custom --schema=blogsearch --file=FILE --dbname={address}\n"
        "The ledger is not in it: keep a copy of its folder, {ledger}, made while no run"
        " is at work."
    ),
    "restore": (
        "A database is restored by PostgreSQL's own tools, from a dump that pg_dump made:\n"
        f"{_RESTORE}\n"
        "The ledger's folder, {ledger}, is put back from the copy of the same time."
    ),
    "rollback": (
        "A database has no state before the last run. Go back to a dump:\n"
        f"{_RESTORE}\n"
        "or to a moment, by PostgreSQL's point-in-time recovery (recovery_target_time):"
        " https://www.postgresql.org/docs/current/continuous-archiving.html"
    ),
}
REPAIR = (
    "--repair mends the ledger and indexes that are folders. What a database derives is"
    " made again by its owner with: REINDEX SCHEMA blogsearch, and all of it from the"
    " articles with: blog-indexer rebuild"
)


class DoneByPostgres(BlogsearchError):
    """PostgreSQL's own tools do it; the message names them."""


def refuse_on_server(command: SentTo, place: Place) -> None:
    """Raise DoneByPostgres where an index is on a server."""
    if not place.is_folder:
        address = shlex.quote(str(place.index))
        text = _SENTENCES[command]
        raise DoneByPostgres(text.format(address=address, ledger=place.ledger))
