"""Pure: text from outside, made fit to be shown on a terminal."""

from __future__ import annotations

import sys
from typing import TextIO

# Joiners that Persian, Indic writing and emoji need; like the controls they count as unprintable.
_HARMLESS = "\u200c\u200d"


def plain(text: str, *, keep: str = "") -> str:
    """The text with a space for each character that a terminal would act upon: escapes, control
    characters, marks that turn the reading direction. As long as it was. ``keep``: let these through."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep or c in _HARMLESS else " " for c in text)


def say(text: str, *, file: TextIO | None = None) -> None:
    """Print text that may come from outside: nothing in it acts upon the terminal."""
    out = file or sys.stdout
    out.write(plain(text, keep="\n\t") + "\n")
