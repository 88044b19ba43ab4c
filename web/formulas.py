"""The formulas in a plain text: TeX between its own delimiters.

Takes no sum of money for one, at the price of a formula that reads like prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from web.mathml import is_balanced

# A single $ begins a formula only at the edge of a word and before a sign, and ends one
# only after a sign and at the edge of a word: "$5 or $6" and "$HOME:$PATH" hold none.
# "$k$NN" does, and so does what has commands of TeX within, even beside a space.
_DELIMITED = re.compile(
    r"""
    (?<!\\)\$\$(?P<shown>[^$]+?)\$\$
    | \\\[(?P<bracketed>(?:(?!\\\[).)+?)\\\]
    | \\\((?P<inline>(?:(?!\\\().)+?)\\\)
    | (?<![\w\\$])\$ (?:
        (?=[^\s$])(?P<tight>(?:\\.|[^$\\\n])*?)(?<=\S)\$(?![\w$])
        | (?P<letter>[a-zA-Z])\$(?=[A-Z])
        | (?P<loose>(?:\\.|[^$\\\n])*?)\$(?![\w$])
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_TEX_SIGN = re.compile(r"[\\^_{}=<>]")
_PROSE = re.compile(
    r"[^\W\d_]{2,}\s+[^\W\d_]|[^\W\d_]\s+[^\W\d_]{2,}"  # two words
    r"|^\d.*(?:\b[a-z]{2,}\b|[,;]\s)"  # a number, then a word or another number
)
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_NOT_WORDS = re.compile(r"\\text\w*\s*\{[^{}]*\}|\\[a-zA-Z]+|\{[^{}]*\}")
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([a-zA-Z]+\*?)\}")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class FormulaSpan:
    """Characters ``start`` up to ``end`` of a text that are a formula, and its TeX."""

    start: int
    end: int
    tex: str
    display: bool


def formula_spans(text: str, start: int, end: int) -> Iterator[FormulaSpan]:
    """Yield the formulas that lie within ``start`` and ``end``, in order."""
    at = start
    while found := _DELIMITED.search(text, at, end):
        kind = found.lastgroup or ""
        tex = found[kind].strip()
        if tex and not _is_prose(tex, kind):
            yield FormulaSpan(*found.span(), tex, kind in {"shown", "bracketed"})
            at = found.end()
        else:
            at = found.start() + 1  # its last $ may begin a formula


def _is_prose(tex: str, kind: str) -> bool:
    """Tell if what lies between two dollars reads like words or sums of money."""
    if kind == "tight":
        return not _TEX_SIGN.search(tex) and bool(_PROSE.search(tex))
    if kind == "loose":
        is_tex = _COMMAND.search(tex)
        return not is_tex or bool(_WORD.search(_NOT_WORDS.sub("", tex)))
    return False


def mended(tex: str) -> str:
    """Close what a formula that was cut leaves open, "" where too little is left.

    A quote may hold the first rows of a proof: whole rows stay, and dots for the rest.
    """
    if not is_balanced(tex):
        tex = tex.rpartition(r"\\")[0]
    opened: list[str] = []
    begun_before: list[str] = []
    for verb, name in _ENVIRONMENT.findall(tex):
        if verb == "begin":
            opened.append(name)
        elif opened:
            opened.pop()
        else:
            begun_before.append(name)
    for name in begun_before:
        tex = f"\\begin{{{name}}}{tex}"
    if opened:
        tex = tex.rstrip().removesuffix(r"\\") + r" \\ \dots"
    for name in reversed(opened):
        tex += f"\\end{{{name}}}"
    return tex
