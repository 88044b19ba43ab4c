"""The steps that all makers of permalinks share: a post's facts, slugs, patterns.

Built-in patterns and the common placeholders are followed. A pattern with any other
placeholder gives no address: the post then opens as its file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_ ]?")

# Placeholder → strftime. The rarer ones (weeks, weekdays, clock times, names of
# months) are left out: no default uses them.
_DATE_FORMATS = {
    "year": "%Y",
    "short_year": "%y",
    "month": "%m",
    "day": "%d",
}
# The same without leading zeros.
_SHORT_FORMATS = {"i_month": "%m", "i_day": "%d"}
# Letters that Unicode does not decompose into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class PostFacts:
    """The facts that a post's address is made of. ``path`` is below the site's root;
    ``about`` its front matter; ``time`` in the site's zone."""

    path: str
    about: dict[str, Any]
    title: str = ""
    time: datetime | None = None

    @property
    def folders(self) -> list[str]:
        return self.path.split("/")[:-1]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.rpartition("/")[2].rpartition(".")[0]

    @property
    def undated_name(self) -> str:
        return without_date(self.name)


def without_date(name: str) -> str:
    """Return a name without the day in it, unless it is nothing but a day."""
    return DATED_NAME.sub("", name, count=1) or name


def slug_of(text: str) -> str:
    """Return letters and digits in lower case, a hyphen for every run of others."""
    # "\w" has the underscore among the letters.
    return re.sub(r"[^\w]+|_+", "-", text.strip().lower()).strip("-")


def ascii_slug(text: str) -> str:
    """Return a slug with letters in ASCII where there is one that is like them."""
    text = text.strip().lower().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", text)
    # The marks are left out: "é" becomes "e".
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = re.sub(r"[^\w\s-]", "", bare)
    return re.sub(r"[^\w]+", "-", words).strip("-")


def fill_pattern(pattern: str, values: Mapping[str, str], time: datetime | None) -> str:
    """Fill the ``:placeholders`` of a pattern; one that can't be filled stays."""
    values = {**values, **_date_values(time)}
    # The longest first, so that ":year" does not begin ":yearday".
    names = "|".join(sorted(values, key=len, reverse=True))
    return re.sub(rf":({names})(?![a-z])", lambda found: values[found[1]], pattern)


def _date_values(time: datetime | None) -> dict[str, str]:
    if time is None:
        return {}
    values = {name: time.strftime(form) for name, form in _DATE_FORMATS.items()}
    for name, form in _SHORT_FORMATS.items():
        values[name] = time.strftime(form).lstrip("0")
    return values
