"""A feed and its items as they are read, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from search.errors import BlogsearchError


class FeedError(BlogsearchError):
    """These bytes are no feed that can be read."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item. Its HTML is as the author wrote it: never to be shown as markup.

    ``url`` is absolute; ``title`` and ``author`` are plain text; ``summary`` and
    ``content`` are HTML, ``content`` the fullest of what the item gives. Times are in
    UTC; ``published`` is None where the feed says nothing credible, even if ``updated``
    is known. ``day`` is the calendar day of publication, else of the last change, where
    the author was: in UTC a post of the late evening falls on another day.
    ``language`` is what the item itself declares, which is often wrong. ``about`` are
    the pages that it says it is about, ``base`` completes the addresses in its HTML;
    ``linked`` is the page of another site that a linkblog's entry leads to; ``tags`` are its categories.
    """

    url: str
    id: str = ""
    title: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    content: str = ""
    language: str = ""
    day: date | None = None
    about: tuple[str, ...] = ()
    base: str = ""
    linked: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; texts are "" where it does not say.

    ``url`` is the site's home, ``self_url`` the feed's own address. ``next_url`` and
    ``prev_archive`` lead to older items (RFC 5005, JSON Feed); ``complete`` says that
    there are none. ``generator`` names the software. ``unplaced`` are the items in
    which nothing says where they can be opened; ``left_out`` counts those beyond the
    newest MOST_ITEMS.
    """

    title: str = ""
    url: str = ""
    self_url: str = ""
    language: str = ""
    author: str = ""
    items: tuple[FeedItem, ...] = field(default=(), repr=False)
    next_url: str = ""
    prev_archive: str = ""
    complete: bool = False
    unplaced: tuple[FeedItem, ...] = field(default=(), repr=False)
    generator: str = ""
    left_out: int = 0

    @property
    def without_address(self) -> int:
        """Count the items in which nothing says where they can be opened."""
        return len(self.unplaced)
