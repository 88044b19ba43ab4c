"""The links of a file of bookmarks, whatever its format: the one entry to this package.

Knows no pages: a page of links that a person wrote is ``link_pages``'s.
"""

from __future__ import annotations

from indexer.sources.bookmarks.csv_file import is_bookmark_table, read_bookmark_table
from indexer.sources.bookmarks.entry import link_entries
from indexer.sources.bookmarks.html_file import is_bookmark_page, read_bookmark_page
from indexer.sources.bookmarks.json_file import is_bookmark_json, read_bookmark_json
from indexer.sources.link_lines import LinkEntry, collapse_spaces


def is_bookmarks(text: str) -> bool:
    """Tell a file of bookmarks by its form, whatever it is called."""
    kinds = (is_bookmark_page, is_bookmark_table, is_bookmark_json)
    return any(is_of_kind(text) for is_of_kind in kinds)


def read_bookmarks(text: str) -> tuple[str, tuple[LinkEntry, ...]]:
    """Return the title of such a file, "" where it has none, and its links."""
    if is_bookmark_page(text):
        title, bookmarks = read_bookmark_page(text)
        return collapse_spaces(title), link_entries(bookmarks)
    if is_bookmark_table(text):
        return "", link_entries(read_bookmark_table(text))
    return "", link_entries(read_bookmark_json(text))
