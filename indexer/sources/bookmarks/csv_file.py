"""Bookmarks in a table with a line of names: CSV of Pocket, Instapaper, Raindrop and
others.

Told by the names of its columns; knows no service by name.
"""

from __future__ import annotations

import csv
import io

from indexer.sources.bookmarks.entry import MOST_BOOKMARKS, Bookmark, tags_of
from indexer.text.urls import is_web_address

_LOOKED_AT = 20_000  # characters: the names and the first lines
_LONGEST_FIELD = 1_000_000  # characters: highlights of a whole article may be in one
_DELIMITERS = (",", ";", "\t")
# Names of columns in lower case, of several the first that is there and says something.
_URL = ("url", "link", "href", "uri", "address", "website")
_TITLE = ("title", "name", "bookmark")
_WORDS = ("note", "notes", "comment", "description", "extended", "selection", "excerpt")
_FOLDER = ("folder", "collection", "list", "category", "section", "location", "status")
_ADDED = (
    "time_added", "created", "timestamp", "date_added", "added", "saved date", "saved_at", "created_at",
    "date", "time", "added_at",
)  # fmt: skip
_TAGS = ("tags", "labels", "tag", "document tags")
_FEWEST_NAMES = 2  # an address alone is no table of bookmarks


def is_bookmark_table(text: str) -> bool:
    """Tell a table of bookmarks by its first lines."""
    head = text[:_LOOKED_AT].lstrip("\ufeff")
    # Cheap: a line of names is no markup, and has the name of a column of addresses.
    first = head.partition("\n")[0]
    if "<" in first or not any(name in first.lower() for name in _URL):
        return False
    rows = _rows(head)
    return bool(rows) and is_web_address(_first(rows[0], _URL))


def read_bookmark_table(text: str) -> list[Bookmark]:
    """Return the bookmarks of a table, in their order."""
    return [
        Bookmark(
            url=_first(row, _URL),
            title=_first(row, _TITLE),
            folders=tuple(_first(row, _FOLDER).split("/")),
            added=_first(row, _ADDED),
            tags=tags_of(_first(row, _TAGS)),
            words=_first(row, _WORDS),
        )
        for row in _rows(text.lstrip("\ufeff"))
    ]


def _rows(text: str) -> list[dict[str, str]]:
    """Return the lines by the names of their columns; none where it is no table."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_LONGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
        if len(names) < _FEWEST_NAMES or set(_URL).isdisjoint(names):
            return []
        found: list[dict[str, str]] = []
        for line in lines:
            if len(found) >= MOST_BOOKMARKS:
                break
            found.append(dict(zip(names, line, strict=False)))
    except csv.Error:
        return []
    return [row for row in found if _first(row, _URL)]


def _first(row: dict[str, str], names: tuple[str, ...]) -> str:
    values = (row.get(name, "").strip() for name in names)
    return next(filter(None, values), "")
