"""A source's document → the items it lists, in the one form that the rest of the run knows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from indexer.deadlinks import copies
from indexer.disk.exports import read_export
from indexer.feeds import Feed, parse_feed
from indexer.fetch import Page
from indexer.files import is_beside, is_file
from indexer.ledger import Item, SourceRecord
from indexer.linkpages import LinkEntry, parse_link_page
from indexer.urls import canonical, identity
from indexer.workers import Workers
from search.types import Note

# Left out of a hash where they are empty: ledgers hold hashes of feeds' items that are older than these.
_LATER = ("file", "version", "software", "remark", "archived")  # fields that older ledgers lack


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source says of itself, and the items that it lists, one an address.

    ``leads``: what a feed says of where its older items are, by name of Feed's fields. ``kept`` are all
    addresses that it still leads to, where it is known to be whole: others it led to are given up.
    """

    title: str
    home: str
    items: tuple[Item, ...]
    leads: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] | None = None


def list_items(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    """Read a source's page; raises FeedError, LinkPageError or ParseError with the reason."""
    if source.kind == "article":
        return Listing(source.title, "", (Item(url=canonical_of(source.url)),))
    if source.kind == "linkpage":
        found = workers.run(
            parse_link_page, page.body, page.final_url, content_type=page.content_type, charset=page.charset
        )
        return Listing(found.title, page.final_url, tuple(_linked(found.entries)))
    if source.kind == "archive":
        archive = workers.run(read_export, page.body, source.url)
        items = {item.url: item for item in reversed(archive.items)}  # of two with one address the first
        return Listing(archive.title, archive.home, tuple(items.values()), kept=frozenset(items))
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
    said = {key: value for key, value in asdict(item).items() if value or key not in _LATER}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


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


def identity_of(url: str) -> str:
    """Equal for all spellings of one address (see ``urls.identity``); a local file's is its own."""
    return url if is_file(url) else identity(url)


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
        items.setdefault(identity_of(item.url), item)
    return list(items.values())


def _linked(entries: tuple[LinkEntry, ...]) -> list[Item]:
    """One item an address, with all its notes and the archived copy that is named beside it; its title
    is the longest of the link texts."""
    by_identity: dict[str, list[LinkEntry]] = {}
    archived = copies(entries)
    for entry in (entry for entry in entries if entry.url not in archived.values()):
        by_identity.setdefault(identity_of(entry.url), []).append(entry)
    return [
        Item(
            url=canonical_of(same[0].url),
            title=max((e.anchor_text for e in same), key=len),
            notes=tuple(
                (e.note, e.anchor_text, e.section, e.noted.isoformat() if e.noted else "", e.position)
                for e in same
            ),
            archived=archived.get(key, ""),
        )
        for key, same in by_identity.items()
    ]
