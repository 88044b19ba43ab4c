"""Text for the terminal: output made harmless, and streams that can't be written.

Loads nothing heavy: commands that end at once import it first.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from search.index.server_address import without_secrets

# Joiners that Persian, Indic writing and emoji need; like the controls they count as
# unprintable.
_JOINERS = "\u200c\u200d"
# json.dumps escapes the controls of ASCII itself, but not DEL and what follows it.
_BEYOND_ASCII = re.compile(r"[\x7f-\U0010ffff]")


def limit_numpy_threads() -> None:
    """Let numpy compute on one thread; called by a program before numpy is imported,
    which reads the variable only then.

    Its products are small here, and its threads keep the processor for a while after
    each, so that torch and FAISS, whose turn is next, lack it: a question took 30 %
    longer.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def plain(text: str, *, keep: str = "") -> str:
    """Put a space for each character that a terminal would act upon.

    These are escapes, control characters and marks that turn the reading direction. The
    text stays as long as it was. ``keep`` names characters that are let through.
    """
    if text.isprintable():
        return text  # nearly all texts are
    harmless = _JOINERS + keep
    return "".join(
        c if c.isprintable() or c in harmless else " "  # one for one: spans stay valid
        for c in text
    )


def say(text: str) -> None:
    """Print text that may come from outside to standard output."""
    sys.stdout.write(plain(text, keep="\n\t") + "\n")


def say_on_stderr(text: str) -> None:
    """Print text that may come from outside to standard error.

    Nothing happens where it is closed or can't be written: there is no other place to
    complain, and a message is no reason to end a run.
    """
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(plain(text, keep="\n\t") + "\n")


def json_text(
    value: object, *, default: Callable[[object], object] | None = None
) -> str:
    """Write the value as JSON to read: letters as they are, escapes for what ``plain``
    takes out."""
    written = json.dumps(value, ensure_ascii=False, indent=1, default=default)
    return _BEYOND_ASCII.sub(_escaped, written)


def json_line(value: object) -> str:
    """Write the value as JSON on one line without spaces, escaped like ``json_text``."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _BEYOND_ASCII.sub(_escaped, written)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable() or character in _JOINERS:
        return character
    return json.dumps(character).strip('"')


def discard_unwritten_output() -> None:
    """Drop what a full disk or a closed pipe did not take.

    Python tries again to write it at its end, and would complain and change the exit
    code.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            # A stream that was closed from the start is None, and print passes it over.
            print(end="", file=stream, flush=stream is not None)
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def version() -> str:
    """Return the version that is installed; pyproject.toml is the one place of it."""
    # Here, as hardly a run needs it.
    from importlib import metadata

    try:
        return metadata.version("blogsearch")
    except metadata.PackageNotFoundError:
        return "of a folder that is not installed"


class CommandParser(argparse.ArgumentParser):
    """A command line whose errors repeat no password that was typed in an address."""

    def error(self, message: str) -> NoReturn:
        # argparse quotes what it doesn't understand, and that may be an address.
        super().error(without_secrets(message))

    def add_version(self) -> None:
        """Add ``--version``, which prints the program's name and version, and ends."""
        self.add_argument(
            "--version",
            action=_Version,
            nargs=0,
            default=argparse.SUPPRESS,
            help="print the version, and end",
        )


class _Version(argparse.Action):
    """Print the program's name and version, and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        say(f"{parser.prog} {version()}")
        parser.exit()


class PlainFormatter(logging.Formatter):
    """Lines of a log, other libraries' too, without what a terminal would act upon."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record), keep="\n\t")
