"""The strategy over sitemaps: the addresses in them that look like the known posts'."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urljoin, urlsplit

from indexer.backfill import paged_feeds, sitemaps
from indexer.backfill.frontier import RankedPage
from indexer.backfill.strategy import Step, Strategy
from indexer.records import Page
from indexer.text.page_names import is_fixed_page

# Files in a row without a post: a host of many sites, such as medium.com.
BARREN_SITEMAPS = 10
_NAMED = 10  # rank of the sitemaps that an index names, behind all usual places


class Sitemaps(Strategy):
    """The sitemaps that robots.txt names, else those in the usual places."""

    name = "sitemaps"
    most_requests = 100  # files; each may name 50,000 pages

    def seeds(self) -> list[RankedPage]:
        home = self.site.home
        named: list[str] = []
        for url in self.site.sitemaps():
            # One by one: the site may have been built with a wrong base address.
            named += sitemaps.brought_home([url], home)
        if named:
            return [(0, url) for url in named]
        paths = list(sitemaps.USUAL_PATHS)
        if paged_feeds.is_wordpress(self.site.record.leads):
            paths.append(sitemaps.WORDPRESS_PATH)
        return [(rank, urljoin(home, path)) for rank, path in enumerate(paths)]

    def is_enough(self, rank: int) -> bool:
        # Each usual place has a rank of its own, so that one is enough.
        if self.read_pages > 0 and 0 < rank < _NAMED:
            return True
        return super().is_enough(rank)

    def is_barren(self, url: str) -> bool:
        return self.barren.get("files", 0) >= BARREN_SITEMAPS

    def read(self, url: str, page: Page, rank: int) -> Step:
        site = self.site
        sitemap = site.workers.run(sitemaps.parse_sitemap, page.body, url)
        pages = sitemaps.brought_home(sitemap.pages, site.home)
        moved = not any(map(site.is_ours, sitemap.pages))
        # Of a site with a wrong base address the names of files are not believed: it may
        # be the generator's own demonstration.
        of_posts = sitemaps.purpose(url) == "posts" and not moved
        found: list[str] = []
        for url in filter(site.is_in_time, pages):
            if self._is_post(url, of_posts=of_posts):
                found.append(url)
        self._count_barren("files", new=any((found, sitemap.sitemaps)))
        files = self._of_posts(sitemaps.brought_home(sitemap.sitemaps, site.home))
        posts = self._take(map(site.item, found))
        return Step(posts, tuple((_NAMED, file) for file in files))

    def _of_posts(self, files: tuple[str, ...]) -> list[str]:
        """Return the files that list posts by their names, else those that may."""
        by_purpose = defaultdict(list)
        for file in files:
            by_purpose[sitemaps.purpose(file)].append(file)
        return by_purpose["posts"] or by_purpose["unknown"]

    def _is_post(self, url: str, *, of_posts: bool) -> bool:
        """Tell if an address is a post's. ``of_posts``: the file lists posts by name."""
        if self.site.shapes.fit(url) == "sure":
            return True
        # Such a file lists the home page and the archive's, too.
        is_root = urlsplit(url).path == "/"
        return of_posts and not is_root and not is_fixed_page(url)
