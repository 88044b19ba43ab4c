"""The commands that keep an index: doctor, backup, restore, rollback."""

from __future__ import annotations

import argparse
import json
import shlex
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from indexer.cli.erasing import erase_if_there_is_room
from indexer.cli.exit_codes import OK, SOME_FAILED
from indexer.cli.options import AddCommand
from indexer.cli.server_sentences import REPAIR, refuse_on_server
from indexer.ledger.place import Place
from indexer.maintenance.diagnosis import damage_of
from indexer.maintenance.doctor import Health, examine_all, repair
from indexer.maintenance.restore import restore_backup, roll_back
from indexer.maintenance.server_doctor import examine_server, repair_ledger
from indexer.maintenance.server_index import open_server
from search.console import say, say_on_stderr
from search.embedding.embedder import open_embedder
from search.embedding.model_files import chosen_model
from search.errors import IndexDamaged
from search.index.server_address import ServerAddress
from search.index.sqlite.backup import write_backup
from search.index.sqlite.readable import readable_manifest
from search.index.sqlite.writer import DATABASE
from search.manifest import Manifest
from search.ports import DEFAULT_MODEL


def doctor(args: argparse.Namespace) -> int:
    """Say what is wrong with the index and the ledger, and derive it again (--repair)."""
    place: Place = args.place
    if isinstance(place.index, ServerAddress):
        health = _look_after_server(place.index, args)
    else:
        health = _look_after_folder(place, args)
    _say_health(health, place, json_=args.json)
    # Notes are no faults.
    if not health.findings:
        return OK
    # After a repair what is left can't be mended by another.
    if health.mendable() and not args.repair:
        say_on_stderr(place.complete("Mend it with: blog-indexer doctor --repair"))
    return SOME_FAILED


def _look_after_folder(place: Place, args: argparse.Namespace) -> Health:
    """Examine a folder, mend it where that is asked for, and return what is left."""
    known = readable_manifest(place.ledger / DATABASE)
    model = open_embedder(_model(args, known.model if known else None))
    health = examine_all(place.ledger, model)
    # What was wrong is printed before it is mended: no trace of it may be left after.
    if args.repair and health.mendable():
        _say_health(health, place, json_=False)
        # To examine fetches nothing; only to embed again one may have to.
        if args.model:
            model.fetch()
        for done in repair(place.ledger, model, health):
            say_on_stderr(done)
        health = examine_all(place.ledger, model)
    return health


def _look_after_server(address: ServerAddress, args: argparse.Namespace) -> Health:
    """Examine an index on a server and its ledger here; mend of the latter what can be."""
    place: Place = args.place
    with closing(open_server(address)) as index:
        model = open_embedder(_model(args, index.model()))
        # Nothing is embedded again here, and so no model is fetched.
        health = examine_server(index, place.ledger, model)
        if args.repair and health.mendable():
            _say_health(health, place, json_=False)
            say_on_stderr(repair_ledger(index, place.ledger))
            health = examine_server(index, place.ledger, model)
    if args.repair and health.findings:
        say_on_stderr(place.complete(REPAIR))
    return health


def _say_health(health: Health, place: Place, *, json_: bool) -> None:
    notes = list(map(place.complete, health.notes))
    findings = [replace(one, text=place.complete(one.text)) for one in health.findings]
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


def _model(args: argparse.Namespace, known: str | None) -> str:
    """Name the model that was asked for, else that of the index, as far as it can be
    read."""
    usual = known or DEFAULT_MODEL
    return chosen_model(args.model or usual, usual)


def backup(args: argparse.Namespace) -> int:
    """Write index and ledger, as of one moment, into one file, whoever reads or writes
    meanwhile."""
    place: Place = args.place
    refuse_on_server("backup", place)
    # In no backup is what was to be erased before it was asked for.
    erase_if_there_is_room(place)
    # What no restore would take must not take the place of a good one.
    if damage := damage_of(place.ledger):
        raise IndexDamaged(damage)
    size = write_backup(place.ledger, args.file, overwrite=args.overwrite)
    back = f"Put it back with: blog-indexer restore {shlex.quote(str(args.file))}"
    # On standard error, like all that is said and not asked for.
    say_on_stderr(f"{args.file}: {size / 1e6:.1f} MB. {place.complete(back)}")
    return OK


def restore(args: argparse.Namespace) -> int:
    """Put a backup in the index's place, once all of it is checked."""
    place: Place = args.place
    refuse_on_server("restore", place)
    about, known = restore_backup(place.ledger, args.file)
    made = about.get("made")
    say_on_stderr(f"The index is as it was on {made}: {_contents(known)}.")
    # The state that it took the place of is kept as the one before.
    say_on_stderr(place.complete("Undo this with: blog-indexer rollback"))
    return OK


def rollback(args: argparse.Namespace) -> int:
    """Go back to the state before the last run that changed the index; once more undoes
    it."""
    place: Place = args.place
    refuse_on_server("rollback", place)
    known = roll_back(place.ledger)
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
