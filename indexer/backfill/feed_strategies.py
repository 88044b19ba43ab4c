"""The strategies over what the feed or its software lists page by page.

They read pages, and must not fetch any.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import ClassVar

from indexer.backfill import paged_feeds
from indexer.backfill.frontier import RankedPage
from indexer.backfill.strategy import Step, Strategy
from indexer.records import Listing, Page
from indexer.sources.listing import list_items
from indexer.text.urls import same_site
from search.text.urls import identity

BARREN_PAGES = 3  # of a feed in a row without a new post


class FeedPages(Strategy):
    """The feed's own older pages: RFC 5005, JSON Feed's next_url, Blogger's index."""

    name = "the feed's older pages"
    most_requests = 1_000  # of 10 items and more each
    # A page that the feed names is there, or else posts are missing.
    ends_at: ClassVar[Collection[int]] = ()

    def seeds(self) -> list[RankedPage]:
        record = self.site.record
        return self._reached(paged_feeds.older_feeds(record.leads, record.url))

    def read(self, url: str, page: Page, rank: int) -> Step:
        listing = _list_items(self, url, page)
        # The feed itself was read by a parser that forgives, so this is seen only here.
        self.broken |= paged_feeds.is_cut_off(page.body)
        known = self.given | self.site.shown
        found = self._take(listing.items)
        new = not self._keys(found) <= known
        self._count_barren("pages", new=new)
        # A page without new posts is the end, or the feed again from a server that ignores
        # parameters. But an archive may begin with what the feed shows, and any page may
        # be empty.
        goes_on = any((new, not found, "prev_archive" in listing.leads))
        if not goes_on or self.barren["pages"] >= BARREN_PAGES:
            return Step(found)
        older = paged_feeds.older_feeds(listing.leads, url)
        return Step(found, tuple(self._reached(older)))

    def is_whole(self) -> bool:
        if self.site.record.leads.get("complete"):
            return True
        return self.read_pages > 0 and not self.broken

    def _reached(self, named: Sequence[str]) -> list[RankedPage]:
        """Return those that lie with the feed or its blog."""
        feed = self.site.record.url
        near = [url for url in named if same_site(url, feed) or self.site.is_ours(url)]
        # Where the feed goes on elsewhere, posts are missing.
        self.broken |= len(near) < len(named)
        return [(0, url) for url in near if identity(url) != identity(feed)]


class WordPressFeed(Strategy):
    """``?paged=N`` of a WordPress feed, up to the page that is not there."""

    name = "the pages of a WordPress feed"
    most_requests = 1_000

    def seeds(self) -> list[RankedPage]:
        if not paged_feeds.is_wordpress(self.site.record.leads):
            return []
        return [(0, paged_feeds.wordpress_page(self.site.record.url, 2))]

    def read(self, url: str, page: Page, rank: int) -> Step:
        given = set(self.given)
        found = self._take(_list_items(self, url, page).items)
        keys = self._keys(found)
        if any(map(keys.issubset, (given, self.site.shown))):
            return Step()  # the same page again: WordPress saved as files
        number = self.read_pages + 3  # the first that is asked for is page 2
        following = paged_feeds.wordpress_page(self.site.record.url, number)
        return Step(found, ((0, following),))

    def is_whole(self) -> bool:
        return self.read_pages > 0 and not self.given <= self.site.shown


class WordPressPosts(Strategy):
    """WordPress' own list of posts, a hundred at a time."""

    name = "WordPress' list of posts"
    most_requests = 500

    def seeds(self) -> list[RankedPage]:
        if not paged_feeds.is_wordpress(self.site.record.leads):
            return []
        return [(0, paged_feeds.wordpress_posts(self.site.home, 1))]

    def read(self, url: str, page: Page, rank: int) -> Step:
        posts = self.site.workers.run(
            paged_feeds.parse_posts, page.body, self.site.record.title
        )
        before = len(self.given)
        found = self._take(posts)
        # A page that is not full is the last; one without new posts is the first again.
        if len(posts) < paged_feeds.PER_PAGE or len(self.given) == before:
            return Step(found)
        number = self.read_pages + 2
        following = paged_feeds.wordpress_posts(self.site.home, number)
        return Step(found, ((0, following),))


def _list_items(strategy: Strategy, url: str, page: Page) -> Listing:
    source = replace(strategy.site.record, url=url)
    return list_items(source, page, strategy.site.workers)
