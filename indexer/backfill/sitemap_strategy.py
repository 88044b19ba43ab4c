"""The strategy over sitemaps: the addresses in them that look like the known posts'."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from indexer.backfill import paged_feeds, sitemaps
from indexer.backfill.frontier import RankedPage
from indexer.backfill.strategy import Step, Strategy
from indexer.records import Page
from indexer.text.url_patterns import is_fixed_page

# Files in a row without a post: a host of many sites, such as medium.com.
BARREN_SITEMAPS = 10
_NAMED = 10  # rank of the sitemaps that an index names, behind all usual places


class Sitemaps(Strategy):
    """The sitemaps that robots.txt names, else those in the usual places."""

    name = "sitemaps"
    most_requests = 100  # files; each may name 50,000 pages

    def seeds(self) -> list[RankedPage]:
        home = self.site.home
        # One by one: each may be of a site that was built with a wrong base address.
        named = [
            (0, url)
            for line in self.site.sitemaps()
            for url in sitemaps.brought_home([line], home)
        ]
        if named:
            return named
        paths = list(sitemaps.USUAL_PATHS)
        if paged_feeds.is_wordpress(self.site.record.leads):
            paths.append(sitemaps.WORDPRESS_PATH)
        # Ranks of their own: the next is asked for where the one before is not there.
        return [(rank, urljoin(home, path)) for rank, path in enumerate(paths)]

    def is_enough(self, rank: int) -> bool:
        is_further_place = 0 < rank < _NAMED
        return super().is_enough(rank) or (is_further_place and self.read_pages > 0)

    def is_barren(self, url: str) -> bool:
        return self.barren.get("files", 0) >= BARREN_SITEMAPS

    def read(self, url: str, page: Page, rank: int) -> Step:
        site = self.site
        sitemap = site.workers.run(sitemaps.parse_sitemap, page.body, url)
        pages = sitemaps.brought_home(sitemap.pages, site.home)
        moved = bool(pages) and not any(map(site.is_ours, sitemap.pages))
        # Of a site with a wrong base address the names of files are not believed.
        of_posts = sitemaps.purpose(url) == "posts" and not moved
        found = [url for url in pages if self._is_post(url, of_posts=of_posts)]
        self._count_barren("files", new=bool(found or sitemap.sitemaps))
        files = self._of_posts(sitemaps.brought_home(sitemap.sitemaps, site.home))
        return Step(
            self._take(map(site.item, found)), tuple((_NAMED, file) for file in files)
        )

    def is_whole(self) -> bool:
        return self.site.covers(self.given) and not self.broken

    def _of_posts(self, files: tuple[str, ...]) -> list[str]:
        """Return the files that list posts by their names, else those that may."""
        purposes = {file: sitemaps.purpose(file) for file in files}
        posts = [file for file in files if purposes[file] == "posts"]
        return posts or [file for file in files if purposes[file] != "others"]

    def _is_post(self, url: str, *, of_posts: bool) -> bool:
        """``of_posts``: the file lists posts, by its name."""
        if not self.site.is_in_time(url):
            return False
        if self.site.shapes.fit(url) == "sure":
            return True
        return of_posts and not is_fixed_page(url) and urlsplit(url).path != "/"
