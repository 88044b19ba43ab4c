"""Forgetting for good: single articles and whole sites, until the user adds them again.

They leave the index by the unit of work; the ledger remembers not to fetch them.
"""

from __future__ import annotations

from collections.abc import Iterable

from indexer.crawl.forgotten import Forgotten
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
    records = work.records(addresses)
    articles = [record.article for record in records if record.article]
    article = work.alike(url) or next(iter(articles), "")
    if not article and not records:
        return False
    if article:
        addresses.update([article, *work.leading_to(article)])
        work.remove(article)
    # Also where the index has none: an older program may have left some of its words.
    work.erase(article or url)
    # All of them, so that no source brings it back under another alias.
    for address in addresses:
        work.note(PageRecord(address, "forgotten", reason="forgotten"))
    work.commit()
    return True


def forget_site(work: UnitOfWork, site: str) -> tuple[int, list[str]]:
    """Forget all articles of a host and those below it, and follow no source there.

    Returns how many articles left the index, and the sources.
    """
    before = work.index.urls()
    sources = _on_site((record.url for record in work.ledger.sources()), site)
    for source in sources:
        drop_source(work, source)
    addresses = set(_on_site(work.ledger.listed_urls(), site))
    for article in _on_site(work.index.urls(), site):
        addresses.update([article, *work.leading_to(article)])
        work.remove(article)
        work.erase(article)
    # Pages of the site may lead to articles elsewhere, to which others may lead too.
    for record in work.records(addresses):
        if record.article:
            work.release(record.article, besides=addresses)
            work.erase(record.article)
        if record.state == "forgotten":
            addresses.discard(record.url)  # by itself: adding the site leaves it out
    for address in addresses:
        work.note(PageRecord(address, "forgotten", reason="forgotten-site"))
    work.note_forgotten_site(site)
    work.commit()
    return len(before) - len(work.index.urls()), sources


def _on_site(urls: Iterable[str], site: str) -> list[str]:
    return [url for url in urls if lies_on(url, site)]


def recall(ledger: Ledger, *urls: str) -> None:
    """Have addresses that the user asks for, and their sites, fetched again."""
    asked = set(map(identity_of, urls))
    asked.update(identity_of(canonical_of(url)) for url in urls)
    with ledger.transaction():
        left = []
        for site in ledger.forgotten_sites():
            if _on_site(urls, site):
                ledger.recall_site(site)
            else:
                left.append(site)
        still_out = Forgotten(sites=tuple(left))
        for record in ledger.forgotten():
            by_site = record.reason == "forgotten-site"
            if (by_site and not still_out.reason([record.url])) or identity_of(
                record.url
            ) in asked:
                ledger.drop_page(record.url)
                ledger.read_again(record.url)
