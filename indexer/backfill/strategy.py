"""A strategy of finding older posts: where it begins, what a page of it gives.

No strategy fetches anything: that is the strategy runner's part.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from indexer.backfill.frontier import RankedPage
from indexer.backfill.site import BlogSite
from indexer.records import Item, Page
from search.text.urls import identity


@dataclass(frozen=True, slots=True)
class Step:
    """The posts of one page, and the pages that it leads to."""

    found: tuple[Item, ...] = ()
    pages: tuple[RankedPage, ...] = ()


class Strategy(ABC):
    """One strategy on one site.

    ``given`` are the identities of all posts that it gave, known ones among them;
    ``broken``: one of its pages could not be had. ``asked`` counts requests, ``read_pages``
    those that gave what was expected, ``barren`` the pages in a row of each series that
    gave nothing new. ``memory`` is what an earlier run stored of it.
    """

    name: ClassVar[str]  # as reports show it and ledgers store it
    # Over all runs: a site without end costs no more.
    most_requests: ClassVar[int]
    # Statuses that say that there are no further pages.
    ends_at: ClassVar[Collection[int]] = (400, 404, 410)

    def __init__(self, site: BlogSite, memory: Mapping[str, Any]) -> None:
        self.site = site
        self.given: set[str] = set(memory.get("given", ()))
        self.broken = bool(memory.get("broken"))
        self.barren: dict[str, int] = dict(memory.get("barren", {}))
        self.asked = int(memory.get("asked", 0))
        self.read_pages = int(memory.get("read_pages", 0))

    def memory(self) -> dict[str, Any]:
        """Return what it knows so far, as JSON values, for the next run to go on."""
        return {
            "given": sorted(self.given),
            "broken": self.broken,
            "barren": self.barren,
            "asked": self.asked,
            "read_pages": self.read_pages,
        }

    @abstractmethod
    def seeds(self) -> list[RankedPage]:
        """Return the pages to begin with, none if the site has nothing of the kind."""

    @abstractmethod
    def read(self, url: str, page: Page, rank: int) -> Step:
        """Read a page; raises BlogsearchError if it is not what was expected."""

    def is_whole(self) -> bool:
        """Tell if, with no page left to read, all posts of the site are known."""
        # What the feed shows is the sample on which a strategy is tested.
        return self.site.covers(self.given) and not self.broken

    def is_enough(self, rank: int) -> bool:
        """Tell if the pages of this rank and above need not be read."""
        return self.asked >= self.most_requests

    def is_barren(self, url: str) -> bool:
        """Tell if the list that this is a page of gave nothing new for a while."""
        return False

    def _take(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Return those of the items that are the site's, and remember them."""
        mine = tuple(item for item in items if self.site.is_ours(item.url))
        self.given |= self._keys(mine)
        return mine

    def _keys(self, items: Iterable[Item]) -> set[str]:
        """Return the identities of items."""
        return {identity(item.url) for item in items}

    def _count_barren(self, series: str, *, new: bool) -> None:
        in_a_row = 0
        if not new:
            in_a_row = self.barren.get(series, 0) + 1
        self.barren[series] = in_a_row
