"""The state of the newest run of the indexer, in a small file beside the ledger.

Decides nothing about the run.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from search.inbox.place import write_whole
from search.index.private_files import mode_beside
from search.index.sqlite.connection import is_locked
from search.index.stored_records import record_of

FILE = "last_run.json"
PRINTED = "inbox.log"  # what the newest run that the page began has printed
LARGEST = 1 << 20  # bytes; ours has some thousand


@dataclass(frozen=True, slots=True)
class Line:
    """An address with its title, "" for none, and a sentence or state word about it."""

    url: str
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run as it is, or was at its end. Times are ISO 8601 in UTC.

    ``phase`` is what it is at, with ``done`` of ``total`` and the address it has just
    come to (``at``). ``ended`` is "" until its end. ``new`` are articles that came or
    changed, ``sources`` those that could not be read, ``troubles`` what is not held in
    full; ``more_new`` and ``more_troubles`` count those that are not named. ``failed``
    is the sentence for which a run ended early.
    """

    started: str
    phase: str = ""
    done: int = 0
    total: int = 0
    at: str = ""
    ended: str = ""
    seconds: float = 0.0
    stopped: bool = False
    failed: str = ""
    unchanged: int = 0
    unreached: int = 0
    new: tuple[Line, ...] = ()
    more_new: int = 0
    sources: tuple[Line, ...] = ()
    troubles: tuple[Line, ...] = ()
    more_troubles: int = 0


def write_status(ledger: Path, status: RunStatus) -> None:
    """Note how a run goes. Where that can't be written, nothing is said: it is no reason
    to end a run."""
    text = json.dumps(asdict(status), ensure_ascii=False)
    with suppress(OSError):
        # Who may read the index may read it.
        mode = mode_beside(ledger / FILE)
        write_whole(ledger / FILE, text, mode, is_lasting=False)


def read_status(ledger: Path) -> RunStatus | None:
    """Return the newest run, None where none was noted or it can't be read."""
    try:
        with (ledger / FILE).open("rb") as file:
            fields = json.loads(file.read(LARGEST))
        for name in ("new", "sources", "troubles"):
            fields[name] = tuple(map(_line, fields[name]))
        return record_of(RunStatus, fields)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def drop_names(ledger: Path) -> None:
    """Take every address, title and sentence out of what is noted of the newest run, and
    remove what a run that the page began has printed. Raises OSError."""
    status = read_status(ledger)
    # Also what a run that was killed was writing.
    for path in (*ledger.glob(f"{FILE}*"), ledger / PRINTED):
        path.unlink(missing_ok=True)
    if status is None:
        return
    bare = replace(
        status,
        at="",
        failed="",
        new=(),
        more_new=status.more_new + len(status.new),
        sources=(),
        troubles=(),
        more_troubles=status.more_troubles + len(status.troubles),
    )
    write_status(ledger, bare)


def is_under_way(ledger: Path, status: RunStatus | None) -> bool:
    """Tell if a run is at work; one that was killed has left no end of it."""
    # The lock is looked at only where it seems held: a look must not keep a new run out.
    return status is not None and not status.ended and is_locked(ledger)


def _line(fields: dict[str, Any]) -> Line:
    return record_of(Line, fields)
