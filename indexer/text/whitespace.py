"""Running text as a browser shows it: white space collapsed, but not in formulas."""

from __future__ import annotations

import re

# Stands for ``<br>`` until the text is set; encoding.decode lets no such character in
# from a page.
BREAK = "\x0b"

_DELIMITERS = re.compile(r"\$\$|\\\[|\\\]|\\begin\{\w{1,20}\*?\}|\\end\{\w{1,20}\*?\}")
_SPACES = re.compile(r"[ \t\n\f\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_SPACED_BREAKS = re.compile(rf" *{BREAK} *")
_PARAGRAPH_END = re.compile(f"{BREAK}{{2,}}")
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
    """Return the paragraphs in a run of text: two breaks or more part them, one stays
    as a line break."""
    shown = _SPACED_BREAKS.sub(BREAK, _collapse(raw))
    parts = [part.replace(BREAK, "\n").strip() for part in _PARAGRAPH_END.split(shown)]
    return list(filter(None, parts))


def one_line(raw: str) -> str:
    """Return the text with its breaks as spaces, for headings and cells; displayed
    formulas stay as written."""
    return " ".join(paragraphs(raw.replace(BREAK, " ")))


def is_maths(text: str) -> bool:
    """Say if this is nothing but a displayed formula."""
    return _ONLY_MATHS.fullmatch(text) is not None


def _collapse(raw: str) -> str:
    parts: list[str] = []
    end = 0
    for start, stop in _displayed_formulas(raw):
        parts.append(_collapse_prose(raw[end:start]))
        parts.append(raw[start:stop].replace(BREAK, ""))
        end = stop
    parts.append(_collapse_prose(raw[end:]))
    return "".join(parts)


def _collapse_prose(raw: str) -> str:
    return _IDLE_JOINERS.sub("", _INVISIBLE.sub("", _SPACES.sub(" ", raw)))


def _displayed_formulas(raw: str) -> list[tuple[int, int]]:
    """Find the spans of ``$$…$$``, ``\\[…\\]`` and ``\\begin{x}…\\end{x}``, the
    outermost ones, in one pass."""
    marks = list(_DELIMITERS.finditer(raw))
    last = {mark.group(): mark.start() for mark in marks}
    spans: list[tuple[int, int]] = []
    opened, closer = 0, ""
    for mark in marks:
        if closer and mark.group() == closer:
            spans.append((opened, mark.end()))
            closer = ""
        elif not closer:
            wanted = _closer_of(mark.group())
            # One that is never closed opens nothing.
            if last.get(wanted, -1) >= mark.end():
                opened, closer = mark.start(), wanted
    return spans


def _closer_of(opener: str) -> str:
    if opener.startswith("\\begin"):
        return "\\end" + opener.removeprefix("\\begin")
    return {"$$": "$$", "\\[": "\\]"}.get(opener, "")
