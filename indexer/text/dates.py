"""Days as people write them in headings and beside links: several languages, ranges,
weeks. Pure.

A general parser makes a day out of nearly any text ("Chapter 3"); here only what is
plainly a date counts, so that a section called "May we go on?" stays without one.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    # English, German, French, Spanish, Italian, Portuguese, Dutch; no short form that
    # is a common English word ("data set 2023", "it ran out 2023")
    1: "january januar jänner janvier enero gennaio janeiro januari jan janv ene",
    2: "february februar février fevrier febrero febbraio fevereiro februari feb févr fev fév",
    3: "march märz maerz mars marzo março maart mar mär mrz mrt",
    4: "april avril abril aprile apr avr abr",
    5: "may mai mayo maggio maio mei",
    6: "june juni juin junio giugno junho jun giu",
    7: "july juli juillet julio luglio julho jul juil lug",
    8: "august août aout agosto augustus aug",
    9: "september septembre septiembre settembre setembro sep sept",
    10: "october oktober octobre octubre ottobre outubro oct okt ott",
    11: "november novembre noviembre novembro nov",
    12: "december dezember décembre decembre diciembre dicembre dezembro dec dez déc dic",
}
_MONTH_OF = {
    word: number for number, words in _MONTHS.items() for word in words.split()
}
_NAME = r"(?P<word>" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\.?"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|°)?"
_WEEK = r"(?:week|woche|kw|semaine)\s{0,2}(?P<week>[0-5]?\d)"
# "3 - 9 August 2023", "August 3–9, 2023": the first day of a range within one month is
# passed over.
_FROM = r"(?:\d{1,2}" + _ORDINAL + r"\s{0,2}(?:-|–|—|to|bis|au)\s{0,2})?"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(r"(?<![\w/.-])" + pattern + r"(?!\w)", re.IGNORECASE)


# The plainest first; each names what it finds: year, month (as number or word), day,
# week.
_SHAPES = (
    _shape(
        _YEAR
        + r"(?P<sep>[-/.])"
        + _MONTH
        + r"(?P=sep)"
        + _DAY
        + r"(?:T[\d:.]{2,15}Z?)?"
    ),
    _shape(_YEAR + r"年\s?" + _MONTH + r"月(?:\s?" + _DAY + r"日)?"),
    _shape(_YEAR + r"-?W(?P<week>[0-5]?\d)"),
    _shape(_WEEK + r"\s{0,2}(?:[,/]|of)?\s{0,2}" + _YEAR),
    _shape(_YEAR + r",?\s{0,2}" + _WEEK),
    _shape(
        _FROM
        + _DAY
        + _ORDINAL
        + r"[\s-]{1,2}(?:of\s|de\s)?"
        + _NAME
        + r",?[\s-]{1,2}(?:de\s|del\s)?"
        + _YEAR
    ),
    _shape(_NAME + r"\s{1,2}" + _FROM + _DAY + _ORDINAL + r",?\s{1,2}" + _YEAR),
    _shape(_YEAR + r"[\s-]" + _NAME + r"[\s-]" + _DAY),
    _shape(_DAY + r"\.\s?" + _MONTH + r"\.\s?" + _YEAR),
    _shape(_NAME + r",?\s{1,2}(?:de\s)?" + _YEAR),
    _shape(_YEAR + r"[-/](?P<month>0[1-9]|1[0-2])"),
)
# Only where an outer heading gave the year ("# 2023", then "## 3 August").
_WITHOUT_YEAR = (
    _shape(_FROM + _DAY + _ORDINAL + r"\s{1,2}(?:de\s)?" + _NAME),
    _shape(_NAME + r"\s{1,2}" + _FROM + _DAY + _ORDINAL),
    _shape(_WEEK),
)
_ONLY_MONTH = re.compile(r"\W*" + _NAME + r"\W*", re.IGNORECASE)
_ONLY_YEAR = re.compile(r"\W*" + _YEAR + r"\W*")
_LOOKED_AT = 300  # characters; a date beyond them does not date the heading
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
class _Found:
    start: int
    day: date


def find_day(text: str, *, year: int | None = None) -> date | None:
    """The last day that the text names: of a range its end, of a week or a month its
    last day.

    ``year`` completes a day without one. None where the text names no day (a bare year
    is none).
    """
    return max((found.day for found in _all(text[:_LOOKED_AT], year)), default=None)


def leading_day(text: str) -> date | None:
    """The day a line begins with ("2023-08-12: …", "[3 Aug 2023] …"), None where it
    begins otherwise."""
    text = text[:_LOOKED_AT].lstrip(" \t\n([*_–—-")
    return next((found.day for found in _all(text, None) if found.start == 0), None)


def find_year(text: str) -> int | None:
    """The year of a text that is nothing but a year."""
    found = _ONLY_YEAR.fullmatch(text[:_LOOKED_AT])
    return int(found["year"]) if found else None


def is_only_date(text: str) -> bool:
    """Whether the text is a date and nothing besides: a heading in all but markup."""
    if len(text) > 80 or find_day(text) is None:
        return False
    for shape in (*_SHAPES, *_WITHOUT_YEAR):
        text = shape.sub(" ", text)
    return not _FILLER.sub("", text)


def _all(text: str, year: int | None) -> list[_Found]:
    """Every day in the text; a vaguer shape counts only where no plainer one has
    matched."""
    found: list[_Found] = []
    for shape in _SHAPES:
        found += _matches(shape, text, year)
        if found and "day" in shape.groupindex:
            break
    if year is None or found:
        return found
    for shape in _WITHOUT_YEAR:
        found += _matches(shape, text, year)
    whole = _ONLY_MONTH.fullmatch(text)
    if not found and whole and (day := _day_of(whole, year)):
        found.append(_Found(0, day))
    return found


def _matches(shape: re.Pattern[str], text: str, year: int | None) -> list[_Found]:
    matches = ((match.start(), _day_of(match, year)) for match in shape.finditer(text))
    return [_Found(start, day) for start, day in matches if day]


def _day_of(match: re.Match[str], year: int | None) -> date | None:
    parts = match.groupdict()
    of_year = int(parts["year"]) if parts.get("year") else year
    if of_year is None:
        return None
    try:
        if parts.get("week"):
            return date.fromisocalendar(of_year, int(parts["week"]), 7)
        month = (
            int(parts["month"])
            if parts.get("month")
            else _MONTH_OF[parts["word"].lower()]
        )
        day = (
            int(parts["day"])
            if parts.get("day")
            else calendar.monthrange(of_year, month)[1]
        )
        return date(of_year, month, day)
    except ValueError:
        return None
