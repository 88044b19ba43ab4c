"""The commands that keep an index: doctor, backup, restore, rollback."""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.maintenance.doctor import Health, examine_all, repair
from indexer.maintenance.ledger_check import examine_ledger
from search.console import say, say_on_stderr
from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import BlogsearchError, IndexMissing
from search.index.manifest import Manifest
from search.index.sqlite.backup import BackupError, require_room, unpack, write_backup
from search.index.sqlite.check import Finding, examine
from search.index.sqlite.commit import generation_of, renew
from search.index.sqlite.directory_snapshot import copy_database
from search.index.sqlite.opening import lock
from search.index.sqlite.rollback import (
    NEW,
    PREVIOUS,
    RESTORE,
    finish_restore,
    put_in_place,
)
from search.index.sqlite.writer import DATABASE, model_of
from search.ports import DEFAULT_MODEL

OK, SOMETHING_WRONG = 0, 1
COPIES = 3  # of a database while another takes its place: the new one, its way in, the one before
HARMLESS = {
    "vector-file",
    "old-format",
    "unsealed",
}  # in a state that stands by: they are made anew
Command = Callable[[argparse.Namespace], int]


def doctor(args: argparse.Namespace) -> int:
    """Say what is wrong with the index and the ledger, if anything, and mend it
    (--repair)."""
    directory: Path = args.index
    model = SentenceEmbedder(_model(args), offline=True)
    health = examine_all(directory, model)
    if args.repair and any(finding.mendable for finding in health.findings):
        _tell(health, json_=False)
        for done in repair(directory, SentenceEmbedder(_model(args)), health):
            say_on_stderr(done)
        health = examine_all(directory, model)
    _tell(health, json_=args.json)
    if not health.findings:
        return OK
    if any(finding.mendable for finding in health.findings) and not args.repair:
        say_on_stderr("Mend it with: blog-indexer doctor --repair")
    return SOMETHING_WRONG


def _tell(health: Health, *, json_: bool) -> None:
    if json_:
        record = {
            "well": not health.findings,
            "findings": [asdict(one) for one in health.findings],
        }
        say(json.dumps(record | {"notes": health.notes}, ensure_ascii=False, indent=1))
        return
    for one in health.findings:
        say(one.text if one.mendable else f"{one.text} (--repair can't mend this.)")
    for note in health.notes:
        say(note)
    if not health.findings:
        say("All is well.")


def _model(args: argparse.Namespace) -> str:
    """The model that was asked for, else that of the index, as far as it can still be
    told."""
    try:
        return args.model or model_of(args.index) or DEFAULT_MODEL
    except (BlogsearchError, sqlite3.Error):
        return DEFAULT_MODEL


def backup(args: argparse.Namespace) -> int:
    """Write index and ledger, as of one moment, into one file, whoever reads or writes
    meanwhile."""
    size = write_backup(args.index, args.file, overwrite=args.overwrite)
    say_on_stderr(
        f"{args.file}: {size / 1e6:.1f} MB. Put it back with: blog-indexer restore {args.file}"
    )
    return OK


def restore(args: argparse.Namespace) -> int:
    """Put a backup in the index's place, once all of it is checked."""
    directory, file = args.index, args.file
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    directory.mkdir(parents=True, exist_ok=True)
    with closing(lock(directory)):
        require_room(directory, COPIES * file.stat().st_size)
        staged = _stage(directory)
        try:
            about = unpack(file, staged)
            known = _check(directory, staged, f"{file} is damaged")
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _take_over(directory, staged)
    say_on_stderr(f"The index is as it was on {about.get('made')}: {_holding(known)}.")
    say_on_stderr("Undo this with: blog-indexer rollback")
    return OK


def rollback(args: argparse.Namespace) -> int:
    """Go back to the state before the last run that changed the index; once more undoes
    it."""
    directory: Path = args.index
    if not (directory / DATABASE).is_file():
        raise IndexMissing(f"There is no index in {directory}.")
    with closing(lock(directory)):
        finish_restore(directory)
        before = directory / PREVIOUS
        if not (before / DATABASE).is_file():
            raise IndexMissing(
                "There is no state to go back to: the index has not been changed twice."
            )
        size = sum(path.stat().st_size for path in before.glob("*.sqlite"))
        require_room(directory, COPIES * size)
        staged = _stage(directory)
        try:
            staged.mkdir()
            for path in before.glob("*.sqlite"):
                copy_database(path, staged / path.name)
            known = _check(directory, staged, "The state before is damaged")
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _take_over(directory, staged)
    date = f" on {known.updated}" if known else ""
    say_on_stderr(
        f"The index is as it was{date}: {_holding(known)}. Another rollback undoes this."
    )
    return OK


def _stage(directory: Path) -> Path:
    finish_restore(directory)
    staged = directory / f"{RESTORE}{NEW}"
    shutil.rmtree(staged, ignore_errors=True)
    return staged


def _check(directory: Path, staged: Path, wrong: str) -> Manifest | None:
    """Examine all of a state, and make it fit to be put in place; what it holds."""
    findings: list[Finding] = [*examine(staged / DATABASE, directory)]
    if (staged / LEDGER).is_file():
        findings += examine_ledger(staged / LEDGER, None)
    for finding in findings:
        if finding.code not in HARMLESS:
            raise BackupError(f"{wrong}: {finding.text} Nothing was changed.")
    return renew(staged / DATABASE, directory, newer_than=generation_of(directory))


def _take_over(directory: Path, staged: Path) -> None:
    try:
        put_in_place(directory, staged)
    except (OSError, sqlite3.Error) as error:
        text = f"It can't be put in place ({error}); what is missing of it is done by the next update."
        raise BackupError(text) from error


def _holding(known: Manifest | None) -> str:
    return f"{known.articles} articles" if known else "it holds nothing"


def add_commands(command: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """The commands with their options."""
    sub = command("doctor", doctor)
    sub.add_argument("--repair", action="store_true", help="mend what can be mended")
    sub.add_argument("--json", action="store_true", help="the findings as JSON")
    sub = command("backup", backup)
    sub.add_argument("file", metavar="FILE", type=Path)
    sub.add_argument(
        "--overwrite",
        action="store_true",
        help="put it in the place of a file that is there",
    )
    command("restore", restore).add_argument("file", metavar="FILE", type=Path)
    command("rollback", rollback)
