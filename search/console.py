"""Pure: text from outside, made fit to be shown on a terminal."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from typing import TextIO

# Joiners that Persian, Indic writing and emoji need; like the controls they count as
# unprintable.
_HARMLESS = "\u200c\u200d"
_BEYOND_ASCII = re.compile(r"[\x7f-\U0010ffff]")


def plain(text: str, *, keep: str = "") -> str:
    """The text with a space for each character that a terminal would act upon: escapes,
    control characters, marks that turn the reading direction. As long as it was.
    ``keep``: let these through."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in keep or c in _HARMLESS else " " for c in text
    )


def say(text: str, *, file: TextIO | None = None) -> None:
    """Print text that may come from outside: nothing in it acts upon the terminal."""
    out = file or sys.stdout
    out.write(plain(text, keep="\n\t") + "\n")


def json_text(
    value: object, *, default: Callable[[object], object] | None = None
) -> str:
    """The value as JSON to read: in its own letters, but with escapes for what
    ``plain`` takes out."""
    written = json.dumps(value, ensure_ascii=False, indent=1, default=default)
    return _BEYOND_ASCII.sub(
        _escaped, written
    )  # json itself escapes the controls of ASCII


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    is_shown = character.isprintable() or character in _HARMLESS
    return character if is_shown else json.dumps(character)[1:-1]


class PlainFormatter(logging.Formatter):
    """Lines of a log, other libraries' too, without what a terminal would act upon."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record), keep="\n\t")
