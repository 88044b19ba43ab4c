"""The paragraphs of a passage, cut into the runs that the page's template sets out.

Holds no markup: the template escapes every run by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, pairwise
from typing import Literal

from search.text.languages import language_by_script
from search.types import Highlight

Span = tuple[int, int]
Kind = Literal["prose", "lines", "code"]

# Passages come as plain text; half of a paragraph's lines must look like this for it to
# be set as code.
_CODE_START = re.compile(
    r"""[ \t]{2,}\S                                        # indented
    | [#@{}] | // | /\* | <[/\w] | \$\  | >>>\             # comment, decorator, brace, tag, prompt
    | (?: import | from | def | class | return | let | const | var | func | public | private )\b
    | [\w.\[\]'"]+\ ?(?: = | := | \+= | <- )               # assignment
    """,
    re.VERBOSE,
)
_CODE_END = re.compile(r"(?:[{}\\]|\S;|\w\([^()]*\)|\):)$")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A run of text that is throughout, or nowhere, marked and part of the answer."""

    text: str
    marked: bool
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or a stretch of code; "lines" is prose whose line breaks count."""

    kind: Kind
    language: str
    runs: tuple[TextRun, ...]


def paragraphs(
    text: str, highlights: Sequence[Highlight], answer: Highlight | None = None
) -> Iterator[Paragraph]:
    """Yield the paragraphs of a passage, cut into runs at highlights and answer.

    Blank lines fall away.
    """
    marks = _merged(highlights, len(text))
    within = _merged([answer] if answer else [], len(text))
    for kind, span in _joined_code(text, _paragraph_spans(text)):
        language = ""
        if kind != "code":
            language = language_by_script(text[slice(*span)])
        runs = tuple(_marked_runs(text, span, marks=marks, answer=within))
        yield Paragraph(kind, language, runs)


def _paragraph_spans(text: str) -> Iterator[Span]:
    start, at = -1, 0
    for line in text.split("\n"):
        if line.strip():
            start = at if start < 0 else start
            end = at + len(line)
        elif start >= 0:
            yield start, end
            start = -1
        at += len(line) + 1
    if start >= 0:
        yield start, end


def _joined_code(text: str, spans: Iterable[Span]) -> list[tuple[Kind, Span]]:
    """Tell the kind of each span; code with blank lines in it becomes one span again."""
    joined: list[tuple[Kind, Span]] = []
    code_start = None  # of the stretch of code that the last span belongs to
    for start, end in spans:
        lines = text[start:end].split("\n")
        if _looks_like_code(lines):
            kind: Kind = "code"
        elif code_start is not None and _CODE_START.match(lines[0]):
            kind = "code"
        elif len(lines) > 1:
            kind = "lines"
        else:
            kind = "prose"
        if kind != "code":
            code_start = None
        elif code_start is None:
            code_start = start
        else:
            joined.pop()
            start = code_start
        joined.append((kind, (start, end)))
    return joined


def _looks_like_code(lines: Sequence[str]) -> bool:
    if len(lines) < 2:
        return False
    if lines[0].lstrip().startswith("$$"):
        return True
    code = [line for line in lines if _CODE_START.match(line) or _CODE_END.search(line)]
    return 2 * len(code) >= len(lines)


def _merged(highlights: Sequence[Highlight], length: int) -> list[Span]:
    """Put spans in order, cut to the text; those that touch or overlap become one."""
    merged: list[Span] = []
    for mark in sorted(highlights, key=lambda mark: mark.start):
        start, end = mark.start, min(mark.end, length)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def _marked_runs(
    text: str, within: Span, *, marks: Sequence[Span], answer: Sequence[Span]
) -> Iterator[TextRun]:
    first, last = within
    borders = {first, last}
    for place in chain(*marks, *answer):
        if first < place < last:
            borders.add(place)
    for run in pairwise(sorted(borders)):
        yield TextRun(text[slice(*run)], _covers(marks, run), _covers(answer, run))


def _covers(spans: Iterable[Span], run: Span) -> bool:
    start, end = run
    return any(first <= start and end <= last for first, last in spans)


def plain_date(day: date) -> str:
    """Write a day as in "28 November 2024"."""
    return f"{day.day} {day:%B %Y}"


def plain_time(iso: str) -> str:
    """Write an ISO 8601 time as in "28 November 2024, 08:14 UTC".

    A text that is no time comes back as it is.
    """
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    return f"{plain_date(moment)}, {moment:%H:%M} UTC"
