"""The ways to a site's older posts, the most exact first. Each says where to begin,
what a page of it gives and leads to, and whether it has given the whole. None fetches:
that is backfill's part."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from indexer.backfill import paged_feeds as feedpages
from indexer.backfill import sitemaps
from indexer.records import Item, Page, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.listing import list_items
from indexer.text.url_patterns import PostShapes, is_fixed_page, take_apart
from indexer.text.urls import same_site
from search.text.urls import canonical, identity

COVERED = 0.9  # of the posts that the feed shows; a few may be new, moved or strays
BARREN_PAGES = 3  # of a feed in a row without a new post
# files in a row without a post: a host of many sites, as medium.com
BARREN_SITEMAPS = 10
OLDEST_YEAR = 1994  # of the first weblogs; an index of an earlier year is a calendar that goes on for ever


@dataclass(slots=True)
class Site:
    """What is known of a site while its older posts are searched for: ``shown`` are the
    posts that the feed shows, ``held`` all that the source lists, both by identity.
    ``folder`` is what the blog has of its host."""

    record: SourceRecord
    shown: frozenset[str]
    held: set[str]
    shapes: PostShapes
    home: str
    workers: Workers
    today: date
    sitemaps: Callable[[], Sequence[str]] = tuple
    folder: str = "/"

    def is_ours(self, url: str) -> bool:
        return same_site(url, self.home) and urlsplit(url).path.startswith(self.folder)

    def covers(self, keys: set[str]) -> bool:
        """Whether what a way gave has what the feed shows."""
        return bool(self.shown) and len(self.shown & keys) >= COVERED * len(self.shown)

    def is_in_time(self, url: str) -> bool:
        """Whether the years in an address are of this world's weblogs."""
        address = take_apart(url)
        kinds = zip(address.segments, address.kinds, strict=True) if address else ()
        years = [
            int(text[:4]) for text, kind in kinds if kind in ("year", "dated", "month")
        ]
        return all(OLDEST_YEAR <= year <= self.today.year + 1 for year in years)

    def item(self, url: str) -> Item:
        return Item(url=canonical(url), site=self.record.title)


@dataclass(frozen=True, slots=True)
class Step:
    """What one page gave: posts, and where to go on (rank, address), the lowest rank
    first."""

    found: tuple[Item, ...] = ()
    further: tuple[tuple[int, str], ...] = ()


@dataclass
class Way(ABC):
    """One way. ``given`` are the identities of all posts that it gave, known ones among
    them; ``broken`` that a page of it could not be had; ``asked`` counts requests,
    ``read_pages`` those that gave what was expected, ``barren`` how many of a series in
    a row gave nothing new."""

    site: Site
    given: set[str] = field(default_factory=set)
    broken: bool = False
    asked: int = 0
    read_pages: int = 0
    barren: dict[str, int] = field(default_factory=dict)

    name = ""
    most = 0  # requests
    ends_at: ClassVar[tuple[int, ...]] = (
        400,
        404,
        410,
    )  # statuses that say: no further pages

    @abstractmethod
    def seeds(self) -> list[tuple[int, str]]:
        """Where to begin, nowhere if the way isn't there."""

    @abstractmethod
    def read(self, url: str, page: Page, rank: int) -> Step:
        """What a page gives; raises BlogsearchError for one that isn't what was
        expected."""

    @abstractmethod
    def is_whole(self) -> bool:
        """Whether, now that nothing is left to fetch, all posts of the site are
        known."""

    def is_enough(self, rank: int) -> bool:
        """Whether all is known before the pages of this rank are fetched."""
        return False

    def is_barren(self, url: str) -> bool:
        """Whether the list that this is a page of has given nothing new for a while."""
        return False

    def memory(self) -> dict[str, Any]:
        """What it knows so far, as JSON has it, for the next run to go on from."""
        counts = {"asked": self.asked, "read_pages": self.read_pages}
        return {
            "given": sorted(self.given),
            "broken": self.broken,
            "barren": self.barren,
        } | counts

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what a former run knew."""
        self.given = set(memory.get("given", ()))
        self.broken = bool(memory.get("broken"))
        self.barren = dict(memory.get("barren", {}))
        self.asked = int(memory.get("asked", 0))
        self.read_pages = int(memory.get("read_pages", 0))

    def _take(self, items: Iterable[Item]) -> tuple[Item, ...]:
        mine = [item for item in items if self.site.is_ours(item.url)]
        self.given |= {identity(item.url) for item in mine}
        return tuple(mine)


class FeedPages(Way):
    """RFC 5005, JSON Feed's next_url, Blogger's start-index: the feed says where it
    goes on."""

    name = "the feed's older pages"
    most = 1_000  # pages; of 10 items and more
    ends_at: ClassVar[
        tuple[int, ...]
    ] = ()  # a page that the feed names is there, or else posts are missing

    def seeds(self) -> list[tuple[int, str]]:
        return self._reached(
            feedpages.older_feeds(self.site.record.leads, self.site.record.url)
        )

    def read(self, url: str, page: Page, rank: int) -> Step:
        listing = list_items(
            replace(self.site.record, url=url), page, self.site.workers
        )
        self.broken |= feedpages.is_cut_off(page.body)
        before = set(self.given)
        found = self._take(listing.items)
        new = {identity(item.url) for item in found} - before - self.site.shown
        self.barren["pages"] = 0 if new else self.barren.get("pages", 0) + 1
        # A page that has nothing new is the end, or the feed again: a server that
        # ignores parameters. But an archive may begin with what the feed shows, and any
        # page may be empty.
        passed = not found or "prev_archive" in listing.leads
        if not new and not (passed and self.barren["pages"] < BARREN_PAGES):
            return Step(found)
        return Step(
            found, tuple(self._reached(feedpages.older_feeds(listing.leads, url)))
        )

    def is_whole(self) -> bool:
        return bool(self.site.record.leads.get("complete")) or (
            self.read_pages > 0 and not self.broken
        )

    def _reached(self, named: Sequence[str]) -> list[tuple[int, str]]:
        """Those that lie with the feed or its blog; where the feed goes on elsewhere,
        posts are missing."""
        feed = self.site.record.url
        near = [url for url in named if same_site(url, feed) or self.site.is_ours(url)]
        self.broken |= len(near) < len(named)
        return [(0, url) for url in near if identity(url) != identity(feed)]


class WordPressFeed(Way):
    """``?paged=N`` of a WordPress feed, up to the page that isn't there."""

    name = "the pages of a WordPress feed"
    most = 1_000

    def seeds(self) -> list[tuple[int, str]]:
        wordpress = feedpages.is_wordpress(self.site.record.leads)
        return (
            [(0, feedpages.wordpress_page(self.site.record.url, 2))]
            if wordpress
            else []
        )

    def read(self, url: str, page: Page, rank: int) -> Step:
        listing = list_items(
            replace(self.site.record, url=url), page, self.site.workers
        )
        before = len(self.given)
        found = self._take(listing.items)
        if (
            len(self.given) == before
            or not {identity(i.url) for i in found} - self.site.shown
        ):
            return Step()
        return Step(
            found,
            ((0, feedpages.wordpress_page(self.site.record.url, self.read_pages + 3)),),
        )

    def is_whole(self) -> bool:
        return self.read_pages > 0 and bool(self.given - self.site.shown)


class WordPressPosts(Way):
    """WordPress' own list of posts, a hundred at a time."""

    name = "WordPress' list of posts"
    most = 500

    def seeds(self) -> list[tuple[int, str]]:
        wordpress = feedpages.is_wordpress(self.site.record.leads)
        return [(0, feedpages.wordpress_posts(self.site.home, 1))] if wordpress else []

    def read(self, url: str, page: Page, rank: int) -> Step:
        posts = self.site.workers.run(
            feedpages.parse_posts, page.body, self.site.record.title
        )
        before = len(self.given)
        found = self._take(posts)
        if len(posts) < feedpages.PER_PAGE or len(self.given) == before:
            return Step(found)
        return Step(
            found,
            ((0, feedpages.wordpress_posts(self.site.home, self.read_pages + 2)),),
        )

    def is_whole(self) -> bool:
        return self.site.covers(self.given) and not self.broken


class Sitemaps(Way):
    """The site's sitemaps: what they name is sorted by the pattern of the known posts'
    addresses."""

    name = "sitemaps"
    most = 100  # files; each may name 50,000 pages

    def is_barren(self, url: str) -> bool:
        return self.barren.get("files", 0) >= BARREN_SITEMAPS

    def seeds(self) -> list[tuple[int, str]]:
        named = [
            url
            for line in self.site.sitemaps()
            for url in sitemaps.brought_home([line], self.site.home)
        ]
        root = urljoin(self.site.home, "/")
        wordpress = feedpages.is_wordpress(self.site.record.leads)
        paths = sitemaps.USUAL_PATHS if wordpress else sitemaps.USUAL_PATHS[:2]
        usual = [urljoin(root, path.lstrip("/")) for path in paths]
        # Only one usual place is asked where robots.txt names none: the others when it
        # isn't there.
        return [(0, url) for url in dict.fromkeys(named)] or [
            (n, url) for n, url in enumerate(usual)
        ]

    def is_enough(self, rank: int) -> bool:
        return self.read_pages > 0 and 0 < rank < len(sitemaps.USUAL_PATHS)

    def read(self, url: str, page: Page, rank: int) -> Step:
        sitemap = self.site.workers.run(sitemaps.parse_sitemap, page.body, url)
        further = sitemaps.brought_home(sitemap.sitemaps, self.site.home)
        files = [u for u in further if sitemaps.purpose(u) != "others"]
        named_posts = [u for u in files if sitemaps.purpose(u) == "posts"]
        pages = sitemaps.brought_home(sitemap.pages, self.site.home)
        strange = bool(pages) and not any(self.site.is_ours(u) for u in sitemap.pages)
        said = sitemaps.purpose(url) == "posts"
        found = [u for u in pages if self._is_post(u, said=said and not strange)]
        self.barren["files"] = (
            0 if found or sitemap.sitemaps else self.barren.get("files", 0) + 1
        )
        return Step(
            self._take(map(self.site.item, found)),
            tuple((10, u) for u in named_posts or files),
        )

    def is_whole(self) -> bool:
        return self.site.covers(self.given) and not self.broken

    def _is_post(self, url: str, *, said: bool) -> bool:
        """``said``: the file's name says that it lists posts."""
        fit = self.site.shapes.fit(url)
        if not self.site.is_in_time(url) or (fit is None and not said):
            return False
        return fit == "sure" or (
            said and not is_fixed_page(url) and urlsplit(url).path != "/"
        )
