"""The commands that keep an index: doctor, backup, restore, rollback."""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import asdict, replace
from pathlib import Path

from indexer.cli.erasing import erase_if_there_is_room
from indexer.cli.exit_codes import OK, SOME_FAILED
from indexer.cli.options import AddCommand
from indexer.maintenance.diagnosis import damage_of
from indexer.maintenance.doctor import Health, examine_all, repair
from indexer.maintenance.restore import restore_backup, roll_back
from search.console import say, say_on_stderr
from search.embedding.embedder import open_embedder
from search.embedding.model_files import chosen_model
from search.errors import IndexDamaged
from search.hints import with_index
from search.index.sqlite.backup import write_backup
from search.index.sqlite.readable import readable_manifest
from search.index.sqlite.writer import DATABASE
from search.manifest import Manifest
from search.ports import DEFAULT_MODEL


def doctor(args: argparse.Namespace) -> int:
    """Say what is wrong with the index and the ledger, and derive it again (--repair)."""
    directory: Path = args.index
    model = open_embedder(_model(args))
    health = examine_all(directory, model)
    # What was wrong is printed before it is mended: no trace of it may be left after.
    if args.repair and health.mendable():
        _say_health(health, directory, json_=False)
        # To examine fetches nothing; only to embed again one may have to.
        if args.model:
            model.fetch()
        for done in repair(directory, model, health):
            say_on_stderr(done)
        health = examine_all(directory, model)
    _say_health(health, directory, json_=args.json)
    # Notes are no faults.
    if not health.findings:
        return OK
    # After a repair what is left can't be mended by another.
    if health.mendable() and not args.repair:
        say_on_stderr(
            with_index("Mend it with: blog-indexer doctor --repair", directory)
        )
    return SOME_FAILED


def _say_health(health: Health, directory: Path, *, json_: bool) -> None:
    notes = [with_index(note, directory) for note in health.notes]
    findings = [
        replace(one, text=with_index(one.text, directory)) for one in health.findings
    ]
    if json_:
        record = {
            "well": not findings,
            "findings": list(map(asdict, findings)),
            "notes": notes,
        }
        say(json.dumps(record, ensure_ascii=False, indent=1))
        return
    for one in findings:
        if one.mendable:
            mark = ""
        else:
            mark = " (--repair can't mend this.)"
        say(f"{one.text}{mark}")
    for note in notes:
        say(note)
    if not findings:
        say("All is well.")


def _model(args: argparse.Namespace) -> str:
    """Name the model that was asked for, else that of the index, as far as it can be
    read."""
    known = readable_manifest(args.index / DATABASE)
    usual = DEFAULT_MODEL
    if known:
        usual = known.model
    return chosen_model(args.model or usual, usual)


def backup(args: argparse.Namespace) -> int:
    """Write index and ledger, as of one moment, into one file, whoever reads or writes
    meanwhile."""
    # In no backup is what was to be erased before it was asked for.
    erase_if_there_is_room(args.index)
    # What no restore would take must not take the place of a good one.
    if damage := damage_of(args.index):
        raise IndexDamaged(damage)
    size = write_backup(args.index, args.file, overwrite=args.overwrite)
    back = f"Put it back with: blog-indexer restore {shlex.quote(str(args.file))}"
    # On standard error, like all that is said and not asked for.
    say_on_stderr(f"{args.file}: {size / 1e6:.1f} MB. {with_index(back, args.index)}")
    return OK


def restore(args: argparse.Namespace) -> int:
    """Put a backup in the index's place, once all of it is checked."""
    about, known = restore_backup(args.index, args.file)
    made = about.get("made")
    say_on_stderr(f"The index is as it was on {made}: {_contents(known)}.")
    # The state that it took the place of is kept as the one before.
    say_on_stderr(with_index("Undo this with: blog-indexer rollback", args.index))
    return OK


def rollback(args: argparse.Namespace) -> int:
    """Go back to the state before the last run that changed the index; once more undoes
    it."""
    known = roll_back(args.index)
    date = ""
    if known:
        date = f" on {known.updated}"
    say_on_stderr(
        f"The index is as it was{date}: {_contents(known)}."
        " Another rollback undoes this."
    )
    return OK


def _contents(known: Manifest | None) -> str:
    if known:
        return f"{known.articles} articles"
    return "it holds nothing"


def add_commands(command: AddCommand) -> None:
    """Add these commands with their options."""
    sub = command("doctor", doctor)
    sub.add_argument(
        "--repair", action="store_true", help="derive again what can be derived"
    )
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
