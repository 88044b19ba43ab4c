"""The end of following: a source, or what it lists no longer, leaves ledger and index.

An article that no other source leads to goes; the rest loses the source's notes.
"""

from __future__ import annotations

from collections.abc import Collection

from indexer.crawl.unit_of_work import UnitOfWork


def drop_source(work: UnitOfWork, url: str) -> None:
    """Take a source out of ledger and index."""
    with work.dropping(work.ledger.urls_of_source(url), source=url):
        work.ledger.drop_source(url)


def drop_items(work: UnitOfWork, source: str, urls: Collection[str]) -> None:
    """Take what a source lists no longer out of ledger and index."""
    if urls:
        with work.dropping(urls):
            work.ledger.drop_items(source, urls)
