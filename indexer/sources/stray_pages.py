"""Pages of a site that its feed lists among the posts.

Some site generators list whatever they make. Such a page has no date where the posts
have theirs, its address is unlike the posts', and it lies at the top of the site or has
the name of a fixed page. Left out, each stays in the coverage report with the reason;
where another source lists it, such as its own address, it is fetched like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from indexer.ledger.ledger import Ledger
from indexer.records import Item, PageRecord, SourceRecord
from indexer.text.page_names import is_fixed_page
from indexer.text.url_parts import take_apart
from indexer.text.url_patterns import PostPatterns, learn_patterns
from search.text.urls import host

FEWEST_DATED = 3  # posts of a host that an undated page differs from


def stray_pages(items: Sequence[Item]) -> list[str]:
    """Return the addresses of a feed's items that are no posts.

    None where most items have no date.
    """
    dated: list[str] = []
    undated: list[str] = []
    for item in items:
        if item.pageless or item.notes:
            continue
        if item.published:
            dated.append(item.url)
        else:
            undated.append(item.url)
    # In a feed without dates a page without one is nothing special.
    if len(dated) <= len(undated):
        return []
    shapes = _shapes_by_host(dated)
    strays: list[str] = []
    for url in undated:
        of_posts = shapes.get(host(url))
        if of_posts is not None and of_posts.fit(url) is None and _is_at_top(url):
            strays.append(url)
    return strays


def leave_out(ledger: Ledger, source: SourceRecord, items: Sequence[Item]) -> None:
    """Note the stray pages of a feed, unless they are listed elsewhere or were fetched.

    To be called in a transaction, when the ledger has the items.
    """
    # On a link page a person chose each address.
    if source.kind != "feed":
        return
    for url in stray_pages(items):
        known = ledger.page(url)
        sources = {record.url for _, record in ledger.items_of_url(url)}
        # What another source lists is wanted, and what was fetched is judged by its text.
        is_new = known is None or is_left_out(known)
        if is_new and sources <= {source.url}:
            item_hash = ledger.hash_of_url(url)
            record = PageRecord(url, "good", item_hash=item_hash, reason="site-page")
            ledger.put_page(record)


def is_left_out(page: PageRecord | None) -> bool:
    """Tell if an address was left out as a page of the site."""
    return page is not None and page.reason == "site-page"


def _shapes_by_host(posts: Sequence[str]) -> dict[str, PostPatterns]:
    """Return the patterns of the posts' addresses, for hosts with enough of them."""
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for url in posts:
        by_host[host(url)].append(url)
    shapes: dict[str, PostPatterns] = {}
    for site, urls in by_host.items():
        if len(urls) >= FEWEST_DATED:
            shapes[site] = learn_patterns(urls)
    return shapes


def _is_at_top(url: str) -> bool:
    address = take_apart(url)
    if address is None:
        return False
    return len(address.segments) <= 1 or is_fixed_page(url)
