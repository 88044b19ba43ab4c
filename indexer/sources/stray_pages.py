"""Pages of a site that its feed lists among the posts, as site generators do that list
whatever they make.

They are told by what they are: without a date where the posts have theirs, at an
address unlike the posts', at the top of the site or with the name of a fixed page. Left
out, each stays in the books with the reason; asked for by another source, its own
address for one, it is fetched like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from indexer.ledger.ledger import Ledger
from indexer.records import Item, PageRecord, SourceRecord
from indexer.text.url_patterns import is_fixed_page, learn, take_apart
from search.text.urls import host

FEWEST_DATED = 3  # posts that an undated page differs from


def stray_pages(items: Sequence[Item]) -> list[str]:
    """Of a feed's items the addresses of those that are no posts; none where most have
    no date."""
    if 2 * sum(bool(item.published) for item in items) <= len(items):
        return []
    dated: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        if item.published:
            dated[host(item.url)].append(item.url)
    posts = {
        site: learn(urls) for site, urls in dated.items() if len(urls) >= FEWEST_DATED
    }
    undated = [
        item.url for item in items if not item.published and host(item.url) in posts
    ]
    return [
        url for url in undated if posts[host(url)].fit(url) is None and _is_at_top(url)
    ]


def leave_out(ledger: Ledger, source: SourceRecord, items: Sequence[Item]) -> None:
    """Note the stray pages of a feed that nobody else lists and that were not fetched
    before; called in a transaction, when the ledger has the items."""
    for url in stray_pages(items) if source.kind == "feed" else ():
        known = ledger.page(url)
        alone = all(record.url == source.url for _, record in ledger.items_of_url(url))
        if alone and (known is None or is_left_out(known)):
            ledger.put_page(
                PageRecord(
                    url, "good", item_hash=ledger.hash_of_url(url), reason="site-page"
                )
            )


def is_left_out(page: PageRecord | None) -> bool:
    """Whether an address was left out as a page of the site."""
    return page is not None and not page.article and page.reason == "site-page"


def _is_at_top(url: str) -> bool:
    address = take_apart(url)
    return address is not None and (len(address.segments) <= 1 or is_fixed_page(url))
