"""The frontier of a search for older posts: addresses known, waiting, visited and next.

It must not ask for anything: pages are fetched by the strategy runner, and the ledger
stores what ``write`` gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from heapq import heapify, heappop, heappush
from typing import Any

from indexer.ledger.rows import readable
from indexer.records import Item
from search.index.stored_records import all_texts, record_of
from search.text.urls import identity

RankedPage = tuple[int, str]  # rank (the lowest is read first) and address

# Notes are of link pages, which have no archive. Other versions knew other fields.
_ITEM_FIELDS = {field.name for field in fields(Item)} - {"notes"}


@dataclass(slots=True)
class Frontier:
    """The addresses of one source's search, and how far it has come.

    ``strategy`` counts the strategies that are finished; ``pages`` and ``memory``
    belong to the one under way. ``waiting`` are posts found that the source does not
    list yet, ``found`` counts the new posts by strategy. ``shown`` are the posts that
    the feed showed when the search began. ``visited`` and ``known`` (posts listed or
    found) are identities of addresses; ``known`` is not stored.
    """

    strategy: int = 0
    whole: bool = False  # a strategy gave all posts of the site
    done: bool = False  # nothing is left to look at or to fetch
    pages: list[RankedPage] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    waiting: list[Item] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, text: str) -> Frontier:
        """Read what ``write`` gave; "" is a search that has not begun.

        What older versions stored besides, such as a dry run's promise, is ignored.
        """
        if not text:
            return cls()
        # Older versions stored less; what is missing is as at the beginning.
        with readable():
            stored = json.loads(cls().write()) | json.loads(text)
            fields_of_it = {
                "strategy": stored["way"],
                "whole": stored["whole"],
                "done": stored["done"],
                "visited": set(stored["visited"]),
                "waiting": list(map(_stored_post, stored["waiting"])),
                "found": stored["found"],
                "shown": stored["shown"],
                "memory": stored["memory"],
            }
            frontier = record_of(cls, fields_of_it)
            frontier.add_pages(
                (int(rank), str(url)) for rank, url in stored["frontier"]
            )
        return frontier

    def write(self) -> str:
        """Return it as JSON, under the names that every version used."""
        stored = {
            "way": self.strategy,
            "whole": self.whole,
            "done": self.done,
            "frontier": self.pages,
            "visited": sorted(self.visited),
            "waiting": list(map(asdict, self.waiting)),
            "found": self.found,
            "shown": self.shown,
            "memory": self.memory,
        }
        return json.dumps(stored, ensure_ascii=False)

    def add_posts(self, items: Iterable[Item], by: str) -> None:
        """Let those of the posts wait that are not known; they count for ``by``."""
        for item in items:
            key = identity(item.url)
            if key not in self.known:
                self.known.add(key)
                self.waiting.append(item)
                self.found[by] = self.found.get(by, 0) + 1

    def add_pages(self, pages: Iterable[RankedPage]) -> None:
        """Add pages to be read, each at its rank."""
        for page in pages:
            heappush(self.pages, page)

    def next_page(self) -> RankedPage:
        """Remove and return the page of the lowest rank; IndexError if none is left."""
        return heappop(self.pages)

    def drop_pages(self, lowest: int) -> None:
        """Drop the pages of the lowest rank named and above."""
        self.pages = [(rank, url) for rank, url in self.pages if rank < lowest]
        heapify(self.pages)

    def is_known(self, url: str) -> bool:
        """Tell if a post is listed or found, under this address or an alias."""
        return identity(url) in self.known

    def is_visited(self, url: str) -> bool:
        """Tell if a page was read, under this address or an alias."""
        return identity(url) in self.visited

    def finish_strategy(self) -> None:
        """Go on to the next strategy, which begins with nothing."""
        self.strategy += 1
        self.pages = []
        self.memory = {}


def _stored_post(stored: dict[str, Any]) -> Item:
    known = {name: stored[name] for name in _ITEM_FIELDS & stored.keys()}
    if not all_texts(*known.get("tags", ())):
        raise TypeError("not the form that is written")
    return record_of(Item, known | {"tags": tuple(known.get("tags", ()))})
