"""The items that a source's document lists, in the one form that the rest of the run
knows."""

from __future__ import annotations

import logging
from collections import defaultdict

from indexer.local.exports import read_export
from indexer.records import Item, Listing, Page, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.archived_copies import copies
from indexer.sources.feed.items import hosts_of_sections, iso, items_of_feed
from indexer.sources.feeds import parse_feed
from indexer.sources.link_lines import LinkEntry
from indexer.sources.link_pages import parse_link_page
from indexer.text.urls import canonical_of, identity_of
from search.text.tags import tags_of

# In a feed's leads: the hosts on which its fragments name posts of one page.
SECTIONS = "sections"
# In a feed's leads: the entries that were left out, each a line of reason and name.
LEFT_OUT = "left_out"

log = logging.getLogger(__name__)


def list_items(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    """Read a source's page.

    Raises FeedError, LinkPageError, ExportError or ParseError with the reason.
    """
    if source.kind == "article":
        return Listing(source.title, "", (Item(url=canonical_of(source.url)),))
    if source.kind == "linkpage":
        return _list_link_page(page, workers)
    if source.kind == "archive":
        return _list_export(source, page, workers)
    return _list_feed(source, page, workers)


def _list_link_page(page: Page, workers: Workers) -> Listing:
    found = workers.run(
        parse_link_page,
        page.body,
        page.final_url,
        content_type=page.content_type,
        charset=page.charset,
    )
    return Listing(found.title, page.final_url, tuple(_link_items(found.entries)))


def _list_export(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    export = workers.run(read_export, page.body, source.url)
    # Of two with one address the first.
    items = {item.url: item for item in reversed(export.items)}
    # An export is whole: articles that left it are given up.
    return Listing(
        export.title, export.home, tuple(items.values()), kept=frozenset(items)
    )


def _list_feed(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    feed = workers.run(parse_feed, page.body, page.final_url, charset=page.charset)
    if feed.left_out:
        count = f"{len(feed.items) + feed.without_address + feed.left_out:,}"
        log.info("%s: of its %s items only the newest are read", page.final_url, count)
    # A feed of few items shows it only at times; once seen, it is remembered.
    known_hosts = source.leads.get(SECTIONS, "").split()
    hosts = hosts_of_sections(feed).union(known_hosts)
    read = items_of_feed(feed, source.url, hosts)
    for reason, name in read.left_out:
        log.info("%s: left out (%s): %s", page.final_url, reason, name)
    leads = {
        "next_url": feed.next_url,
        "prev_archive": feed.prev_archive,
        "complete": "yes" if feed.complete else "",
        "generator": feed.generator,
        SECTIONS: " ".join(sorted(hosts)),
        LEFT_OUT: "\n".join(map(" ".join, read.left_out)),
    }
    return Listing(
        feed.title,
        feed.url,
        read.items,
        {name: value for name, value in leads.items() if value},
    )


def _link_items(entries: tuple[LinkEntry, ...]) -> list[Item]:
    """One item an address, with all its notes and the archived copy that is named
    beside it; its title is the longest of the link texts."""
    archived = copies(entries)
    archives = set(archived.values())
    by_identity: defaultdict[str, list[LinkEntry]] = defaultdict(list)
    for entry in entries:
        if entry.url not in archives:
            by_identity[identity_of(canonical_of(entry.url))].append(entry)
    return [
        Item(
            url=canonical_of(same[0].url),
            title=max((entry.anchor_text for entry in same), key=len),
            notes=tuple(map(_item_note, same)),
            archived=archived.get(key, ""),
            tags=tags_of(tag for entry in same for tag in entry.tags),
        )
        for key, same in by_identity.items()
    ]


def _item_note(entry: LinkEntry) -> tuple[str, str, str, str, int]:
    """The note as an Item has it."""
    day = iso(entry.noted)
    return entry.note, entry.anchor_text, entry.section, day, entry.position
