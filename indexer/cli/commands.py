"""blog-indexer: follow feeds and link pages, and keep their articles in the index."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from indexer.cli import (
    copy_command,
    export_commands,
    inbox_commands,
    index_commands,
    maintenance_commands,
    source_commands,
    watch_commands,
)
from indexer.cli.exit_codes import BUSY, INTERRUPTED, NOTHING_DONE, OK, WRONG_USE
from indexer.cli.named_sources import UnknownName
from indexer.cli.options import common, defaults, place_given
from indexer.evaluation import command as evaluation
from indexer.maintenance.diagnosis import diagnosed
from search.console import CommandParser, PlainFormatter, say_on_stderr
from search.errors import BlogsearchError, IndexAddressError, IndexBusy
from search.index.sqlite.connection import explain, explained

# Libraries that log what no user of this program can act upon.
NOISY = ("sentence_transformers", "httpx", "trafilatura", "urllib3", "psycopg")


def parser() -> argparse.ArgumentParser:
    """Build the command line as argparse knows it."""
    shared = common()
    top = CommandParser(prog="blog-indexer", description=__doc__, parents=[shared])
    top.add_version()
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        # Help is the docstring: one text, which is true of the function below it.
        text = (run.__doc__ or "").strip()
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    groups = (
        source_commands,
        index_commands,
        maintenance_commands,
        copy_command,
        export_commands,
        inbox_commands,
        watch_commands,
    )
    for group in groups:
        group.add_commands(command)
    evaluation.add_options(command("evaluate", evaluation.evaluate))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    _log_to_stderr()
    args = parser().parse_args(argv)
    # Last, as an option may stand before the command or after it.
    args = argparse.Namespace(**(defaults(os.environ) | vars(args)))
    try:
        # A command that names two indexes says which is its own.
        find_place = vars(args).get("find_place", place_given)
        args.place = place = find_place(vars(args), os.environ)
    except IndexAddressError as error:
        say_on_stderr(str(error))
        return WRONG_USE
    try:
        with explained(place.ledger), diagnosed(place.ledger):
            place.require()
            code: int = args.run(args)
        print(end="", flush=True)  # what can't be written is an error, here and now
    except IndexBusy as error:
        say_on_stderr(str(error))
        return BUSY
    except UnknownName as error:
        say_on_stderr(str(error))
        return WRONG_USE
    except BlogsearchError as error:
        say_on_stderr(place.complete(str(error)))
        return NOTHING_DONE
    except BrokenPipeError:
        return OK  # the reader, such as `head`, has read enough
    except OSError as error:
        say_on_stderr(str(explain(error, "what is printed")))
        return NOTHING_DONE
    except KeyboardInterrupt:
        say_on_stderr("Stopped.")
        return INTERRUPTED
    return code


def _log_to_stderr() -> None:
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(PlainFormatter("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    logging.captureWarnings(capture=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
