"""Bookmarks in JSON: lists as Pinboard, linkding and Shaarli write them, and the trees of
Chrome's own file and Firefox's backup.

Told by their fields; knows no service by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from indexer.sources.bookmarks.entry import MOST_BOOKMARKS, Bookmark, tags_of
from indexer.text.urls import is_web_address

_URL = ("href", "url", "uri")
_TITLE = ("description", "title", "name")  # Pinboard calls the title so
_WORDS = ("extended", "notes", "note", "excerpt", "description")
_ADDED = ("time", "date_added", "dateAdded", "created", "time_added")
_CHILDREN = ("children", "roots", "results")
# Chrome counts microseconds from the first day of 1601.
_SECONDS_TO_1970 = 11_644_473_600
_CHROME_DIGITS = 17
# Beside the address of a bookmark one of these, so that no other JSON is taken for one.
_SIGNS = frozenset(
    {"toread", "shared", "dateAdded", "date_added", "extended", "unread"}
)


def is_bookmark_json(text: str) -> bool:
    """Tell bookmarks in JSON by the fields of the first one."""
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] not in ("[", "{") or not any(f'"{sign}"' in start for sign in _SIGNS):
        return False
    found = _walk(_loaded(start))
    return bool(found) and not _SIGNS.isdisjoint(found[0][0])


def read_bookmark_json(text: str) -> list[Bookmark]:
    """Return the bookmarks of such a file, in their order."""
    return [_bookmark(each, above) for each, above in _walk(_loaded(text))]


def _loaded(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _walk(root: Any) -> list[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Return all that has an address, each with the names above it; no recursion."""
    found: list[tuple[Mapping[str, Any], tuple[str, ...]]] = []
    waiting: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    while waiting and len(found) < MOST_BOOKMARKS:
        node, above = waiting.pop()
        if isinstance(node, list):
            waiting += [(each, above) for each in reversed(node)]
        elif isinstance(node, dict):
            if is_web_address(_text(node, _URL)):
                found.append((node, above))
                continue
            name = _text(node, ("name", "title"))
            inside = [node[key] for key in _CHILDREN if key in node]
            # Chrome's roots are named by their keys, and hold objects with names.
            inside = [
                list(each.values()) if isinstance(each, dict) else each
                for each in inside
            ]
            below = (*above, name) if name else above
            waiting += [(each, below) for each in reversed(inside)]
    return found


def _bookmark(node: Mapping[str, Any], above: tuple[str, ...]) -> Bookmark:
    title = _text(node, _TITLE)
    tags = node.get("tags", node.get("tag_names", ""))
    if isinstance(tags, str) and not {",", "|", "["}.intersection(tags):
        tags = tags.replace(" ", ",")  # Pinboard parts them so
    return Bookmark(
        url=_text(node, _URL),
        title=title,
        folders=above,
        added=_seconds(_text(node, _ADDED)),
        tags=tags_of(json.dumps(tags) if isinstance(tags, list) else str(tags)),
        words=_text(node, _WORDS),
    )


def _seconds(added: str) -> str:
    if len(added) == _CHROME_DIGITS and added.isdigit():
        return str(int(added) // 1_000_000 - _SECONDS_TO_1970)
    return added


def _text(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of these fields that says something."""
    for name in names:
        value = node.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    return ""
