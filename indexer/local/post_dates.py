"""When a post was published, by its front matter and by its name. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from indexer.text.dates import find_date
from indexer.text.front_matter import text_of

_DATES = (
    "date", "published", "publishdate", "pubdate", "publish_date", "date_published", "created", "created_at",
)  # fmt: skip
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0\d|1[0-2])\2([0-2]\d|3[01])(?!\d{1,3}(?!\d))"
)
_TIME = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})[T ]+(\d{1,2}:\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.I,
)


def time_said(about: dict[str, Any], wanted: str) -> datetime | None:
    """The moment that front matter names; where it says in which zone, as the clock of
    zone ``wanted`` shows it ("": as it is written), for that is the day in the post's
    address."""
    for key in _DATES:
        written = text_of(about, key)
        found = _TIME.match(written)
        try:
            if found is not None:
                day, clock, seconds, zone = found.groups()
                year, month, number = (int(part) for part in day.split("-"))
                hour, minute = (int(part) for part in clock.split(":"))
                moment = datetime(year, month, number, hour, minute, int(seconds or 0))
                return _in_zone(moment, zone or "", wanted)
        except ValueError:
            continue
        day_ = find_date(written) if written else None
        if day_ is not None:
            return datetime(day_.year, day_.month, day_.day)
    return None


def _in_zone(moment: datetime, zone: str, wanted: str) -> datetime:
    """``moment``, written for ``zone`` ("" unsaid), as the clock of the wanted zone
    shows it."""
    if not zone or not wanted:
        return moment
    offset = timedelta()
    if zone.upper() != "Z":
        sign = -1 if zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    try:
        return (
            (moment - offset)
            .replace(tzinfo=UTC)
            .astimezone(ZoneInfo(wanted))
            .replace(tzinfo=None)
        )
    except (ValueError, KeyError, OSError, OverflowError):
        return moment


def time_of_name(path: str) -> datetime | None:
    """The day in the file's name, else in that of its folder or of the folders as year,
    month and day."""
    *folders, name = path.rpartition(".")[0].split("/")
    for text in (name, *folders[-1:], "-".join(folders[-3:])):
        found = _DAY.search(text)
        if found is not None:
            try:
                return datetime(int(found[1]), int(found[3]), int(found[4]))
            except ValueError:
                continue
    return None
