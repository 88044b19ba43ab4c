"""Forgetting for good: single articles and whole sites, until the user adds them again.

They leave the index by the unit of work; the ledger remembers not to fetch them.
"""

from __future__ import annotations

from indexer.crawl.unfollow import drop_source
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord
from indexer.text.urls import canonical_of, identity_of, lies_on


def forget_article(work: UnitOfWork, url: str) -> bool:
    """Forget an article by any of its addresses.

    Returns False where neither ledger nor index knows this one.
    """
    addresses = {url}
    for _, group in work.aliases.of_urls([url]):
        addresses.update(group.urls)
    records = [record for alias in addresses if (record := work.record(alias))]
    article = work.alike(url)
    if not article:
        article = next((record.article for record in records if record.article), "")
    if not article and not records:
        return False
    if article:
        addresses.update([article, *work.leading_to(article)])
        work.remove(article)
    for address in addresses:
        work.note(PageRecord(address, "forgotten", reason="forgotten"))
    work.commit()
    return True


def forget_site(work: UnitOfWork, site: str) -> tuple[int, list[str]]:
    """Forget all articles of a host and those below it, and follow no source there.

    Returns how many articles left the index, and the sources.
    """
    before = len(work.evidence)
    sources = [record.url for record in work.ledger.sources()]
    on_site = [source for source in sources if lies_on(source, site)]
    for source in on_site:
        drop_source(work, source)
    listed = {url for _, _, url, _ in work.ledger.listings()}
    addresses = {url for url in listed if lies_on(url, site)}
    for article in [url for url in work.evidence if lies_on(url, site)]:
        addresses.update([article, *work.leading_to(article)])
        work.remove(article)
    for address in addresses:
        _forget_with_site(address, addresses, work)
    work.note_forgotten_site(site)
    work.commit()
    return before - len(work.evidence), on_site


def _forget_with_site(address: str, addresses: set[str], work: UnitOfWork) -> None:
    record = work.record(address)
    if record is not None and record.article:
        work.release(record.article, besides=addresses)
    if record is None or record.state != "forgotten":
        work.note(PageRecord(address, "forgotten", reason="forgotten-site"))


def recall(ledger: Ledger, *urls: str) -> None:
    """Have addresses that the user asks for, and their sites, fetched again."""
    asked = {identity_of(url) for url in urls}
    asked |= {identity_of(canonical_of(url)) for url in urls}
    with ledger.transaction():
        for site in ledger.forgotten_sites():
            if any(lies_on(url, site) for url in urls):
                ledger.recall_site(site)
        left = ledger.forgotten_sites()
        for record in ledger.forgotten():
            by_site = record.reason == "forgotten-site"
            still = any(lies_on(record.url, site) for site in left)
            if identity_of(record.url) in asked or (by_site and not still):
                ledger.drop_page(record.url)
