"""A feed's entries as the items that the rest of the run knows.

Fetches nothing. An entry that is left out is named; one without an address of its own is
kept for its text.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import quote

from indexer.fetch.local_files import is_in_folder_of
from indexer.records import Item
from indexer.sources.feed.model import Feed, FeedItem
from indexer.sources.feed.own_posts import leads_elsewhere, own_sites, with_own_post
from indexer.sources.feed.text import plain_title
from indexer.sources.link_lines import LONGEST_NOTE, collapse_spaces
from indexer.text.urls import canonical_of, identity_of, is_file, post_fragment
from search.text.tags import tags_of
from search.text.urls import canonical, host, is_within_file

# The fragment of an entry that has no page: nothing is fetched for it.
_PAGELESS = "item-"
_LONGEST_ID = 100  # characters; of longer ones a hash
_LONGEST_NAME = 120  # characters of an entry that is named as left out
_MOST_NAMED = 100  # entries of one feed
_SHORT = 12  # hexadecimal digits of a hash
_PERMALINK_SIGNS = " ★☆∞#¶§"  # a linkblog's entries often end in a link to themselves
LEAST_REMARK = 9  # characters; "Comments" is none
_TAG = re.compile(r"<[^<>]{0,2000}>")


# Why an entry is no item: it has neither an address nor a text, that of another entry,
# or a file that the feed may not name.
EntryLeftOut = Literal["no-address", "same-address", "file"]


@dataclass(frozen=True, slots=True)
class FeedItems:
    """The items of a feed; ``left_out`` are the entries that are none, each with the
    reason and its name."""

    items: tuple[Item, ...]
    left_out: tuple[tuple[EntryLeftOut, str], ...] = ()


def items_of_feed(feed: Feed, source: str, sections: set[str]) -> FeedItems:
    """Return one item an address, and what is left out.

    ``source`` is the feed's address; ``sections`` are the hosts on which fragments name
    posts of one page.
    """
    reader = _Reader(feed, source, sections)
    for entry in feed.items:
        reader.add(entry)
    for entry in feed.unplaced:
        reader.add_pageless(entry)
    return FeedItems(reader.items(), tuple(reader.left_out[:_MOST_NAMED]))


def hosts_of_sections(feed: Feed) -> set[str]:
    """Return the hosts of pages of which the feed lists several posts, each under a
    fragment of its own: a month's page, a list of changes."""
    posts: defaultdict[str, set[str]] = defaultdict(set)
    for entry in feed.items:
        fragment = post_fragment(entry.url)
        if fragment:
            posts[canonical(entry.url)].add(fragment)
    return {host(page) for page, fragments in posts.items() if len(fragments) > 1}


def pages_of_sections(items: Iterable[Item]) -> set[str]:
    """Return the pages of which posts are listed under their fragments, but not as a
    whole."""
    urls = [item.url for item in items if not item.pageless]
    return set(map(canonical, filter(post_fragment, urls))) - set(urls)


def is_pageless(url: str) -> bool:
    """Tell whether an address is one that was made for an entry without any."""
    return url.partition("#")[2].startswith(_PAGELESS) or is_within_file(url)


class _Reader:
    """Collects the items of one feed, posts before the pages that they link to."""

    def __init__(self, feed: Feed, source: str, sections: set[str]) -> None:
        self._feed = feed
        self._source = source
        self._sections = sections
        self._own = own_sites((feed.url, feed.self_url, source), feed.items)
        self._posts: dict[str, Item] = {}
        self._texts: dict[str, FeedItem] = {}  # of the posts
        self._links: dict[str, Item] = {}
        self.left_out: list[tuple[EntryLeftOut, str]] = []

    def items(self) -> tuple[Item, ...]:
        """Return all items, each address once."""
        links = [item for key, item in self._links.items() if key not in self._posts]
        return (*self._posts.values(), *links)

    def add(self, entry: FeedItem) -> None:
        # A feed has no business naming files elsewhere on this machine.
        if is_file(entry.url) and not is_in_folder_of(entry.url, self._source):
            self._leave_out(entry, "file")
            return
        entry = with_own_post(entry, self._own)
        if entry.url in entry.about and leads_elsewhere(entry.url, self._own):
            # It gives no address but that of the page it is about.
            entry = replace(entry, url="", linked=entry.url)
        if entry.linked:
            self._add_link(entry)
        if entry.url:
            self._add_post(entry, self._address(entry))

    def add_pageless(self, entry: FeedItem) -> None:
        """Keep the text of an entry without address; without text it is left out."""
        if not entry.content:
            self._leave_out(entry, "no-address")
            return
        said = f"{entry.title}{entry.content}".encode()
        name = entry.id
        if not name or len(name) > _LONGEST_ID:
            name = hashlib.sha256(said).hexdigest()[:_SHORT]
        name = _PAGELESS + quote(name, safe="")
        address = self._feed.url or self._source
        if is_file(address):
            # A post within a file, as of an export: the file is not handed over for it.
            address = f"{address}?{name}"
        else:
            address = canonical(f"{canonical(address)}#{name}", section=True)
        self._add_post(entry, address, pageless=True)

    def _add_post(self, entry: FeedItem, url: str, *, pageless: bool = False) -> None:
        key = identity_of(url)
        if key in self._posts:
            # Of aliases the first is kept.
            if _says_more(entry, self._texts[key]):
                self._leave_out(entry, "same-address")
            return
        feed = self._feed
        self._texts[key] = entry
        self._posts[key] = Item(
            url=url,
            title=entry.title,
            author=entry.author or feed.author,  # of a blog by one person
            published=iso(entry.day),
            updated=entry.updated.isoformat() if entry.updated else "",
            content=entry.content,
            site=feed.title,
            language=entry.language or feed.language,
            pageless=pageless,
            elsewhere=not pageless and leads_elsewhere(url, self._own),
            tags=tags_of(entry.tags),
        )

    def _add_link(self, entry: FeedItem) -> None:
        """Add the page that an entry is about, with the blogger's words as its note."""
        url = canonical_of(entry.linked)
        key = identity_of(url)
        known = self._links.get(key) or Item(url=url, title=entry.title)
        words = words_of(entry.content)
        if len(words) < LEAST_REMARK:
            words = entry.title
        position = len(self._links)
        note = (words, entry.title, "", iso(entry.day), position)
        tags = tags_of((*known.tags, *entry.tags))
        self._links[key] = replace(known, notes=(*known.notes, note), tags=tags)

    def _address(self, entry: FeedItem) -> str:
        if post_fragment(entry.url) and host(entry.url) in self._sections:
            return canonical(entry.url, section=True)
        return canonical_of(entry.url)

    def _leave_out(self, entry: FeedItem, reason: EntryLeftOut) -> None:
        name = entry.title or words_of(entry.content) or entry.id or "an empty entry"
        self.left_out.append((reason, collapse_spaces(name)[:_LONGEST_NAME]))


def _says_more(entry: FeedItem, known: FeedItem) -> bool:
    """Tell whether an entry says something else than another one of its address."""
    return bool(entry.title or entry.content) and (entry.title, entry.content) != (
        known.title,
        known.content,
    )


def words_of(html: str) -> str:
    """Return the words of a piece of HTML on one line, cut to the length of a note."""
    text = plain_title(_TAG.sub(" ", html[: 4 * LONGEST_NOTE]))
    return collapse_spaces(text)[:LONGEST_NOTE].rstrip(_PERMALINK_SIGNS)


def iso(day: date | None) -> str:
    """Return the ISO form of a day, "" for none."""
    if day:
        return f"{day:%Y-%m-%d}"
    return ""
