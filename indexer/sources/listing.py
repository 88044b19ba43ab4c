"""A source's document → the items it lists, in the one form that the rest of the run
knows."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable

from indexer.fetch.local_files import is_in_folder_of
from indexer.local.exports import read_export
from indexer.records import Item, Listing, Page, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.archived_copies import copies
from indexer.sources.feed_model import Feed
from indexer.sources.feeds import parse_feed
from indexer.sources.link_pages import parse_link_page
from indexer.sources.link_reader import LinkEntry
from indexer.text.urls import canonical_of, identity_of, is_file, post_fragment
from search.text.urls import canonical, host

SECTIONS = "sections"  # in a feed's leads: the hosts on which its fragments tell posts of one page apart

log = logging.getLogger(__name__)


def list_items(source: SourceRecord, page: Page, workers: Workers) -> Listing:
    """Read a source's page; raises FeedError, LinkPageError or ParseError with the
    reason."""
    if source.kind == "article":
        return Listing(source.title, "", (Item(url=canonical_of(source.url)),))
    if source.kind == "linkpage":
        found = workers.run(
            parse_link_page,
            page.body,
            page.final_url,
            content_type=page.content_type,
            charset=page.charset,
        )
        return Listing(found.title, page.final_url, tuple(_linked(found.entries)))
    if source.kind == "archive":
        archive = workers.run(read_export, page.body, source.url)
        # of two with one address the first
        items = {item.url: item for item in reversed(archive.items)}
        return Listing(
            archive.title, archive.home, tuple(items.values()), kept=frozenset(items)
        )
    feed = workers.run(parse_feed, page.body, page.final_url, charset=page.charset)
    if feed.left_out:
        count = f"{len(feed.items) + feed.without_address + feed.left_out:,}"
        log.info("%s: of its %s items only the newest are read", page.final_url, count)
    hosts = _with_sections(feed) | set(source.leads.get(SECTIONS, "").split())
    leads = _leads(feed) | ({SECTIONS: " ".join(sorted(hosts))} if hosts else {})
    return Listing(
        feed.title, feed.url, tuple(_entries(feed, source.url, hosts)), leads
    )


def _with_sections(feed: Feed) -> set[str]:
    """The hosts of pages of which the feed lists several posts, each under a fragment
    of its own: a month's page, a list of changes."""
    posts: defaultdict[str, set[str]] = defaultdict(set)
    for entry in feed.items:
        if fragment := post_fragment(entry.url):
            posts[canonical(entry.url)].add(fragment)
    return {host(page) for page, fragments in posts.items() if len(fragments) > 1}


def pages_of_sections(items: Iterable[Item]) -> set[str]:
    """The pages of which posts are listed under their fragments, but not as a whole."""
    urls = [item.url for item in items]
    return {canonical(url) for url in urls if post_fragment(url)} - set(urls)


def _leads(feed: Feed) -> dict[str, str]:
    said = {
        "next_url": feed.next_url,
        "prev_archive": feed.prev_archive,
        "complete": "yes" if feed.complete else "",
        "generator": feed.generator,
    }
    return {name: value for name, value in said.items() if value}


def _entries(feed: Feed, source: str, with_sections: set[str]) -> list[Item]:
    items: dict[str, Item] = {}
    for entry in feed.items:
        if is_file(entry.url) and not is_in_folder_of(entry.url, source):
            continue  # a feed has no business naming files elsewhere on this machine
        day = entry.day or (entry.published.date() if entry.published else None)
        item = Item(
            url=canonical(entry.url, section=True)
            if post_fragment(entry.url) and host(entry.url) in with_sections
            else canonical_of(entry.url),
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
    """One item an address, with all its notes and the archived copy that is named
    beside it; its title is the longest of the link texts."""
    by_identity: dict[str, list[LinkEntry]] = {}
    archived = copies(entries)
    for entry in (entry for entry in entries if entry.url not in archived.values()):
        by_identity.setdefault(identity_of(canonical_of(entry.url)), []).append(entry)
    return [
        Item(
            url=canonical_of(same[0].url),
            title=max((e.anchor_text for e in same), key=len),
            notes=tuple(
                (
                    e.note,
                    e.anchor_text,
                    e.section,
                    e.noted.isoformat() if e.noted else "",
                    e.position,
                )
                for e in same
            ),
            archived=archived.get(key, ""),
        )
        for key, same in by_identity.items()
    ]
