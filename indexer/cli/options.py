"""The options that every command has.

Imports nothing heavy: a person who has to wait learns it at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from indexer.fetch.http.throttle import DELAY
from search.index.open import index_of, index_option
from search.index.sqlite.connection import is_locked

# Adds a command by its name and function, and returns its parser for more options.
AddCommand = Callable[
    [str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser
]

# Commands that take the writer's lock, and would wait for seconds only to be refused.
WRITING = ("add", "backfill", "update", "remove", "forget", "rebuild")


def common() -> argparse.ArgumentParser:
    """Build the options as argparse knows them, for before and after the command."""
    # Suppressed: a default after the command would undo what is given before it.
    known = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    known.add_argument(
        "--index",
        type=index_option,
        default=argparse.SUPPRESS,
        help="the index's folder",
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


def defaults(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the values of options that aren't given."""
    return {
        "index": index_of(environment),
        "model": None,
        "delay": DELAY,
        "contact": environment.get("BLOGSEARCH_CONTACT", ""),
    }


def has_to_wait(argv: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Tell if this command writes to an index that another run is writing to."""
    try:
        given, rest = common().parse_known_args(argv)
    except argparse.ArgumentError:
        return False  # the command's own parser says what is wrong
    if not rest or rest[0] not in WRITING:
        return False
    options = defaults(environment) | vars(given)
    return is_locked(Path(str(options["index"])))
