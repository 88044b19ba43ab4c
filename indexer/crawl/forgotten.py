"""The articles and sites that the user wants out of the index, as a value to ask.

Changes nothing: see ``forget``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.records import PageRecord, Reason
from indexer.text.urls import identity_of, lies_on


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The identities of single articles, and the hosts of whole sites."""

    articles: frozenset[str] = frozenset()
    sites: tuple[str, ...] = ()

    @classmethod
    def of(cls, pages: Iterable[PageRecord], sites: Iterable[str]) -> Forgotten:
        """Make it of the ledger's records and hosts."""
        single = (page.url for page in pages if page.reason == "forgotten")
        return cls(frozenset(map(identity_of, single)), tuple(sites))

    def reason(self, urls: Iterable[str]) -> Reason:
        """Return why an article with these addresses is left out, "" where it is not."""
        by_site: Reason = ""
        for url in urls:
            if identity_of(url) in self.articles:
                return "forgotten"  # the user meant this one, whatever its site
            if any(lies_on(url, site) for site in self.sites):
                by_site = "forgotten-site"
        return by_site
