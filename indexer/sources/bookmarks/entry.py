"""One bookmark as browsers and read-later services export it, and as a link with a note.

Knows no format.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from indexer.sources.link_lines import LONGEST_NOTE, LinkEntry, collapse_spaces
from indexer.text.dates import find_day
from indexer.text.urls import is_web_address, resolve

MOST_BOOKMARKS = 50_000  # of one file
# Seconds of this century in ten digits; browsers write milli- and microseconds too.
_SECONDS = re.compile(r"(\d{9,10})(?:\d{3}|\d{6})?(?:\.\d{1,9})?")
_BETWEEN_TAGS = re.compile(r"[|,;]")
_ENDS = ".!?…:。！？"


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A bookmark; texts are as written, "" where nothing is said.

    ``folders`` are the names above it, outermost first; ``added`` is a time in any
    form, ``tags`` the names of its tags.
    """

    url: str
    title: str = ""
    folders: tuple[str, ...] = ()
    added: str = ""
    tags: tuple[str, ...] = ()
    words: str = ""


def link_entries(bookmarks: list[Bookmark]) -> tuple[LinkEntry, ...]:
    """Return the bookmarks that lead to a page on the web as links, in their order."""
    entries: list[LinkEntry] = []
    for bookmark in bookmarks[:MOST_BOOKMARKS]:
        # Browsers keep scripts, queries and their own pages among them.
        url = resolve("", bookmark.url) if is_web_address(bookmark.url) else None
        if url is not None:
            entries.append(_entry(bookmark, url, len(entries)))
    return tuple(entries)


def _entry(bookmark: Bookmark, url: str, position: int) -> LinkEntry:
    title = collapse_spaces(bookmark.title)[:LONGEST_NOTE]
    folders = filter(None, map(collapse_spaces, bookmark.folders))
    return LinkEntry(
        url,
        title,
        note_of(title or url, bookmark)[:LONGEST_NOTE],
        " › ".join(folders),
        day_of(bookmark.added),
        position,
        listed=True,
        tags=bookmark.tags,
    )


def note_of(title: str, bookmark: Bookmark) -> str:
    """Return the title, what the person wrote and the tags, in one line."""
    parts = [title]
    words = collapse_spaces(bookmark.words)
    if words and words != title:
        separator = " " if title.endswith(tuple(_ENDS)) else ": "
        parts += [separator, words]
    if bookmark.tags:
        parts += [" (", ", ".join(bookmark.tags), ")"]
    return "".join(parts)


def day_of(added: str) -> date | None:
    """Return the day of a time in seconds since 1970 (also milli- and microseconds), or
    as people and programs write it."""
    found = _SECONDS.fullmatch(added.strip())
    if found is None:
        return find_day(added)
    seconds = int(found[1])
    if seconds == 0:
        return None
    return datetime.fromtimestamp(seconds, UTC).date()


def tags_of(written: str) -> tuple[str, ...]:
    """Return the tags of a field, parted by bars, commas or semicolons, or a JSON list
    of them."""
    names: list[object] = []
    if written.lstrip().startswith("["):
        try:
            names = [*json.loads(written)]
        except (ValueError, TypeError, RecursionError):
            written = written.strip("[] ")
    texts = [str(name) for name in names] or _BETWEEN_TAGS.split(written)
    return tuple(filter(None, map(collapse_spaces, texts)))
