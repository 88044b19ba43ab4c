"""Dates as pages write them, in the languages blogs are written in → days that can be
true."""

from __future__ import annotations

import re
from datetime import date, timedelta

EARLIEST = date(1970, 1, 1)

_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d?)-(\d\d?)(?!\d)")
_ISO_COMPACT = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)(?:T|\s*$)")
_SLASHED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*[/.年-]\s*(\d\d?)\s*[/.月-]\s*(\d\d?)(?!\d)"
)
_IN_ADDRESS = re.compile(
    r"(?:^|[/_-])((?:19|20)\d\d)[/_-](\d\d)[/_-](\d\d)(?=[/_.-]|$)"
)
_DOTTED = re.compile(r"(?<!\d)(\d\d?)\.\s?(\d\d?)\.\s?((?:19|20)\d\d)(?!\d)")

_MONTHS = {
    1: "january jan janvier janv januar jänner enero ene gennaio gen janeiro januari styczeń stycznia января",
    2: "february feb février févr februar febrero febbraio fevereiro fev februari luty lutego февраля",
    3: "march mar mars märz maerz marzo março maart mrt marzec marca марта",
    4: "april apr avril avr abril abr aprile kwiecień kwietnia апреля",
    5: "may mai mayo maggio mag maio mei maj maja мая",
    6: "june jun juin juni junio giugno giu junho czerwiec czerwca июня",
    7: "july jul juillet juil juli julio luglio lug julho lipiec lipca июля",
    8: "august aug août aout agosto ago augustus augusti sierpień sierpnia августа",
    9: "september sep sept septembre septiembre settembre set setembro wrzesień września сентября",
    10: "october oct octobre oktober okt octubre ottobre ott outubro out październik października октября",
    11: "november nov novembre noviembre novembro listopad listopada ноября",
    12: "december dec décembre déc dezember dez diciembre dic dicembre dezembro grudzień grudnia декабря",
}
_MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_YEAR = r"((?:19|20)\d\d)(?!\d)"
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d\d?)(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+)?"
    + _YEAR
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d\d?)(?:st|nd|rd|th)?,?\s+" + _YEAR)


def written_date(text: str) -> date | None:
    """The day of a machine-readable date such as ``2022-09-08T10:00:00-07:00``, in its
    own zone."""
    text = text.strip()
    found = _ISO.match(text) or _ISO_COMPACT.match(text)
    return _day(*found.groups()) if found else None


def first_date(text: str, *, in_address: bool = False) -> date | None:
    """The first full date in a short text (its first 300 characters) or in an address's
    path."""
    if in_address:
        found = _IN_ADDRESS.search(text)
        return _day(*found.groups()) if found else None
    text = text[:300]
    for pattern in (_ISO, _SLASHED):
        if found := pattern.search(text):
            return _day(*found.groups())
    if found := _DOTTED.search(text):
        return _day(found[3], found[2], found[1])
    for found in _DAY_MONTH.finditer(text):
        if month := _MONTH.get(found[2].lower()):
            return _day(found[3], month, found[1])
    for found in _MONTH_DAY.finditer(text):
        if month := _MONTH.get(found[1].lower()):
            return _day(found[3], month, found[2])
    return None


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    """The day, if there is such a day and a blog can have been written on it."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if EARLIEST <= found <= date.today() + timedelta(days=1) else None
