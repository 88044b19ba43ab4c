"""The options that every command has.

Imports nothing heavy: a person who has to wait learns it at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indexer.fetch.http.throttle import DELAY
from indexer.ledger.place import Place, place_of
from search.console import CommandParser
from search.errors import IndexAddressError
from search.index.open import INDEX_HELP, index_of, index_option
from search.index.sqlite.connection import is_locked

# Adds a command by its name and function, and returns its parser for more options.
AddCommand = Callable[
    [str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser
]

MOST_PARTITIONS = 128  # as many as the home in PostgreSQL makes
# Commands that take the writer's lock, and would wait for seconds only to be refused.
WRITING = ("add", "backfill", "update", "inbox", "remove", "forget", "rebuild")


def common() -> CommandParser:
    """Build the options as argparse knows them, for before and after the command."""
    # Suppressed: a default after the command would undo what is given before it.
    known = CommandParser(add_help=False, exit_on_error=False)
    known.add_argument(
        "--index",
        type=index_option,
        default=argparse.SUPPRESS,
        help=INDEX_HELP,
    )
    known.add_argument(
        "--ledger",
        type=_ledger_option,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the folder of this indexer's own records, for an index in a database",
    )
    known.add_argument(
        "--model", default=argparse.SUPPRESS, help="a sentence-transformers model"
    )
    known.add_argument(
        "--delay",
        type=float,
        default=argparse.SUPPRESS,
        help="seconds between two requests to a host (1)",
    )
    known.add_argument(
        "--contact",
        default=argparse.SUPPRESS,
        help="your address, told to the servers you fetch from",
    )
    return known


def add_partitions(command: argparse.ArgumentParser) -> None:
    """Add the option of commands that may make a database's tables."""
    command.add_argument(
        "--partitions",
        type=_partitions,
        metavar="N",
        default=1,
        help="the parts by site in which a new index in a database is made (1; 16 for"
        " millions of passages)",
    )


def _partitions(text: str) -> int:
    number = int(text)  # argparse says what is wrong with other texts
    if not 1 <= number <= MOST_PARTITIONS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_PARTITIONS}")
    return number


def _ledger_option(text: str) -> Path:
    # As a path it would be the current folder, which nobody means by it.
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "it is empty; name a folder, or leave --ledger out for the usual one"
        )
    return Path(text)


def defaults(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the values of options that aren't given."""
    return {
        "model": None,
        "delay": DELAY,
        "contact": environment.get("BLOGSEARCH_CONTACT", ""),
    }


def place_given(given: Mapping[str, Any], environment: Mapping[str, str]) -> Place:
    """Return the place of the index that a command names, or that the environment does.

    Raises IndexAddressError.
    """
    index = given.get("index") or index_of(environment)
    return place_of(index, given.get("ledger"), environment)


def why_to_wait(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """Say why a command that writes has to wait for another run, "" where it needn't."""
    try:
        given, rest = common().parse_known_args(argv)
        place = place_given(vars(given), environment)
    except (argparse.ArgumentError, IndexAddressError):
        return ""  # the command's own parser says what is wrong
    if rest and rest[0] in WRITING and is_locked(place.ledger):
        return place.busy
    return ""
