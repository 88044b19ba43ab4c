"""Days as people type them: a year, a month or a day.

Knows no question; dates in texts are indexer/text/dates.py's.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from search.errors import QueryError

_DAY = re.compile(r"([12]\d{3})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")


def first_day(name: str, text: str) -> date:
    """Return the first day that counts for after:… Raises QueryError "bad-date"."""
    day = parse_day(text)
    if day is None:
        raise QueryError(
            "bad-date",
            f"{name}:{text} is no date; write a year, a month or a day: 2021, 2021-05, 2021-05-03.",
        )
    return day


def last_day(name: str, text: str) -> date:
    """Return the last day that counts for before:…, the eve of what it names. Raises
    QueryError "bad-date"."""
    return first_day(name, text) - timedelta(days=1)


def parse_day(text: str) -> date | None:
    """Return the first day of a year, a month or a day ("2021", "2021-05",
    "2021-05-03").

    None for anything else, also for days that no calendar has.
    """
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    # What is not named is the first: of a year its January, of a month its first day.
    year, month, day = found.groups(default="1")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
