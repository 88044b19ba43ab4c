"""The entries of a feed of results, whatever its format.

It asks nothing; markup is made of quotes here, and escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from markupsafe import Markup

from search.types import Article, Hit, HitPassage

# What has no day is older than anything that has: a reader must not take it for new.
NO_DAY = date(1970, 1, 1)

LinkOf = Callable[[str, str], str]
"""From the address that opens an article, at its quote if it has one, and the article's
own, to the link of its entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a feed: ``id`` stays the same as long as its address does.

    ``link`` opens it, at the quote where there is one; ``html`` has the quotes, "" where
    none may be shown. ``noted`` is the time when it was found to be new, ISO 8601 in
    UTC, "" in results.
    """

    id: str
    link: str
    title: str
    site: str
    author: str
    dated: date
    html: str = ""
    noted: str = ""

    @property
    def updated(self) -> str:
        """The time when it was noted, else its day, as RFC 3339 has a time."""
        return self.noted or self.day

    @property
    def day(self) -> str:
        """Its day as RFC 3339 has a time."""
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


def hit_entries(hits: Iterable[Hit], link_of: LinkOf) -> tuple[Entry, ...]:
    """Return what was found, with its quotes."""
    return tuple(hit_entry(hit, link_of) for hit in hits)


def article_entries(articles: Iterable[Article], link_of: LinkOf) -> tuple[Entry, ...]:
    """Return articles, without a word of their text: nothing was asked of them."""
    return tuple(
        Entry(
            one.url,
            link_of(one.url, one.url),
            one.title or one.url,
            one.site or one.host,
            one.author,
            date.fromisoformat(one.dated) if one.dated else NO_DAY,
        )
        for one in articles
    )


def hit_entry(hit: Hit, link_of: LinkOf) -> Entry:
    """Return an article that was found, with its quotes."""
    link = hit.url
    if hit.passages:
        link = hit.passages[0].url
    # A link that was noted has the day of its note.
    noted = hit.note.noted if hit.note else None
    return Entry(
        hit.url,
        link_of(link, hit.url),
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
