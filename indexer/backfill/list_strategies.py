"""The strategies over pages that list posts: archives, years, sections, numbered pages.

They read pages, and must not fetch any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from indexer.backfill import archive_pages
from indexer.backfill.archive_pages import Link
from indexer.backfill.frontier import RankedPage
from indexer.backfill.site import Site
from indexer.backfill.strategy import Step, Strategy
from indexer.records import Page
from indexer.text.url_patterns import folders_of, is_fixed_page
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


class ArchivePages(Strategy):
    """Pages of all posts, of years and sections, and the pages of the home page.

    ``places`` are those in the tree of a page where posts were seen, ``archived`` the
    posts on pages that list all of them by name; ``ended``: the last of the home page's
    numbered pages was read.
    """

    name = "archive pages"
    most_requests = 400

    def __init__(self, site: Site, memory: Mapping[str, Any]) -> None:
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
        if super().is_enough(rank):
            return True
        if rank > NUMBERED and self._ended and self._gives_more():
            return True
        return rank > ARCHIVE and self.site.covers(self._archived)

    def is_barren(self, url: str) -> bool:
        series, most = self._series(url)
        return self.barren.get(series, 0) >= most

    def read(self, url: str, page: Page, rank: int) -> Step:
        links = self.site.workers.run(
            archive_pages.read_links, page.body, page.final_url, charset=page.charset
        )
        posts = self._posts(links)
        before = len(self.given)
        found = self._take(map(self.site.item, posts))
        self._note_gain(url, new=len(self.given) > before)
        if rank in (ARCHIVE, GUESS):
            inside = {identity(link.url) for link in links if not link.aside}
            self._archived |= inside.intersection(map(identity, posts))
        further = self._further_pages(url, links)
        self._ended |= self._is_last(url, further)
        same_rank = rank if rank in (ARCHIVE, FOLDER) else NUMBERED
        pages = _ranked(same_rank, further)
        pages += _ranked(FOLDER, self._folders(links, posts))
        if rank == HOME:
            pages += self._archives(links)
        return Step(found, tuple(pages))

    def is_whole(self) -> bool:
        return self.site.covers(self._archived) or self._gives_more()

    def _gives_more(self) -> bool:
        """Tell if the lists gave what the feed shows, and more.

        A home page often has just what the feed shows.
        """
        return self.site.covers(self.given) and not self.given <= self.site.shown

    def _posts(self, links: Sequence[Link]) -> list[str]:
        """Return the links to posts: by their address, or by their place in the tree."""
        known = self.site.shown | self.site.known
        self._places |= archive_pages.places_of(links, known)
        posts = [link.url for link in links if self._is_post(link, known)]
        return [url for url in dict.fromkeys(posts) if self.site.is_in_time(url)]

    def _is_post(self, link: Link, known: frozenset[str]) -> bool:
        if identity(link.url) in known:
            return True
        fit = self.site.shapes.fit(link.url)
        return fit == "sure" or (fit == "plain" and link.place in self._places)

    def _further_pages(self, url: str, links: Sequence[Link]) -> list[str]:
        """Return the further pages of a list."""
        found = archive_pages.more_pages(links, url)
        return [page for page in found if self.site.shapes.fit(page) != "sure"]

    def _is_last(self, url: str, further: Sequence[str]) -> bool:
        """Tell if this is the last of the home page's numbered pages."""
        base, number = archive_pages.page_number(url)
        if number is None or identity(base) != identity(self.site.home):
            return False
        numbers = [archive_pages.page_number(page)[1] or 0 for page in further]
        return max(numbers, default=0) <= number

    def _note_gain(self, url: str, *, new: bool) -> None:
        series, _ = self._series(url)
        if series:
            self._count_barren(series, new=new)

    def _series(self, url: str) -> tuple[str, int]:
        """Return the series of pages that an address is one of, "" for none.

        And how many of them in a row without a new post end it.
        """
        base, number = archive_pages.page_number(url)
        if number is not None:
            return identity(base), BARREN_PAGES
        if self.site.shapes.is_date_folder(url):
            return "months", BARREN_MONTHS
        return "", 1

    def _folders(self, links: Sequence[Link], posts: Sequence[str]) -> list[str]:
        """Return the linked folders above posts, and indexes of a year or a month."""
        above = {identity(folder) for post in posts for folder in folders_of(post)}
        above.discard(identity(self.site.home))
        urls = dict.fromkeys(link.url for link in links)
        return [
            url
            for url in urls
            if (identity(url) in above or self._is_date_index(url))
            and self.site.is_in_time(url)
        ]

    def _is_date_index(self, url: str) -> bool:
        if identity(url) == identity(self.site.home) or is_fixed_page(url):
            return False
        return self.site.shapes.is_date_folder(url)

    def _archives(self, links: Sequence[Link]) -> list[RankedPage]:
        """Return the archives that the home page names, else the usual addresses."""
        home = self.site.home
        named = [
            url
            for url in archive_pages.archives(links, home)
            if self.site.shapes.fit(url) != "sure"
        ]
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
        keys = {identity(item.url) for item in step.found}
        self._gave_unknown |= not keys <= self.site.known
        return step

    def _note_gain(self, url: str, *, new: bool) -> None:
        super()._note_gain(url, new=new)
        self._count_barren("lists", new=new)


def _ranked(rank: int, urls: Iterable[str]) -> list[RankedPage]:
    return [(rank, url) for url in urls]
