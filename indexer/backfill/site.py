"""The site behind a feed, as far as the search for its older posts knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from indexer.records import Item, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.text.url_parts import take_apart
from indexer.text.url_patterns import PostPatterns
from indexer.text.urls import same_site
from search.text.urls import canonical, host

# Of the posts that the feed shows; a few may be new, moved or strays.
COVERED = 0.9
# Of a feed's items: so many lie on its blog's host, where that is not the home page's.
MOST_ITEMS = 0.9
# Of the first weblogs; an index of an earlier year is a calendar that never ends.
OLDEST_YEAR = 1994
_WITH_YEAR = ("year", "dated", "month")  # kinds of segments that begin with a year


@dataclass(slots=True)
class BlogSite:
    """A site whose older posts are searched for.

    ``shown`` are the posts that the feed shows, ``known`` all that were listed or found
    when the strategies began, both by identity. ``folder`` is the part of the host that
    is the blog's. ``sitemaps`` asks robots.txt for the addresses of sitemaps.
    """

    record: SourceRecord
    shown: frozenset[str]
    known: frozenset[str]
    shapes: PostPatterns
    home: str
    workers: Workers
    today: date
    sitemaps: Callable[[], Sequence[str]] = tuple
    folder: str = "/"

    def is_ours(self, url: str) -> bool:
        """Tell if an address lies in the blog's part of the site."""
        return same_site(url, self.home) and urlsplit(url).path.startswith(self.folder)

    def covers(self, keys: set[str]) -> bool:
        """Tell if these identities include what the feed shows."""
        return len(self.shown & keys) >= COVERED * len(self.shown)

    def is_in_time(self, url: str) -> bool:
        """Tell if the years in an address are years in which there are weblogs."""
        address = take_apart(url)
        if address is None:
            return True
        return all(
            OLDEST_YEAR <= int(segment[:4]) <= self.today.year + 1
            for segment, kind in zip(address.segments, address.kinds, strict=True)
            if kind in _WITH_YEAR
        )

    def item(self, url: str) -> Item:
        """Return an address as a post of this site."""
        return Item(url=canonical(url), site=self.record.title)


def own_posts(home: str, listed: Sequence[str]) -> tuple[str, list[str]]:
    """Return the home page of the blog behind a feed, and its own posts of those listed.

    The home page ends in a slash unless it names a file. There are no own posts where
    the feed gathers from many sites, as planets and lists of links do: nobody asked for
    the archives of those.
    """
    # A feed's "home" may be the page of a feed service, or wrong.
    site = _main_host(home, listed)
    own = [url for url in listed if host(url) == site]
    if not own:
        return home, []
    if host(home) != site:
        home = urljoin(own[0], "/")
    # Relative addresses are joined to it: /blog would be taken for a file.
    path = urlsplit(home).path
    if "." not in path.rpartition("/")[2]:
        home = urljoin(home, path.rstrip("/") + "/")
    return home, own


def _main_host(home: str, listed: Sequence[str]) -> str | None:
    """Return the host of the blog, None where the posts lie on many."""
    counts = Counter(map(host, listed))
    if 2 * counts[host(home)] >= len(listed):
        return host(home)
    # Posts by guests and reposts lie on other hosts.
    most_common, count = counts.most_common(1)[0]
    if count < MOST_ITEMS * len(listed):
        return None
    return most_common
