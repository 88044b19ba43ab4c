"""The abilities of the terminal that is written to: width, colour, links.

Reads the environment and asks the stream; writes nothing.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

WIDEST = 100  # columns; longer lines are hard to read
NARROWEST = 20  # columns; below it a line holds no two words
USUAL = (80, 24)  # columns and lines, where nothing says how wide it is
# Terminals that show OSC 8 links, by the variable that they set or their value of it;
# after https://github.com/chalk/supports-hyperlinks and Alhadis' list of terminals.
_BY_VARIABLE = ("DOMTERM", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION")
_BY_PROGRAM = {"ghostty", "Hyper", "iTerm.app", "rio", "Tabby", "vscode", "WezTerm", "zed"}  # fmt: skip
_BY_TERM = re.compile(r"alacritty|contour|foot|ghostty|kitty|wezterm")
_FIRST_VTE = 5001  # 0.50.0 broke off at a link
_FIRST_TMUX = (3, 4)  # older ones swallow the link, and with it the address


@dataclass(frozen=True, slots=True)
class Terminal:
    """``width`` is in columns; without ``colour`` nothing but text is written, with
    ``links`` a text may lead to an address."""

    width: int = USUAL[0]
    colour: bool = False
    links: bool = False


def terminal_of(stream: TextIO, environment: Mapping[str, str]) -> Terminal:
    """Find out what the stream's terminal can do."""
    columns = shutil.get_terminal_size(USUAL).columns
    width = min(max(columns, NARROWEST), WIDEST)
    # https://no-color.org; here it also stands for no escape codes at all.
    if environment.get("NO_COLOR"):
        return Terminal(width)
    is_terminal = stream.isatty() and environment.get("TERM") != "dumb"
    forced = environment.get("FORCE_HYPERLINK", "")
    if forced:
        return Terminal(width, is_terminal, links=forced not in ("0", "false"))
    return Terminal(width, is_terminal, is_terminal and shows_links(environment))


def shows_links(environment: Mapping[str, str]) -> bool:
    """Tell if the terminal is known to show OSC 8 links."""
    program = environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment or environment.get("TERM", "").startswith("screen"):
        # What the outer terminal set is still in the environment.
        version = environment.get("TERM_PROGRAM_VERSION", "")
        return program == "tmux" and _version(version) >= _FIRST_TMUX
    if program in _BY_PROGRAM or _BY_TERM.search(environment.get("TERM", "")):
        return True
    if any(environment.get(name) for name in _BY_VARIABLE):
        return True
    (vte, *_) = _version(environment.get("VTE_VERSION", ""))
    return vte >= _FIRST_VTE


def _version(text: str) -> tuple[int, int]:
    numbers = list(map(int, re.findall(r"[0-9]{1,9}", text)))
    major, minor, *_ = [*numbers, 0, 0]
    return major, minor
