"""The aliases of an address among all that sources list, and the sources' words on each.

Reads the ledger; writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer.ledger.ledger import Ledger
from indexer.records import Item, SourceRecord
from indexer.text.urls import identity_of


class Mention(NamedTuple):
    """One source's listing of an address; ``hash`` is that of its item."""

    source: str
    url: str
    hash: str


@dataclass(slots=True)
class AliasGroup:
    """The mentions of one identity, oldest first."""

    mentions: list[Mention] = field(default_factory=list)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every alias once, oldest first."""
        return tuple(dict.fromkeys(mention.url for mention in self.mentions))

    @property
    def hash(self) -> str:
        """One hash over all items: changes with their words and with the aliases."""
        # 64 bits of each are enough to tell them apart, and records are short.
        return "".join(mention.hash[:16] for mention in self.mentions)

    @property
    def current(self) -> dict[str, str]:
        """The alias that each source used last.

        A source that moved to https lists the older alias no more.
        """
        return {mention.source: mention.url for mention in self.mentions}

    def has_changed_at(self, source: str) -> bool:
        """Tell whether this source used another alias before."""
        used = set()
        for mention in self.mentions:
            if mention.source == source:
                used.add(mention.url)
        return len(used) > 1


class Aliases:
    """The groups of what the ledger's sources list, each looked up when it is asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def group(self, identity: str) -> AliasGroup:
        """Return the group of an identity, without mentions where nobody lists it."""
        listed = self._ledger.listings(identity)
        return AliasGroup([Mention(*one) for one in listed])

    def of_urls(self, urls: Iterable[str]) -> list[tuple[str, AliasGroup]]:
        """Return the groups of these addresses, each once, with their identities."""
        keys = dict.fromkeys(map(identity_of, urls))
        groups = [(key, self.group(key)) for key in keys]
        return [(key, group) for key, group in groups if group.mentions]

    def items_of(self, urls: Iterable[str]) -> list[tuple[Item, SourceRecord]]:
        """Return what each source says of these addresses under any of their aliases."""
        found = []
        for _, group in self.of_urls(urls):
            # Of a source that changed to another alias only the newer words count.
            current = group.current
            for url in dict.fromkeys(current.values()):
                for item, source in self._ledger.items_of_url(url):
                    if current.get(source.url) == url:
                        found.append((item, source))
        return found
