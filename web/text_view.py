"""A text cut into the runs that the page's templates set out; dates in words.

Holds no markup but that of formulas: the templates escape every run by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from search.types import Highlight
from web.formulas import FormulaSpan, formula_spans
from web.mathml import Formula, formula

Span = tuple[int, int]

# Characters of TeX that are set on one page; what follows stays TeX. Setting as many
# takes half a second, and the post with the most formulas of 1,756 has 26,081.
MOST_TEX = 60_000
# The day or days of a section of a link page, as in "2024-06-03 – 2024-06-09".
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:[–—-]+|to|/)\s*(\d{4}-\d\d-\d\d))?")


@dataclass(frozen=True, slots=True)
class TextRun:
    """A run of text that is throughout, or nowhere, marked and part of the answer.

    A formula is a run of its own; ``tex`` is its source, "" for text, and ``formula``
    is None where it isn't set. ``begins`` is true for the first run of the answer.
    """

    text: str
    marked: bool = False
    answers: bool = False
    begins: bool = False
    tex: str = ""
    formula: Formula | None = None
    is_displayed: bool = False


class RunCutter:
    """Cuts the blocks of one text into runs, at highlights, answer and formulas."""

    def __init__(
        self,
        text: str,
        highlights: Sequence[Highlight] = (),
        answer: Highlight | None = None,
    ) -> None:
        self.text = text
        self._marks = _merged(highlights, len(text))
        self._answer = _merged([answer] if answer else [], len(text))
        self._begun = False
        self._room = MOST_TEX

    def runs(
        self, span: Span, formulas: Iterable[FormulaSpan] | None = None
    ) -> tuple[TextRun, ...]:
        """Cut a span into runs; ``formulas`` are those in it, found here if not given."""
        if formulas is None:
            formulas = formula_spans(self.text, *span)
        whole = {found.start: found for found in formulas}
        return tuple(
            self._run(run, whole.get(run[0]))
            for run in pairwise(self._borders(span, whole.values()))
        )

    def _borders(self, span: Span, formulas: Iterable[FormulaSpan]) -> list[int]:
        first, last = span
        borders = {first, last}
        for start, end in (*self._marks, *self._answer):
            borders.update(place for place in (start, end) if first < place < last)
        for found in formulas:
            # A mark that begins or ends within a formula is of all of it.
            borders -= set(range(found.start + 1, found.end))
            borders |= {found.start, found.end}
        return sorted(borders)

    def _run(self, run: Span, found: FormulaSpan | None) -> TextRun:
        answers = _meets(self._answer, run)
        begins = answers and not self._begun
        self._begun = self._begun or begins
        marked, text = _meets(self._marks, run), self.text[slice(*run)]
        if found is None:
            return TextRun(text, marked, answers, begins)
        return TextRun(
            text,
            marked,
            answers,
            begins,
            tex=found.tex,
            formula=self._set(found),
            is_displayed=found.display,
        )

    def _set(self, found: FormulaSpan) -> Formula | None:
        self._room -= len(found.tex)
        if self._room < 0:
            return None
        return formula(found.tex, display=found.display)


def _merged(spans: Sequence[Highlight], length: int) -> list[Span]:
    """Put spans in order, cut to the text; those that touch or overlap become one."""
    merged: list[Span] = []
    for mark in sorted(spans, key=lambda mark: mark.start):
        start, end = mark.start, min(mark.end, length)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def _meets(spans: Iterable[Span], run: Span) -> bool:
    start, end = run
    return any(first < end and start < last for first, last in spans)


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


def plain_days(text: str) -> str:
    """Write ISO days as in "3–9 June 2024"; "" where a text is something else."""
    found = _DAYS.fullmatch(text)
    if not found:
        return ""
    try:
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        return ""
    if first == last:
        return plain_date(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{plain_date(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {plain_date(last)}"
    return f"{plain_date(first)} – {plain_date(last)}"
