"""The sources' answers, taken into the ledger before any page is fetched.

Fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from indexer.crawl.forgotten import Forgotten
from indexer.crawl.unfollow import drop_items
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.http.logins import Logins
from indexer.ledger.erasing import silent
from indexer.ledger.ledger import Ledger
from indexer.ledger.schedule import timestamp
from indexer.records import Item, Listing, SourceRecord
from indexer.sources.discover import DiscoveredSource
from indexer.sources.feed.items import pages_of_sections
from indexer.sources.poll import Polled
from indexer.sources.stray_pages import leave_out
from search.text.tags import names_of

# Reasons for which a page is not held in full that a login may do away with.
_REFUSED = ("unauthorized", "forbidden", "not-whole")


def keep_known(found: DiscoveredSource, ledger: Ledger) -> DiscoveredSource:
    """Keep what is remembered of a source that is followed already."""
    known = ledger.source(found.record.url)
    if known is None or _is_seen_first(found.record, known):
        return found
    # A permission is given once, and taken back by removing the source.
    allowed = known.allow_private or found.record.allow_private
    # A collection, too, is left by removing the source.
    collections = names_of((*known.collections, *found.record.collections))
    record = replace(known, allow_private=allowed, collections=collections)
    return replace(found, record=record)


def follow(sources: Sequence[DiscoveredSource], ledger: Ledger) -> None:
    """Store new sources before they are asked, in the place of what was unseen so far.

    A run that is killed goes on with them, and they keep their order.
    """
    records = {found.record.url: found.record for found in sources}
    known = {record.url: record for record in ledger.sources()}
    new = [
        record
        for url, record in records.items()
        if url not in known or _is_seen_first(record, known[url])
    ]
    looked_at = {found.instead_of for found in sources} - records.keys()
    seen = [url for url in looked_at & known.keys() if known[url].kind == "unseen"]
    if not new and not seen:
        return  # a transaction would write to the file
    with ledger.transaction():
        for record in new:
            ledger.put_source(record)
        for url in seen:
            ledger.drop_source(url)


def _is_seen_first(record: SourceRecord, known: SourceRecord) -> bool:
    return known.kind == "unseen" and record.kind != "unseen"


def ask_again(source: str, ledger: Ledger, logins: Logins, now: datetime) -> None:
    """Have what a source lists, and a server refused or gave in part, asked for in this
    run, where there is a login for its host."""
    records = map(ledger.page, filter(logins.know, ledger.urls_of_source(source)))
    refused = [record for record in records if record and record.reason in _REFUSED]
    if not refused:
        return
    with ledger.transaction():
        for record in refused:
            ledger.put_page(replace(record, due=timestamp(now)))


def store_listing(polled: Polled, work: UnitOfWork, forgotten: Forgotten) -> None:
    """Store what a source answered; what it leads to no longer leaves the index.

    Of what is forgotten no words are stored, under whatever alias.
    """
    ledger, listing, source = work.ledger, polled.listing, polled.record.url
    known = ledger.source(polled.moved_from or source)
    if known == polled.record and listing is None:
        return
    if listing is not None:
        # First: a crash after it only repeats this.
        drop_items(work, source, _given_up(ledger.urls_of_source(source), listing))
    with ledger.transaction():
        if polled.moved_from:
            ledger.move_source(polled.moved_from, source)
        ledger.put_source(polled.record)
        if listing is not None:
            ledger.put_items(source, _silenced(listing.items, forgotten))
            leave_out(ledger, polled.record, listing.items)
        if polled.files is not None:
            ledger.put_files(source, polled.files)


def _silenced(items: Iterable[Item], forgotten: Forgotten) -> list[Item]:
    return [silent(item) if forgotten.reason([item.url]) else item for item in items]


def _given_up(listed: Iterable[str], listing: Listing) -> set[str]:
    """Return the addresses of which a source lists something else now."""
    # Of an archive that is what it has no more, of a feed a page whose posts it has
    # come to list one by one.
    if listing.kept is None:
        return pages_of_sections(listing.items).intersection(listed)
    return set(listed) - listing.kept
