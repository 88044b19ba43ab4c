"""An earlier state of index and ledger, checked and put in the index's place.

Changes nothing before all of that state is found sound.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from indexer.ledger.check import examine_ledger
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.maintenance.erase import erase_noted
from search.errors import IndexDamaged, IndexMissing
from search.index.private_files import make_folder
from search.index.sqlite.backup import BackupError, require_room, unpack
from search.index.sqlite.commit import renew
from search.index.sqlite.connection import lock
from search.index.sqlite.doctor.check import examine_index
from search.index.sqlite.readable import generation_of
from search.index.sqlite.rollback import (
    copy_state_before,
    exchange,
    finish_restore,
    names_before,
    stage,
)
from search.index.sqlite.writer import DATABASE
from search.manifest import Manifest

# Of a database while another takes its place: the new one, its way in, the one before.
COPIES = 3
# Findings that are no reason to refuse a state: it is renewed before it is put in place.
HARMLESS = {"vector-file", "old-format", "unsealed"}


def restore_backup(
    directory: Path, file: Path
) -> tuple[dict[str, str], Manifest | None]:
    """Put a backup in the place of a directory's index and ledger.

    Returns what the backup says of itself, and its manifest. Raises BackupError where
    it isn't whole, and IndexBusy.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    make_folder(directory)
    with closing(lock(directory)):
        # Before anything is written: a full disk would stop the next update as well.
        require_room(directory, COPIES * file.stat().st_size)
        finish_restore(directory)
        with suppress(IndexDamaged):  # the state in place becomes the one before
            erase_noted(directory)
        with stage(directory) as staged:
            about = unpack(file, staged)
            known = _renewed(directory, staged, wrong=f"{file} is damaged")
            exchange(directory, staged)
    return about, known


def roll_back(directory: Path) -> Manifest | None:
    """Put the state before the last run in place, and keep the present one as that.

    Returns its manifest. Raises IndexMissing where there is none, BackupError where it
    is damaged, and IndexBusy.
    """
    if not (directory / DATABASE).is_file():
        raise IndexMissing(f"There is no index in {directory}.")
    with closing(lock(directory)):
        finish_restore(directory)  # it may bring a state before with it
        # Or it would bring back what a run that was killed had forgotten. The state
        # before is clean when a damaged one in place ends this.
        with suppress(IndexDamaged):
            erase_noted(directory)
        names = names_before(directory)
        if DATABASE not in names:
            raise IndexMissing(
                "There is no state to go back to: the index has not been changed twice."
            )
        sizes = [(directory / name).stat().st_size for name in names]
        require_room(directory, COPIES * sum(sizes))
        with stage(directory) as staged:
            try:
                copy_state_before(directory, staged)
            except IndexDamaged as error:
                raise BackupError(
                    f"The state before is damaged: {error} Nothing was changed."
                ) from error
            known = _renewed(directory, staged, wrong="The state before is damaged")
            exchange(directory, staged)
    return known


def _renewed(directory: Path, staged: Path, *, wrong: str) -> Manifest | None:
    """Examine all of a state, and make it fit to be put in place."""
    findings = examine_index(staged / DATABASE, directory)
    # None: that the ledger is ahead of the index is no damage, and mended later.
    if (staged / LEDGER).is_file():
        findings += examine_ledger(staged / LEDGER, None)
    for finding in findings:
        if finding.code not in HARMLESS:
            raise BackupError(f"{wrong}: {finding.text} Nothing was changed.")
    return renew(staged / DATABASE, directory, newer_than=generation_of(directory))
