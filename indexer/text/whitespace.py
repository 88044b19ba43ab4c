"""Running text as a browser shows it: white space collapsed, but not inside maths."""

from __future__ import annotations

import re

BREAK = "\x0b"
"""Stands for ``<br>`` until the text is set; dom.decode lets no such character in from
a page."""

_DELIMITERS = re.compile(r"\$\$|\\\[|\\\]|\\begin\{\w{1,20}\*?\}|\\end\{\w{1,20}\*?\}")
_SPACES = re.compile(r"[ \t\n\f\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_SPACED_BREAKS = re.compile(rf" *{BREAK} *")
_INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e]")
# Zero-width joiners shape Persian, Indic and emoji; between Latin letters they only
# hide words.
_IDLE_JOINERS = re.compile(
    r"(?<=[\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\u024f])"
)
_ONLY_MATHS = re.compile(
    r"(?:\$\$.*\$\$|\\\[.*\\\]|\\begin\{.*\\end\{\w+\*?\})[.,;]?", re.S
)


def paragraphs(raw: str) -> list[str]:
    """The paragraphs in a run of text: two line breaks or more part them, one is kept
    as such."""
    shown = _SPACED_BREAKS.sub(BREAK, _collapse(raw))
    return [
        p.replace(BREAK, "\n").strip()
        for p in re.split(f"{BREAK}{{2,}}", shown)
        if p.strip(BREAK + " \n")
    ]


def one_line(raw: str) -> str:
    """The text with its breaks as spaces, for headings and cells; display maths stays
    as written."""
    return " ".join(paragraphs(raw.replace(BREAK, " ")))


def is_maths(text: str) -> bool:
    """Whether this is nothing but displayed maths."""
    return bool(_ONLY_MATHS.fullmatch(text))


def _collapse(raw: str) -> str:
    parts: list[str] = []
    end = 0
    for start, stop in _display_maths(raw):
        parts.append(_collapse_prose(raw[end:start]))
        parts.append(raw[start:stop].replace(BREAK, ""))
        end = stop
    parts.append(_collapse_prose(raw[end:]))
    return "".join(parts)


def _collapse_prose(raw: str) -> str:
    return _IDLE_JOINERS.sub("", _INVISIBLE.sub("", _SPACES.sub(" ", raw)))


def _display_maths(raw: str) -> list[tuple[int, int]]:
    """Where ``$$…$$``, ``\\[…\\]`` and ``\\begin{x}…\\end{x}`` stand; one pass,
    outermost first."""
    marks = [
        (mark.group(), mark.start(), mark.end()) for mark in _DELIMITERS.finditer(raw)
    ]
    last = {found: start for found, start, _ in marks}
    spans: list[tuple[int, int]] = []
    opened, closer = 0, ""
    for found, start, end in marks:
        if closer and found == closer:
            spans.append((opened, end))
            closer = ""
        elif not closer and last.get(_closer_of(found), -1) >= end:
            opened, closer = start, _closer_of(found)
    return spans


def _closer_of(opener: str) -> str:
    if opener.startswith("\\begin"):
        return "\\end" + opener[6:]
    return {"$$": "$$", "\\[": "\\]"}.get(opener, "")
