"""Which of the addresses that sources list are spellings of one, and what the sources
say of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.ledger.ledger import Ledger
from indexer.records import Item, SourceRecord
from indexer.text.urls import identity_of


class Listing(NamedTuple):
    """That a source lists an address; ``hash`` stands for what it says of it."""

    source: str
    url: str
    hash: str


@dataclass(slots=True)
class Group:
    """The listings of one identity, oldest first."""

    listings: list[Listing] = field(default_factory=list)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every spelling once, oldest first."""
        return tuple(dict.fromkeys(listing.url for listing in self.listings))

    @property
    def hash(self) -> str:
        """Changes when a source says something else, a new one says something, or
        spells it otherwise."""
        return "".join(listing.hash[:16] for listing in self.listings)

    @property
    def current(self) -> dict[str, str]:
        """The spelling that each source used last: one that moved to https lists the
        older one no more."""
        return {listing.source: listing.url for listing in self.listings}

    def has_respelt(self, source: str) -> bool:
        """Whether this source used another spelling before."""
        return (
            len({listing.url for listing in self.listings if listing.source == source})
            > 1
        )


class Spellings:
    """The groups of all that the ledger's sources list, as of when this was made or
    caught up."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._groups: dict[str, Group] = {}
        self._by_source: dict[str, dict[str, None]] = {}
        self._read = 0
        self.catch_up()

    def catch_up(self) -> None:
        """Take up what the sources list since."""
        for row, source, url, digest in self._ledger.listings(after=self._read):
            key = identity_of(url)
            self._groups.setdefault(key, Group()).listings.append(
                Listing(source, url, digest)
            )
            self._by_source.setdefault(source, {})[key] = None
            self._read = row

    def of_source(self, source: str) -> list[tuple[str, Group]]:
        """What a source lists, in its order, with the identity of each."""
        return [(key, self._groups[key]) for key in self._by_source.get(source, ())]

    def of_urls(self, urls: Iterable[str]) -> list[tuple[str, Group]]:
        """The groups of these addresses, each once, with their identities."""
        keys = dict.fromkeys(map(identity_of, urls))
        return [(key, self._groups[key]) for key in keys if key in self._groups]

    def said_of(self, urls: Iterable[str]) -> list[tuple[Item, SourceRecord]]:
        """What each source says of these addresses, whatever their spelling, and the
        source."""
        said = []
        for _, group in self.of_urls(urls):
            current = group.current
            for url in dict.fromkeys(current.values()):
                pairs = self._ledger.items_of_url(url)
                said += [
                    (item, source)
                    for item, source in pairs
                    if current.get(source.url) == url
                ]
        return said
