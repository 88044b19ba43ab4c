"""The articles of an index by the identity of their addresses, as a run has them, and
which identities there is something to do about.

Changes no article and no record of an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from indexer.ledger.aliases import Aliases
from indexer.ledger.ledger import Ledger
from indexer.text.urls import identity_of
from search.ports import Writer
from search.types import Evidence


class Run(Protocol):
    """The part of a unit of work that tells what is stored, and what leads there."""

    def evidence_of(self, article: str) -> Evidence | None: ...
    def leading_to(self, article: str) -> list[str]: ...


class Identities:
    """The article of each identity: looked up in the ledger, but for what this run put
    or removed.

    ``is_apart``: the index may have articles of which the ledger does not know, or lack
    some of which it does, so that everything is looked at. ``changed`` are articles that
    were put since the last commit.
    """

    def __init__(self, ledger: Ledger, index: Writer, run: Run) -> None:
        self._ledger = ledger
        self._index = index
        self._run = run
        self._by_identity: dict[str, str] = {}  # "" where it was removed
        self._without_task: set[str] = set()
        self.changed: set[str] = set()
        self.is_apart = not ledger.is_of(index.manifest)
        self._is_to_unsettle = self.is_apart
        # Articles to which no address led when the run began: one that was killed, or
        # a backup, may have left some.
        self._strays: set[str] = set()
        if self.is_apart:
            urls = index.urls()
            self._by_identity = {identity_of(url): url for url in urls}
            self._strays = set(urls) - ledger.articles()

    def article(self, identity: str) -> str:
        """Return the address under which an article of an identity is stored, or ""."""
        if identity in self._by_identity:
            return self._by_identity[identity]
        for article in self._ledger.articles_alike(identity):
            if self._run.evidence_of(article) is not None:
                return article
        return ""

    def put(self, url: str) -> None:
        """Have an article be that of its identity from now on."""
        self._by_identity[identity_of(url)] = url

    def remove(self, url: str) -> None:
        """Have no article of its identity, if it is this one; before it leaves."""
        identity = identity_of(url)
        if self.article(identity) == url:
            self._by_identity[identity] = ""

    # The plan

    def to_plan(self, now: datetime) -> dict[str, list[str]]:
        """Return by source the identities that are to be planned one by one."""
        return self._ledger.open_identities(now, everything=self.is_apart)

    def note_without_task(self, identity: str) -> None:
        """Note that the plan has nothing to do about an identity."""
        self._without_task.add(identity)

    # The commit

    def is_to_note(self) -> bool:
        """Tell if the ledger is to note anything, though no record is new."""
        return self._is_index_new() or bool(self._ledger.unsettled(self._without_task))

    def note(self, noted: Iterable[str] = ()) -> None:
        """Note the index as it is, and the records of these addresses, in the ledger's
        transaction."""
        if self._is_index_new():
            if self._is_to_unsettle:
                # After a kill the next run finds what this one leaves undone.
                self._ledger.unsettle_all()
                self._is_to_unsettle = False
            self._ledger.note_index(self._index.manifest)
        for article in self.changed:
            self._ledger.recount(article)
        self.changed.clear()
        self._without_task.update(map(identity_of, noted))

    def settle(self) -> None:
        """Have what is up to date not planned again until it changes or is due."""
        aliases = Aliases(self._ledger)
        for identity in self._ledger.unsettled(self._without_task):
            group = aliases.group(identity)
            if all(self._is_settled(url, group.hash) for url in group.urls):
                self._ledger.settle(identity)
        self._without_task.clear()

    def _is_settled(self, url: str, item_hash: str) -> bool:
        """Tell if the record of an address is of what the sources say now."""
        record = self._ledger.page(url)
        if record is None:
            return False
        if record.state == "forgotten":
            return True
        is_stored = not record.article or self._run.evidence_of(record.article)
        return record.item_hash == item_hash and bool(is_stored)

    def _is_index_new(self) -> bool:
        """Tell if the ledger knows all of an index that it has not noted yet."""
        if self._ledger.is_of(self._index.manifest):
            return False
        self._strays = {
            url
            for url in self._strays
            if self._run.evidence_of(url) is not None and not self._run.leading_to(url)
        }
        return not self._strays
