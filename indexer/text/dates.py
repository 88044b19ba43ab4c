"""Dates as people and programs write them, in the languages that blogs are written in.

A general parser makes a date out of nearly any text ("Chapter 3"). Here only what is
plainly a date counts, so that a section called "May we go on?" stays without one.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from indexer.text.month_names import ALSO_WORDS, NAMES, month_of


def _one_of(names: frozenset[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return rf"(?P<name>{'|'.join(longest_first)})\.?"


_ANY_NAME = _one_of(NAMES)
# Short forms that are words besides ("data set 2023") are months only between a day and
# a year.
_NAME = _one_of(NAMES - ALSO_WORDS)
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ANY_YEAR = re.compile(_YEAR)
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|°)?"
_WEEK = r"(?:week|woche|kw|semaine)\s{0,2}(?P<week>[0-5]?\d)"
# "3 - 9 August 2023", "August 3–9, 2023": the first day of a range within a month is
# passed over
_FROM = rf"(?:\d{{1,2}}{_ORDINAL}\s{{0,2}}(?:-|–|—|to|bis|au)\s{{0,2}})?"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-]){pattern}(?!\w)", re.IGNORECASE)


def _shape_anywhere(pattern: str) -> re.Pattern[str]:
    """Compile a shape that may touch letters, as the text of page elements does."""
    return re.compile(rf"(?<!\d){pattern}(?!\d)", re.IGNORECASE)


# In the texts of people: the plainest first. The groups are year, month or name, day,
# week.
_SHAPES = (
    _shape(
        rf"{_YEAR}(?P<sep>[-/.]){_MONTH}(?P=sep){_DAY}(?:T[\d:.]{{2,15}}Z?)?",
    ),
    _shape(rf"{_YEAR}[年년]\s?{_MONTH}[月월](?:\s?{_DAY}[日일])?"),
    _shape(rf"{_YEAR}-?W(?P<week>[0-5]?\d)"),
    _shape(rf"{_WEEK}\s{{0,2}}(?:[,/]|of)?\s{{0,2}}{_YEAR}"),
    _shape(rf"{_YEAR},?\s{{0,2}}{_WEEK}"),
    _shape(
        rf"{_FROM}{_DAY}{_ORDINAL}[\s-]{{1,2}}(?:of\s|de\s)?{_ANY_NAME}"
        rf",?[\s-]{{1,2}}(?:de\s|del\s)?{_YEAR}"
    ),
    _shape(rf"{_NAME}\s{{1,2}}{_FROM}{_DAY}{_ORDINAL},?\s{{1,2}}{_YEAR}"),
    _shape(rf"{_YEAR}(?:\.|\sm\.)?[\s-]{_NAME}[\s-]{_DAY}"),
    _shape(rf"{_DAY}\.\s?{_MONTH}\.\s?{_YEAR}"),
    _shape(rf"{_NAME},?\s{{1,2}}(?:de\s)?{_YEAR}"),
    _shape(rf"{_YEAR}[-/](?P<month>0[1-9]|1[0-2])"),
)
# Besides these programs write: Korean software, asctime with or without a zone, digits
# alone.
_OF_PROGRAMS = (
    _shape(rf"{_YEAR}\.\s{_MONTH}\.\s{_DAY}"),
    _shape(rf"{_NAME}\s{{1,2}}{_DAY}\s[\d:]{{5,8}}(?:\s[+\w]\w{{0,5}})?\s{_YEAR}"),
    _shape(rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:\d{{4}}|\d{{6}}|T\w{{2,8}})?"),
)
# Only where an outer heading gave the year ("# 2023", then "## 3 August").
_WITHOUT_YEAR = (
    _shape(rf"{_FROM}{_DAY}{_ORDINAL}\s{{1,2}}(?:de\s)?{_NAME}"),
    _shape(rf"{_NAME}\s{{1,2}}{_FROM}{_DAY}{_ORDINAL}"),
    _shape(_WEEK),
)
_ONLY_MONTH = re.compile(rf"\A\W*{_NAME}\W*\Z", re.IGNORECASE)
_ONLY_YEAR = re.compile(rf"\W*{_YEAR}\W*")
# In what pages show beside an article and tell machines: whole dates alone.
_WHOLE_DATES = (
    _shape_anywhere(r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)"),
    _shape_anywhere(
        rf"{_YEAR}\s*[/.年년-]\s*(?P<month>\d\d?)\s*[/.月월-]\s*(?P<day>\d\d?)"
    ),
    _shape_anywhere(rf"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?{_YEAR}"),
    _shape_anywhere(
        rf"(?P<day>\d\d?)(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?{_ANY_NAME}"
        rf",?\s+(?:de\s+)?{_YEAR}"
    ),
    _shape_anywhere(
        rf"(?<![^\W\d_]){_ANY_NAME}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+{_YEAR}"
    ),
)
_ISO = re.compile(rf"{_YEAR}-(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d)")
_ISO_COMPACT = re.compile(rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:T|$)")
_IN_PATH = re.compile(
    rf"(?:^|[/_-]){_YEAR}[/_-](?P<month>\d\d)[/_-](?P<day>\d\d)(?=[/_.-]|$)"
)
_LOOKED_AT = 300  # characters; a date beyond them does not date the heading
_LONGEST_DATE_LINE = 80  # characters
EARLIEST = date(1970, 1, 1)  # earlier dates are those of clocks that were never set
# What may stand around a date in a line that is nothing but a date.
_FILLER = re.compile(
    r"\b(?:weeks?|of|the|from|to|until|through|and|bis|vom|von|zum|woche|semaine|du|au|le|ending|ended|on|am"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|links|notes|today|st|nd|rd|th|til|updated?|published|posted)\b|[\W_\d]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Context:
    """The year and language that a date is read in, where they are known."""

    year: int | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    day: date


def find_date(text: str, *, year: int | None = None, language: str = "") -> date | None:
    """Return the last day that a text names: of a range its end, of a week or a month
    its last day.

    ``year`` completes a day without one; ``language`` tells which month a name means.
    None where the text names no day (a bare year is none).
    """
    context = _Context(year, language)
    named = _named(text[:_LOOKED_AT], context)
    return max((found.day for found in named), default=None)


def find_day(text: str, *, language: str = "") -> date | None:
    """Return the first whole day that a text names in the forms of people or programs;
    a week or a month is none."""
    text, context = text[:_LOOKED_AT], _Context(language=language)
    for shape in (*_SHAPES, *_OF_PROGRAMS):
        for match in shape.finditer(text):
            day = _last_day(match, context)
            if day is not None and match.groupdict().get("day"):
                return day
    return None


def leading_date(text: str) -> date | None:
    """Return the day that a line begins with ("2023-08-12: …", "[3 Aug 2023] …")."""
    text = text[:_LOOKED_AT].lstrip(" \t\n([*_–—-")
    named = _named(text, _Context())
    return next((found.day for found in named if found.start == 0), None)


def find_year(text: str) -> int | None:
    """Return the year of a text that is nothing but a year."""
    found = _ONLY_YEAR.fullmatch(text[:_LOOKED_AT])
    if found:
        return int(found["year"])
    return None


def is_only_date(text: str) -> bool:
    """Say if a text is a date and nothing besides: a heading in all but markup."""
    if len(text) > _LONGEST_DATE_LINE or find_date(text) is None:
        return False
    for shape in (*_SHAPES, *_WITHOUT_YEAR):
        text = shape.sub(" ", text)
    # Nothing else may be left: a date that begins a sentence is no heading.
    return not _FILLER.sub("", text)


def machine_date(text: str) -> date | None:
    """Return the day of a machine-readable date such as ``2022-09-08T10:00:00-07:00``,
    in its own zone."""
    text = text.strip()
    return _believable(_ISO.match(text) or _ISO_COMPACT.match(text))


def first_date(text: str) -> date | None:
    """Return the first whole date in the first 300 characters of a page's text."""
    text = text[:_LOOKED_AT]
    if _ANY_YEAR.search(text) is None:
        return None
    found = next(filter(None, (shape.search(text) for shape in _WHOLE_DATES)), None)
    return _believable(found)


def date_in_path(path: str) -> date | None:
    """Return the first whole date in the path of an address."""
    return _believable(_IN_PATH.search(path))


def _named(text: str, context: _Context) -> list[_Found]:
    """Find every day in a text; a vaguer shape counts only where no plainer one has
    matched."""
    found: list[_Found] = []
    # Most texts have none, and the many names of months take their time.
    if context.year is None and _ANY_YEAR.search(text) is None:
        return found
    for shape in _SHAPES:
        found += _matches(shape, text, context)
        # A month or a week beside a whole date is part of it, or less exact.
        if found and "day" in shape.groupindex:
            return found
    if found or context.year is None:
        return found
    for shape in _WITHOUT_YEAR:
        found += _matches(shape, text, context)
    return found or list(_matches(_ONLY_MONTH, text, context))


def _matches(shape: re.Pattern[str], text: str, context: _Context) -> Iterator[_Found]:
    for match in shape.finditer(text):
        day = _last_day(match, context)
        if day is not None:
            yield _Found(match.start(), day)


def _last_day(match: re.Match[str], context: _Context) -> date | None:
    """Return the day, or the last one of the week or the month; None where there is no
    such day."""
    parts = match.groupdict()
    year = int(parts.get("year") or context.year or 0)
    # Both calendars refuse what is no day with a ValueError: the 31st of June, week 54,
    # the year 0.
    try:
        if parts.get("week"):
            return date.fromisocalendar(year, int(parts["week"]), 7)
        month = _month(parts, context.language)
        day = parts.get("day") or calendar.monthrange(year, month)[1]
        return date(year, month, int(day))
    except ValueError:
        return None


def _believable(match: re.Match[str] | None) -> date | None:
    """Return the day if there is such a day and a post can have been published on it."""
    if match is None:
        return None
    parts = match.groupdict()
    try:
        found = date(int(parts["year"]), _month(parts), int(parts["day"]))
    except ValueError:
        return None
    # The sun rises elsewhere first.
    latest = date.today() + timedelta(days=1)
    if EARLIEST <= found <= latest:
        return found
    return None


def _month(parts: dict[str, str], language: str = "") -> int:
    if name := parts.get("name"):
        return month_of(name, language)
    return int(parts["month"])
