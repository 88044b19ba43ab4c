"""The diagnosis of a failure that nothing explains: a damaged index or ledger, or a bug.

Examines only, and only after such a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from indexer.ledger.check import examine_ledger
from indexer.ledger.ledger import DATABASE as LEDGER
from search.errors import BlogsearchError, IndexDamaged
from search.index.sqlite.connection import explained, is_told
from search.index.sqlite.directory_snapshot import copy_database
from search.index.sqlite.doctor.check import first_damage
from search.index.sqlite.doctor.verdict import told
from search.index.sqlite.schema import open_database_to_read
from search.index.sqlite.writer import DATABASE
from search.index.work_folder import WORK, work_folder


@contextmanager
def diagnosed(directory: Path) -> Iterator[None]:
    """Raise IndexDamaged in place of an error that says nothing of its cause, where the
    directory's databases are damaged; else it is a bug, and goes on as it is."""
    try:
        yield
    except Exception as error:
        if not is_told(error) and (damage := damage_of(directory)):
            raise IndexDamaged(damage) from error
        raise


def damage_of(directory: Path) -> str:
    """Say what is wrong with a directory's databases, "" where they are sound."""
    try:
        with explained(directory):
            return _of_index(directory / DATABASE) or _of_ledger(directory / LEDGER)
    except IndexDamaged as error:
        return str(error)
    except (BlogsearchError, OSError):
        return ""  # there is nothing that can be examined


def _of_index(path: Path) -> str:
    if not path.is_file():
        return ""
    with closing(open_database_to_read(path).connection) as db:
        found = first_damage(db)
    return found and told(path, found)


def _of_ledger(path: Path) -> str:
    if not path.is_file():
        return ""
    with work_folder(WORK) as folder:
        copy = folder / path.name
        copy_database(path, copy)
        for finding in examine_ledger(copy, None):
            return told(path, finding.text)
    return ""
