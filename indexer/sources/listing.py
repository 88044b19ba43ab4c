"""The items that a source's document lists, in the one form that the rest of the run
knows."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from indexer.fetch.local_files import is_in_folder_of
from indexer.local.exports import read_export
from indexer.records import Item, Listing, Page, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.archived_copies import copies
from indexer.sources.feed_model import Feed, FeedItem
from indexer.sources.feeds import parse_feed
from indexer.sources.link_lines import LinkEntry
from indexer.sources.link_pages import parse_link_page
from indexer.text.urls import canonical_of, identity_of, is_file, post_fragment
from search.text.urls import canonical, host

# In a feed's leads: the hosts on which its fragments name posts of one page.
SECTIONS = "sections"

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
    hosts = _hosts_of_sections(feed).union(known_hosts)
    leads = {
        "next_url": feed.next_url,
        "prev_archive": feed.prev_archive,
        "complete": "yes" if feed.complete else "",
        "generator": feed.generator,
        SECTIONS: " ".join(sorted(hosts)),
    }
    return Listing(
        feed.title,
        feed.url,
        tuple(_feed_items(feed, source.url, hosts)),
        {name: value for name, value in leads.items() if value},
    )


def _hosts_of_sections(feed: Feed) -> set[str]:
    """The hosts of pages of which the feed lists several posts, each under a fragment
    of its own: a month's page, a list of changes."""
    posts: defaultdict[str, set[str]] = defaultdict(set)
    for entry in feed.items:
        fragment = post_fragment(entry.url)
        if fragment:
            posts[canonical(entry.url)].add(fragment)
    return {host(page) for page, fragments in posts.items() if len(fragments) > 1}


def pages_of_sections(items: Iterable[Item]) -> set[str]:
    """Return the pages of which posts are listed under their fragments, but not as a
    whole."""
    urls = [item.url for item in items]
    return set(map(canonical, filter(post_fragment, urls))) - set(urls)


def _feed_items(feed: Feed, source: str, hosts_of_sections: set[str]) -> list[Item]:
    """One item an address, the first of several."""
    items: dict[str, Item] = {}
    for entry in feed.items:
        if is_file(entry.url) and not is_in_folder_of(entry.url, source):
            continue  # a feed has no business naming files elsewhere on this machine
        item = Item(
            url=_item_address(entry, hosts_of_sections),
            title=entry.title,
            author=entry.author or feed.author,  # of a blog by one person
            published=_iso(entry.day),
            updated=entry.updated.isoformat() if entry.updated else "",
            content=entry.content,
            site=feed.title,
            language=entry.language or feed.language,
        )
        # Of aliases the first is kept.
        items.setdefault(identity_of(item.url), item)
    return list(items.values())


def _item_address(entry: FeedItem, hosts_of_sections: set[str]) -> str:
    if post_fragment(entry.url) and host(entry.url) in hosts_of_sections:
        return canonical(entry.url, section=True)
    return canonical_of(entry.url)


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
        )
        for key, same in by_identity.items()
    ]


def _item_note(entry: LinkEntry) -> tuple[str, str, str, str, int]:
    """The note as an Item has it."""
    day = _iso(entry.noted)
    return entry.note, entry.anchor_text, entry.section, day, entry.position


def _iso(day: date | None) -> str:
    """The ISO form of a day, "" for none."""
    if day:
        return f"{day:%Y-%m-%d}"
    return ""
