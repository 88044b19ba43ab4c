"""The ways over pages that list posts: archives, years, sections, page after page. See
``ways``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from indexer.backfill import archive_pages as archivepages
from indexer.backfill.archive_pages import Link
from indexer.backfill.strategies import Step, Way
from indexer.records import Page
from indexer.text.url_patterns import folders_of, is_fixed_page
from search.text.urls import identity

BARREN = 2  # pages of a list without a new post before it is left: the endless ?page=N
# categories and the like in a row, those that most posts link to first
BARREN_LISTS = 5
# indexes of months in a row: a pause of two years; more is a calendar
BARREN_MONTHS = 24
USUAL_ARCHIVES = (
    "/archive/",
    "/archives/",
    "/archive.html",
    "/archives.html",
    "/posts/",
    "/blog/",
)


class ArchivePages(Way):
    """Archive and "all posts" pages, indexes of years and sections, and the pages of
    the home page."""

    name = "archive pages"
    most = 400  # pages that list posts

    HOME, ARCHIVE, PAGED, FOLDER, GUESS = range(5)

    def memory(self) -> dict[str, Any]:
        own = {
            "places": sorted(self._places),
            "archived": sorted(self._archived),
            "ended": self._ended,
        }
        return Way.memory(self) | own

    def recall(self, memory: Mapping[str, Any]) -> None:
        Way.recall(self, memory)
        self._places = set(memory.get("places", ()))
        # what pages gave that list all posts by name
        self._archived = set(memory.get("archived", ()))
        # the last of the home page's pages was read
        self._ended = bool(memory.get("ended"))

    def is_barren(self, url: str) -> bool:
        series, most = self._series(url)
        return self.barren.get(series, 0) >= most

    def seeds(self) -> list[tuple[int, str]]:
        return [(self.HOME, self.site.home)]

    def is_enough(self, rank: int) -> bool:
        if rank > self.PAGED and self._ended and self._covers_more():
            return True
        return rank > self.ARCHIVE and self.site.covers(self._archived)

    def read(self, url: str, page: Page, rank: int) -> Step:
        links = self.site.workers.run(
            archivepages.read_links, page.body, page.final_url, charset=page.charset
        )
        posts = self._posts(links)
        before = len(self.given)
        found = self._take(map(self.site.item, posts))
        self._count_barren(url, new=len(self.given) > before)
        if rank in (self.ARCHIVE, self.GUESS):
            inside = {identity(link.url) for link in links if not link.aside}
            self._archived |= inside.intersection(map(identity, posts))
        more = self._more(url, links, rank)
        self._ended |= self._is_last(url, more)
        further = [*more, *self._folders(links, posts)]
        if rank == self.HOME:
            further += self._archives(links)
        return Step(found, tuple(further))

    def is_whole(self) -> bool:
        return self.site.covers(self._archived) or self._covers_more()

    def _covers_more(self) -> bool:
        """Whether what was listed has what the feed shows, and more: a home page often
        has just that."""
        return self.site.covers(self.given) and bool(self.given - self.site.shown)

    def _posts(self, links: Sequence[Link]) -> list[str]:
        """The links that lead to posts: by their address alone, or as they hang where
        posts hang."""
        known = self.site.shown | self.site.held
        self._places |= archivepages.places_of(links, known)
        posts = [
            link.url
            for link in links
            if self._is_post(link) or identity(link.url) in known
        ]
        return [url for url in dict.fromkeys(posts) if self.site.is_in_time(url)]

    def _is_post(self, link: Link) -> bool:
        fit = self.site.shapes.fit(link.url)
        return fit == "sure" or (fit == "plain" and link.place in self._places)

    def _more(
        self, url: str, links: Sequence[Link], rank: int
    ) -> list[tuple[int, str]]:
        """The further pages of this list, as long as it goes on giving posts."""
        to = rank if rank in (self.ARCHIVE, self.FOLDER) else self.PAGED
        more = archivepages.more_pages(links, url)
        return [(to, link) for link in more if self.site.shapes.fit(link) != "sure"]

    def _is_last(self, url: str, more: Sequence[tuple[int, str]]) -> bool:
        """Whether this is the last of the home page's pages."""
        base, number = archivepages.page_number(url)
        higher = any(
            (archivepages.page_number(link)[1] or 0) > (number or 0) for _, link in more
        )
        return (
            number is not None
            and not higher
            and identity(base) == identity(self.site.home)
        )

    def _count_barren(self, url: str, *, new: bool) -> None:
        series, _ = self._series(url)
        if series:
            self.barren[series] = 0 if new else self.barren.get(series, 0) + 1

    def _series(self, url: str) -> tuple[str, int]:
        """The series of pages that an address is one of ("": none), and how many
        without a new post in a row end it."""
        base, number = archivepages.page_number(url)
        if number is not None:
            return identity(base), BARREN
        return (
            ("months", BARREN_MONTHS)
            if self.site.shapes.is_date_folder(url)
            else ("", 1)
        )

    def _folders(
        self, links: Sequence[Link], posts: Sequence[str]
    ) -> list[tuple[int, str]]:
        """Linked pages whose address is a folder above posts, or an index of a year or
        month."""
        above = {identity(folder) for post in posts for folder in folders_of(post)}
        home = identity(self.site.home)
        found = [
            link.url
            for link in links
            if identity(link.url) != home
            and (
                identity(link.url) in above or self.site.shapes.is_date_folder(link.url)
            )
            and self.site.is_in_time(link.url)
            and (identity(link.url) in above or not is_fixed_page(link.url))
        ]
        return [(self.FOLDER, url) for url in dict.fromkeys(found)]

    def _archives(self, links: Sequence[Link]) -> list[tuple[int, str]]:
        named = [
            url
            for url in archivepages.archives(links, self.site.home)
            if self.site.shapes.fit(url) != "sure"
        ]
        if named:
            return [(self.ARCHIVE, url) for url in named]
        return [
            (self.GUESS, urljoin(self.site.home, path.lstrip("/")))
            for path in USUAL_ARCHIVES
        ]


class LinkedLists(ArchivePages):
    """Lists that several posts link to, categories and tags among them: where nothing
    else was whole and the chain of posts has come to its end."""

    name = "lists that posts link to"
    most = 100

    def seeds(self) -> list[tuple[int, str]]:
        return []

    def is_barren(self, url: str) -> bool:
        return self.barren.get("lists", 0) >= BARREN_LISTS or ArchivePages.is_barren(
            self, url
        )

    def _count_barren(self, url: str, *, new: bool) -> None:
        ArchivePages._count_barren(self, url, new=new)
        self.barren["lists"] = 0 if new else self.barren.get("lists", 0) + 1
