"""The days and times of a feed's items, read from what the feed wrote.

A parser's reading counts only as far as the text says the same: feedparser fills what it
does not understand from today's date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from indexer.text.dates import find_day
from indexer.text.month_names import NAMES, folded, month_of

# The first day of 1970 is what unset clocks say.
_EPOCH_DAY = datetime(1970, 1, 2, tzinfo=UTC)
# Scheduled posts and wrong clocks stay; a time further ahead is a mistake.
_AHEAD = timedelta(days=366)
_ONE_DAY = timedelta(days=1)  # the most that time zones part a day and its moment
_LONGEST = 300  # characters of a date that are looked at
_NUMBERED = re.compile(r"(?<!\d)(\d\d?)([/-])(\d\d?)\2((?:19|20)\d\d)(?!\d)")
# Where a month is written first (CLDR, the "yMd" of its languages and regions).
_MONTH_FIRST = frozenset({"en", "en-us", "en-ph", "fil", "fil-ph"})
_MONTHS = 12
# Seconds or milliseconds since 1970, of this century.
_SINCE_1970 = re.compile(r"([1-9]\d{9})(\d{3})?(?:\.\d{1,9})?")
_MONTH_ALONE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")
_NUMBER = re.compile(r"\d{1,4}")
_WORD = re.compile(r"[^\W\d_]{2,20}")


def latest_credible(now: datetime | None) -> datetime:
    """Return the latest time that a feed of today may name."""
    return (now or datetime.now(UTC)) + _AHEAD


@dataclass(frozen=True, slots=True)
class FeedDates:
    """The reading of one feed's dates.

    ``latest`` is the latest credible time, ``language`` the feed's, "" unsaid.
    ``day_first`` tells how 3/4/2020 is meant, None where nothing does.
    """

    latest: datetime
    language: str = ""
    day_first: bool | None = None

    @classmethod
    def of(cls, written: Iterable[str], *, language: str, latest: datetime) -> Self:
        """Learn from all dates of a feed how they are meant, then from its language."""
        numbered = [_NUMBERED.search(text[:_LONGEST]) for text in written]
        pairs = [(int(found[1]), int(found[3])) for found in numbered if found]
        says_day = any(first > _MONTHS for first, _ in pairs)
        says_month = any(second > _MONTHS for _, second in pairs)
        day_first: bool | None = None
        if says_day != says_month:
            day_first = says_day
        elif language:
            day_first = language.lower().replace("_", "-") not in _MONTH_FIRST
        return cls(latest, language, day_first)

    def moment(self, written: str, parsed: datetime | None) -> datetime | None:
        """Return when that was, the beginning of its day where no more is sure.

        ``parsed`` is a parser's reading of it; None comes out where the text says
        nothing credible.
        """
        written = written.strip()[:_LONGEST]
        if since := _SINCE_1970.fullmatch(written):
            return self.credible(datetime.fromtimestamp(int(since[1]), UTC))
        day = self._day(written)
        if parsed is not None and self._agrees(parsed, day, written):
            return self.credible(parsed)
        if day is None:
            return None
        return self.credible(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def local_day(self, written: str, moment: datetime | None) -> date | None:
        """Return the calendar day of a moment where the author was, as it was
        written."""
        if moment is None:
            return None
        # In UTC a post of the late evening falls on another day.
        day = self._day(written.strip()[:_LONGEST])
        if day is None or abs(day - moment.date()) > _ONE_DAY:
            return moment.date()
        return day

    def credible(self, moment: datetime) -> datetime | None:
        """Return a moment unless it is absurd."""
        if _EPOCH_DAY <= moment <= self.latest:
            return moment
        return None

    def _day(self, written: str) -> date | None:
        numbered = _NUMBERED.search(written)
        if numbered is None:
            return find_day(written, language=self.language)
        day, month, year = int(numbered[1]), int(numbered[3]), int(numbered[4])
        if self.day_first is None and max(day, month) <= _MONTHS and day != month:
            return None
        if month > _MONTHS or (self.day_first is False and day <= _MONTHS):
            day, month = month, day
        try:
            return date(year, month, day)
        except ValueError:
            return None

    def _agrees(self, parsed: datetime, day: date | None, written: str) -> bool:
        """Tell whether a parser's reading is what the text says."""
        if day is not None:
            return abs(day - parsed.date()) <= _ONE_DAY
        if _MONTH_ALONE.fullmatch(written):
            return True  # its first day stands for it
        if _NUMBERED.search(written):
            return False  # it is not known how that is meant
        numbers = {int(number) for number in _NUMBER.findall(written)}
        months = {
            month_of(word, self.language)
            for word in _WORD.findall(written)
            if folded(word) in NAMES
        }
        # The moment is in UTC, the text in some zone.
        near = (parsed.date() + _ONE_DAY * days for days in (0, -1, 1))
        return any(_is_written(each, numbers, months) for each in near)


def _is_written(day: date, numbers: set[int], months: set[int]) -> bool:
    """Tell whether day, month and year are among the numbers and names of a text."""
    has_month = day.month in months or (not months and day.month in numbers)
    has_year = not numbers.isdisjoint({day.year, day.year % 100})
    return day.day in numbers and has_month and has_year
