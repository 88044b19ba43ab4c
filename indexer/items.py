"""A source's document → the items it lists, in the one form that the rest of the run knows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from indexer.feeds import Feed, parse_feed
from indexer.fetch import Page
from indexer.files import is_beside, is_file
from indexer.ledger import Item, SourceRecord
from indexer.linkpages import LinkEntry, parse_link_page
from indexer.urls import canonical
from indexer.workers import Workers
from search.types import Note


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source says of itself, and the items that it lists, one an address.

    ``leads``: what a feed says of where its older items are, by name of Feed's fields.
    """

    title: str
    home: str
    items: tuple[Item, ...]
    leads: dict[str, str] = field(default_factory=dict)


def list_items(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    """Read a source's page; raises FeedError, LinkPageError or ParseError with the reason."""
    if source.kind == "article":
        return Listing(source.title, "", (Item(url=canonical_of(source.url)),))
    if source.kind == "linkpage":
        found = workers.run(
            parse_link_page, page.body, page.final_url, content_type=page.content_type, charset=page.charset
        )
        return Listing(found.title, page.final_url, tuple(_linked(found.entries)))
    feed = workers.run(parse_feed, page.body, page.final_url, content_type=page.content_type)
    return Listing(feed.title, feed.url, tuple(_entries(feed, source.url)), _leads(feed))


def _leads(feed: Feed) -> dict[str, str]:
    said = {
        "next_url": feed.next_url,
        "prev_archive": feed.prev_archive,
        "complete": "yes" if feed.complete else "",
        "generator": feed.generator,
    }
    return {name: value for name, value in said.items() if value}


def item_hash(item: Item) -> str:
    """Changes when the source says something else of the item."""
    return hashlib.sha256(json.dumps(asdict(item), ensure_ascii=False).encode()).hexdigest()


def notes_of(items: list[tuple[Item, SourceRecord]]) -> tuple[Note, ...]:
    """The notes that link pages have beside an address, newest first."""
    notes = [
        Note(text, anchor, section, date.fromisoformat(noted) if noted else None, source.url, position)
        for item, source in items
        for text, anchor, section, noted, position in item.notes
    ]
    return tuple(
        sorted(notes, key=lambda n: (n.noted.toordinal() if n.noted else 0, -n.position), reverse=True)
    )


def canonical_of(url: str) -> str:
    """The identity of an address; a local file's is its own."""
    return url if is_file(url) else canonical(url)


def _entries(feed: Feed, source: str) -> list[Item]:
    items: dict[str, Item] = {}
    for entry in feed.items:
        if is_file(entry.url) and not is_beside(entry.url, source):
            continue  # a feed has no business naming files elsewhere on this machine
        day = entry.day or (entry.published.date() if entry.published else None)
        item = Item(
            url=canonical_of(entry.url),
            title=entry.title,
            author=entry.author or feed.author,
            published=day.isoformat() if day else "",
            updated=entry.updated.isoformat() if entry.updated else "",
            content=entry.content or entry.summary,
            site=feed.title,
            language=entry.language or feed.language,
        )
        items.setdefault(item.url, item)
    return list(items.values())


def _linked(entries: tuple[LinkEntry, ...]) -> list[Item]:
    """One item an address, with all its notes; its title is the longest of the link texts."""
    by_url: dict[str, list[LinkEntry]] = {}
    for entry in entries:
        by_url.setdefault(canonical_of(entry.url), []).append(entry)
    return [
        Item(
            url=url,
            title=max((e.anchor_text for e in same), key=len),
            notes=tuple(
                (e.note, e.anchor_text, e.section, e.noted.isoformat() if e.noted else "", e.position)
                for e in same
            ),
        )
        for url, same in by_url.items()
    ]
