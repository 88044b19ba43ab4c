"""The fields that a post has of itself, in whatever form, and its time of publication.

Front matter, header lines and meta elements say the same things in different ways.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from indexer.local.walk import HTML
from indexer.text.dates import find_date
from indexer.text.front_matter import (
    FrontMatter,
    read_front_matter,
    read_headers,
    text_of,
)
from indexer.text.markup import root_of

HTML_ROOTS = ("html", "head", "body")
_HEAD = 20_000  # characters of a page in which its meta elements stand
_META = re.compile(
    r"""<meta\s+name\s*=\s*["']([\w-]+)["']\s+content\s*=\s*["']([^"']*)["']""", re.I
)
# Header lines count only with one of these: a letter may begin with "To: …".
_HEADERS = {"title", "date", "status", "tags", "category"}
# In reStructuredText the fields stand below the title, which is underlined.
_RST_TITLE = re.compile(
    r"\s*(?:([=\-~#*^])\1*\n)?(?P<title>\S[^\n]*)\n([=\-~#*^])\3{2,}\s*\n+"
)
# Names of the field, the commonest first: one software or theme each.
_DATE_FIELDS = (
    "date",
    "published",
    "publishdate",
    "pubdate",
    "publish_date",
    "date_published",
    "created",
    "created_at",
)
# 2019-05-03, 2019_05_03, 2019.05.03, 20190503 in a name, not within a number.
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0\d|1[0-2])\2([0-2]\d|3[01])(?!\d{1,3}(?!\d))"
)
# ISO 8601, and as Jekyll writes it: 2019-05-03 23:30:00 -0500.
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?",
    re.I,
)


def read_fields(text: str, ending: str) -> FrontMatter:
    """Return what a text says of itself, and the text without it."""
    if ending in HTML and root_of(text) in HTML_ROOTS:
        metas = _META.findall(text[:_HEAD])
        return FrontMatter({name.lower(): value for name, value in metas}, text)
    front = read_front_matter(text)
    if front.text != text or front.trouble:  # there was a block, be it empty
        return front
    headers = read_headers(_fields_first(text) if ending == ".rst" else text)
    if _HEADERS.isdisjoint(headers.about):
        return front
    return headers


def _fields_first(text: str) -> str:
    """The reStructuredText with its title as the first of its fields."""
    found = _RST_TITLE.match(text)
    if found is None:
        return text
    return f":title: {found['title']}\n{text[found.end() :]}"


def written_time(about: dict[str, Any], zone: str) -> datetime | None:
    """Return the moment that a post's fields name, as the clock of ``zone`` shows it.

    That is the day in the post's address. A moment without a zone, and any for zone "",
    is taken as it is written.
    """
    for field in _DATE_FIELDS:
        written = text_of(about, field)
        try:
            moment = _parse_time(written, zone)
        except ValueError:  # no such day or hour
            continue
        if moment is not None:
            return moment
    return None


def _parse_time(written: str, zone: str) -> datetime | None:
    found = _TIME.match(written)
    if found is None:
        day = find_date(written)
        if day:
            return datetime(day.year, day.month, day.day)
        return None
    *numbers, seconds, offset = found.groups()
    year, month, day_number, hour, minute = map(int, numbers)
    moment = datetime(year, month, day_number, hour, minute, int(seconds or 0))
    if offset and zone:
        return _in_zone(moment, offset, zone)
    return moment


def _in_zone(moment: datetime, written: str, zone: str) -> datetime:
    """A moment with a written offset as the clock of the zone shows it."""
    # "Z", "+02:00" or "+0200".
    offset = timedelta()
    if written.upper() != "Z":
        offset = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    if written.startswith("-"):
        offset = -offset
    try:
        in_utc = (moment - offset).replace(tzinfo=UTC)
        return in_utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, KeyError, OSError, OverflowError):  # no such zone
        return moment


def time_of_path(path: str) -> datetime | None:
    """Return the day in the file's name, else in that of its folder, else that of the
    folders as year, month and day."""
    *folders, name = path.rpartition(".")[0].split("/")
    # The nearer to the file, the surer: "2019/notes/2020-01-02.md".
    for text in (name, *folders[-1:], "-".join(folders[-3:])):
        found = _DAY.search(text)
        if found is None:
            continue
        year, _, month, day = found.groups()
        try:
            return datetime(int(year), int(month), int(day))
        except ValueError:  # the 31st of February
            continue
    return None
