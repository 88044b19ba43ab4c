"""The sources' answers, taken into the ledger before any page is fetched.

Fetches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from indexer.crawl.unfollow import drop_items
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.ledger import Ledger
from indexer.records import Listing, SourceRecord
from indexer.sources.listing import pages_of_sections
from indexer.sources.poll import Polled
from indexer.sources.stray_pages import leave_out


def follow(records: Iterable[SourceRecord], ledger: Ledger) -> None:
    """Store new sources before they are asked.

    A run that is killed goes on with them, and they keep their order.
    """
    new = [record for record in records if ledger.source(record.url) is None]
    if not new:
        return  # a transaction would write to the file
    with ledger.transaction():
        for record in new:
            ledger.put_source(record)


def store_listing(polled: Polled, work: UnitOfWork) -> None:
    """Store what a source answered; what it leads to no longer leaves the index."""
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
            ledger.put_items(source, listing.items)
            leave_out(ledger, polled.record, listing.items)
        if polled.files is not None:
            ledger.put_files(source, polled.files)


def _given_up(listed: Iterable[str], listing: Listing) -> set[str]:
    """Return the addresses of which a source lists something else now."""
    # Of an archive that is what it has no more, of a feed a page whose posts it has
    # come to list one by one.
    if listing.kept is None:
        return pages_of_sections(listing.items).intersection(listed)
    return set(listed) - listing.kept
