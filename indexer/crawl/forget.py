"""What the user wants out of the index, for good: single articles, and whole sites."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.crawl.unfollow import drop_source
from indexer.crawl.unit_of_work import Holdings
from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord
from indexer.text.urls import canonical_of, identity_of, lies_on
from search.index.sqlite.writer import IndexWriter
from search.ports import Embedder

ARTICLE = "forgotten on request"
SITE = "its site is forgotten on request"


class Forgotten:
    """What is not to be fetched or held, as the ledger has it now."""

    def __init__(self, ledger: Ledger) -> None:
        self._articles = {
            identity_of(page.url)
            for page in ledger.forgotten()
            if page.reason == ARTICLE
        }
        self._sites = ledger.forgotten_sites()

    def reason(self, urls: Iterable[str]) -> str:
        """Why an article with these addresses is left out, "" where it isn't."""
        urls = list(urls)
        if any(identity_of(url) in self._articles for url in urls):
            return ARTICLE
        return (
            SITE
            if any(lies_on(url, site) for url in urls for site in self._sites)
            else ""
        )


def forget_article(holdings: Holdings, url: str) -> bool:
    """Forget an article by any of its addresses; False where neither ledger nor index
    knows this one."""
    ledger = holdings.ledger
    spellings = {
        url,
        *(
            spelling
            for _, group in holdings.spellings.of_urls([url])
            for spelling in group.urls
        ),
    }
    pages = [page for page in map(ledger.page, spellings) if page]
    article = holdings.alike(url) or next(
        (page.article for page in pages if page.article), ""
    )
    if not article and not pages:
        return False
    addresses = {*spellings, *ledger.urls_of_article(article)} if article else spellings
    if article:
        addresses.add(article)
        holdings.forget(article)
    for address in addresses:
        holdings.note(PageRecord(address, "forgotten", reason=ARTICLE))
    holdings.commit()
    return True


def forget_site(
    ledger: Ledger, index: IndexWriter, embedder: Embedder, *, site: str
) -> tuple[int, list[str]]:
    """Forget all articles of a host and those below it, and follow no source there any
    more.

    How many articles left, and the sources.
    """
    before = len(index.stored.evidences())
    sources = [source.url for source in ledger.sources() if lies_on(source.url, site)]
    for source in sources:
        drop_source(ledger, index, embedder, url=source)
    holdings = Holdings(ledger, index, embedder)
    addresses = {url for _, _, url, _ in ledger.listings() if lies_on(url, site)}
    for article in [url for url in holdings.evidences if lies_on(url, site)]:
        addresses |= {article, *ledger.urls_of_article(article)}
        holdings.forget(article)
    for address in addresses:
        page = ledger.page(address)
        if page is not None and page.article:
            holdings.drop(page.article, besides=addresses)
        if page is None or page.state != "forgotten":
            holdings.note(PageRecord(address, "forgotten", reason=SITE))
    with ledger.transaction():
        ledger.forget_site(site)
    holdings.commit()
    return before - len(holdings.evidences), sources


def recall(ledger: Ledger, *urls: str) -> None:
    """The user asks for these addresses: they and their sites are not forgotten any
    more."""
    asked = {
        identity_of(spelling) for url in urls for spelling in (url, canonical_of(url))
    }
    with ledger.transaction():
        for site in ledger.forgotten_sites():
            if any(lies_on(url, site) for url in urls):
                ledger.recall_site(site)
        left = ledger.forgotten_sites()
        for page in ledger.forgotten():
            again = page.reason == SITE and not any(
                lies_on(page.url, site) for site in left
            )
            if again or identity_of(page.url) in asked:
                ledger.drop_page(page.url)
