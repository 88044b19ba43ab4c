"""The strategies over pages that list posts: archives, years, sections, numbered pages.

They read pages, and must not fetch any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from indexer.backfill import archive_pages
from indexer.backfill.frontier import RankedPage
from indexer.backfill.site import BlogSite
from indexer.backfill.strategy import Step, Strategy
from indexer.extract.links import Link, read_links
from indexer.records import Page
from indexer.text.page_names import is_fixed_page
from indexer.text.url_parts import folders_of
from search.text.urls import identity

# Pages in a row without a new post before a list is left: the endless ?page=N.
BARREN_PAGES = 2
# Categories and the like in a row, those first that most posts link to.
BARREN_LISTS = 5
# Indexes of months in a row: a pause of two years; more is a calendar.
BARREN_MONTHS = 24
USUAL_ARCHIVES = (
    "archive/",
    "archives/",
    "archive.html",
    "archives.html",
    "posts/",
    "blog/",
)

# Ranks of pages, in the order in which they are read.
HOME, ARCHIVE, NUMBERED, FOLDER, GUESS = range(5)
LINKED = 10  # the list that most posts link to; the others follow
# The further pages of a list, by the rank of the list; NUMBERED for all others.
_FURTHER = {ARCHIVE: ARCHIVE, FOLDER: FOLDER}


class ArchivePages(Strategy):
    """Pages of all posts, of years and sections, and the pages of the home page.

    ``places`` are those in the tree of a page where posts were seen, ``archived`` the
    posts on pages that list all of them by name; ``ended``: the last of the home page's
    numbered pages was read.
    """

    name = "archive pages"
    most_requests = 400

    def __init__(self, site: BlogSite, memory: Mapping[str, Any]) -> None:
        super().__init__(site, memory)
        self._places: set[str] = set(memory.get("places", ()))
        self._archived: set[str] = set(memory.get("archived", ()))
        self._ended = bool(memory.get("ended"))

    def memory(self) -> dict[str, Any]:
        return super().memory() | {
            "places": sorted(self._places),
            "archived": sorted(self._archived),
            "ended": self._ended,
        }

    def seeds(self) -> list[RankedPage]:
        return [(HOME, self.site.home)]

    def is_enough(self, rank: int) -> bool:
        # All posts by name, or all pages of the home page: nothing is left to find.
        if rank > ARCHIVE and self.site.covers(self._archived):
            return True
        if rank > NUMBERED and self._ended and self._gives_more():
            return True
        return super().is_enough(rank)

    def is_barren(self, url: str) -> bool:
        series, most = self._series(url)
        return self.barren.get(series, 0) >= most

    def read(self, url: str, page: Page, rank: int) -> Step:
        links = self.site.workers.run(
            read_links, page.body, page.final_url, charset=page.charset
        )
        posts = self._posts(links)
        before = len(self.given)
        found = self._take(map(self.site.item, posts))
        self._note_gain(url, new=len(self.given) > before)
        # Menus of a theme name a few posts on every page.
        if rank in (ARCHIVE, GUESS):
            inside = {link.url for link in links if not link.aside}
            self._archived.update(map(identity, inside.intersection(posts)))
        further = self._but_posts(archive_pages.more_pages(links, url))
        self._ended |= self._is_last(url, further)
        pages = _ranked(_FURTHER.get(rank, NUMBERED), further)
        pages += _ranked(FOLDER, self._folders(links, posts))
        if rank == HOME:
            pages += self._archives(links)
        return Step(found, tuple(pages))

    def is_whole(self) -> bool:
        return self.site.covers(self._archived) or self._gives_more()

    def _gives_more(self) -> bool:
        """Tell if the lists gave what the feed shows, and more."""
        # A home page often has just what the feed shows.
        return self.site.covers(self.given) and not self.given <= self.site.shown

    def _posts(self, links: Sequence[Link]) -> list[str]:
        """Return the links to posts: by their address, or by their place in the tree."""
        known = self.site.shown | self.site.known
        self._places |= archive_pages.places_of(links, known)
        posts: dict[str, None] = {}
        for link in links:
            is_post = identity(link.url) in known or self._looks_like_post(link)
            if is_post and self.site.is_in_time(link.url):
                posts[link.url] = None
        return list(posts)

    def _looks_like_post(self, link: Link) -> bool:
        fit = self.site.shapes.fit(link.url)
        # /about/ fits /my-first-post/ as well: its place in the tree decides.
        if fit == "plain":
            return link.place in self._places
        return fit == "sure"

    def _but_posts(self, urls: Iterable[str]) -> list[str]:
        """Return the addresses that do not look like posts."""
        return [url for url in urls if self.site.shapes.fit(url) != "sure"]

    def _is_last(self, url: str, further: Sequence[str]) -> bool:
        """Tell if this is the last of the home page's numbered pages."""
        base, number = archive_pages.page_number(url)
        if number is None or identity(base) != identity(self.site.home):
            return False
        # Links to earlier pages are there on the last one, too.
        numbers = {archive_pages.page_number(page)[1] for page in further}
        return max(filter(None, numbers), default=0) <= number

    def _note_gain(self, url: str, *, new: bool) -> None:
        series, _ = self._series(url)
        if series:
            self._count_barren(series, new=new)

    def _series(self, url: str) -> tuple[str, int]:
        """Return the series of pages that an address is one of, "" for none."""
        # And how many of them in a row without a new post end it.
        base, number = archive_pages.page_number(url)
        if number is not None:
            return identity(base), BARREN_PAGES
        if self.site.shapes.is_date_folder(url):
            return "months", BARREN_MONTHS
        return "", 1

    def _folders(self, links: Sequence[Link], posts: Sequence[str]) -> list[str]:
        """Return the linked folders above posts, and indexes of a year or a month."""
        home = identity(self.site.home)
        # A folder above posts is a section of the blog, or a year.
        above: set[str] = set()
        for post in posts:
            above.update(map(identity, folders_of(post)))
        folders: dict[str, None] = {}
        for link in links:
            key = identity(link.url)
            if key == home or not self.site.is_in_time(link.url):
                continue
            if key in above or self._is_date_index(link.url):
                folders[link.url] = None
        return list(folders)

    def _is_date_index(self, url: str) -> bool:
        return self.site.shapes.is_date_folder(url) and not is_fixed_page(url)

    def _archives(self, links: Sequence[Link]) -> list[RankedPage]:
        """Return the archives that the home page names, else the usual addresses."""
        home = self.site.home
        named = self._but_posts(archive_pages.archives(links, home))
        if named:
            return _ranked(ARCHIVE, named)
        return _ranked(GUESS, (urljoin(home, path) for path in USUAL_ARCHIVES))


class LinkedLists(ArchivePages):
    """Lists that several posts link to, categories and tags among them.

    They are read where nothing else gave the whole and no post leads to an unknown
    one, until one of them does.
    """

    name = "lists that posts link to"
    most_requests = 100
    _gave_unknown = False

    def seeds(self) -> list[RankedPage]:
        return []

    def is_enough(self, rank: int) -> bool:
        return self._gave_unknown or self.asked >= self.most_requests

    def is_barren(self, url: str) -> bool:
        return self.barren.get("lists", 0) >= BARREN_LISTS or super().is_barren(url)

    def read(self, url: str, page: Page, rank: int) -> Step:
        step = super().read(url, page, rank)
        self._gave_unknown |= not self._keys(step.found) <= self.site.known
        return step

    def _note_gain(self, url: str, *, new: bool) -> None:
        super()._note_gain(url, new=new)
        self._count_barren("lists", new=new)


def _ranked(rank: int, urls: Iterable[str]) -> list[RankedPage]:
    return [(rank, url) for url in urls]
