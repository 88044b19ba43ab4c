"""The entries of a feed of results, whatever its format.

It asks nothing; markup is made of quotes here, and escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from markupsafe import Markup

from search.types import Article, Hit, HitPassage
from web.security import followable_on_web

# What has no day is older than anything that has: a reader must not take it for new.
NO_DAY = date(1970, 1, 1)

ReadHere = Callable[[str], str]
"""Gives the page that shows what is stored of the article at an address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a feed: ``id`` stays the same as long as its address does.

    ``link`` opens it, at the quote where there is one; ``html`` has the quotes, "" where
    none may be shown.
    """

    id: str
    link: str
    title: str
    site: str
    author: str
    dated: date
    html: str = ""

    @property
    def updated(self) -> str:
        """The day as RFC 3339 has a time."""
        return datetime.combine(self.dated, time(), UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: ``address`` is its own, which is its id too, ``home`` that of the page
    with the same results."""

    title: str
    address: str
    home: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> str:
        """The day of the newest entry."""
        return max((one.updated for one in self.entries), default=_START)


_START = Entry("", "", "", "", "", NO_DAY).updated


def hit_entries(hits: Iterable[Hit], read_here: ReadHere) -> tuple[Entry, ...]:
    """Return what was found, with its quotes."""
    return tuple(_hit_entry(hit, read_here) for hit in hits)


def article_entries(
    articles: Iterable[Article], read_here: ReadHere
) -> tuple[Entry, ...]:
    """Return articles, without a word of their text: nothing was asked of them."""
    return tuple(
        Entry(
            one.url,
            followable_on_web(one.url) or read_here(one.url),
            one.title or one.url,
            one.site or one.host,
            one.author,
            date.fromisoformat(one.dated) if one.dated else NO_DAY,
        )
        for one in articles
    )


def _hit_entry(hit: Hit, read_here: ReadHere) -> Entry:
    link = hit.url
    if hit.passages:
        link = hit.passages[0].url
    # No reader can open a file of this machine, and none should run a script.
    link = followable_on_web(link) or read_here(hit.url)
    # A link that was noted has the day of its note.
    noted = hit.note.noted if hit.note else None
    return Entry(
        hit.url,
        link,
        hit.title or hit.url,
        hit.site,
        hit.author,
        hit.published or noted or NO_DAY,
        _quotes(hit.passages),
    )


def _quotes(passages: Sequence[HitPassage]) -> str:
    return "\n".join(map(_quote, passages))


def _quote(passage: HitPassage) -> str:
    # Every text is escaped as it is put into its element.
    heading = Markup()
    if passage.heading:
        heading = Markup("<p><b>{}</b></p>").format(passage.heading)
    blocks = Markup().join(_blocks(passage))
    quote = Markup('<blockquote cite="{}">{}</blockquote>').format(passage.url, blocks)
    return heading + quote


def _blocks(passage: HitPassage) -> list[Markup]:
    # Blocks cover the text; a note has none.
    shown = [
        (passage.text[one.start : one.end], one.kind) for one in passage.blocks
    ] or [(passage.text, "paragraph")]
    parts = []
    for text, kind in shown:
        mark = Markup("<p>{}</p>")
        # Line breaks and spaces mean something there.
        if kind in ("code", "table", "math"):
            mark = Markup("<pre>{}</pre>")
        parts.append(mark.format(text))
    return parts
