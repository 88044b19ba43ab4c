"""Bookmarks in HTML: the Netscape format that browsers, Pinboard, Raindrop and linkding
write, and the lists of Pocket and Instapaper.

Reads nothing but links, folders and descriptions; is no reader of pages.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from indexer.sources.bookmarks.entry import MOST_BOOKMARKS, Bookmark, tags_of

_LOOKED_AT = 4_000  # characters in which a file says what it is
_DOCTYPE = re.compile(r"<!doctype\s+netscape-bookmark-file", re.IGNORECASE)
# A list of links each of which has the time at which it was added.
_DATED_LINK = re.compile(
    r"<(?:li|dt)\b[^<>]*>\s*<a\s[^<>]{0,4000}?\b(?:add_date|time_added)\s*=",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title>\s*(?:instapaper|pocket)\b[^<]*\bexport", re.IGNORECASE)
_TIMES = ("add_date", "time_added", "last_modified")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LISTS = ("dl", "ul", "ol")
# Their beginnings end a description, which has no end tag.
_ENDS_WORDS = ("dt", "dl", "ul", "ol", "li", "a", *_HEADINGS)
# linkding puts these around what is the user's own.
_NOTES = re.compile(r"\[/?linkding-notes\]")


def is_bookmark_page(text: str) -> bool:
    """Tell bookmarks in HTML by their form."""
    head = text[:_LOOKED_AT]
    signs = (_DOCTYPE, _DATED_LINK, _TITLE)
    return any(sign.search(head) for sign in signs)


def read_bookmark_page(text: str) -> tuple[str, list[Bookmark]]:
    """Return the file's title and its bookmarks, in their order."""
    reader = _Reader(title_level="h1" if _DOCTYPE.search(text[:_LOOKED_AT]) else "")
    reader.feed(text)
    reader.close()
    return reader.title, reader.finished()


class _Reader(HTMLParser):
    """Collects bookmarks; a heading names the folder of the list that follows it.

    ``title_level`` is the heading that is the file's title, "" where none is.
    """

    def __init__(self, *, title_level: str) -> None:
        super().__init__()
        self.title = ""
        self._title_level = title_level
        self._folders: list[str] = []  # one a list that is open
        self._heading = ""  # of the next list
        self._found: list[dict[str, str]] = []
        self._above: list[tuple[str, ...]] = []
        self._into = ""  # what the text belongs to

    def finished(self) -> list[Bookmark]:
        """Return what was collected."""
        pairs = zip(self._found, self._above, strict=True)
        return [
            Bookmark(
                url=each["href"],
                title=each.get("text", ""),
                folders=above,
                added=next(filter(None, map(each.get, _TIMES)), "") or "",
                tags=tags_of(each.get("tags", "")),
                words=_NOTES.sub(" ", each.get("words", "")),
            )
            for each, above in pairs
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ENDS_WORDS:
            self._into = ""
        if tag in _HEADINGS and tag != self._title_level:
            self._heading, self._into = "", "heading"
        elif tag in _LISTS:
            self._folders.append(self._heading.strip())
            self._heading = ""
        elif tag == "title":
            self._into = "title"
        elif tag == "dd":
            self._into = "words"
        elif tag == "a" and len(self._found) < MOST_BOOKMARKS:
            said = {name: value or "" for name, value in attrs}
            if said.get("href"):
                self._found.append(said | {"text": "", "words": ""})
                self._above.append(tuple(filter(None, self._folders)))
                self._into = "text"

    def handle_endtag(self, tag: str) -> None:
        if tag in _LISTS and self._folders:
            self._folders.pop()
        if tag in ("a", "title", "dd", *_HEADINGS, *_LISTS):
            self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into == "heading":
            self._heading += data
        elif self._into == "title":
            self.title += data
        elif self._into and self._found:
            self._found[-1][self._into] += data
