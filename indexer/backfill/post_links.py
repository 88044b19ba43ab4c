"""Where posts lead on their own site: what is kept of it, so that posts which only
posts name are found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from indexer.backfill import archive_pages as archivepages
from indexer.backfill.archive_pages import Link, read_links
from indexer.records import Page
from indexer.runtime.parser_pool import Workers
from search.errors import BlogsearchError
from search.text.urls import canonical

MOST_LINKS_KEPT = 300  # of one page


def links_of(page: Page, workers: Workers) -> Sequence[Link]:
    """Where a post leads on its own site, none where the page can't be read; runs in a
    lane's thread."""
    try:
        return links_to_keep(
            workers.run(read_links, page.body, page.final_url, charset=page.charset)
        )
    except BlogsearchError:
        return ()


def links_to_keep(links: Iterable[Link]) -> list[Link]:
    """Of a post's links those that may lead to posts; "prev" marks a place in a
    chain."""
    given = tuple(links)
    chain = set(archivepages.neighbours(given))
    kept: dict[str, Link] = {}
    for link in sorted(given, key=lambda link: link.url not in chain):
        if urlsplit(link.url).path not in ("", "/"):
            relations = frozenset({"prev"}) if link.url in chain else frozenset()
            kept.setdefault(link.url, Link(canonical(link.url), relations=relations))
        if len(kept) == MOST_LINKS_KEPT:
            break
    return list(kept.values())


def written(links: Iterable[Link]) -> str:
    """Links as the ledger keeps them."""
    return json.dumps([[link.url, sorted(link.relations)] for link in links])


def from_ledger(text: str) -> list[Link]:
    """Links as they were written."""
    return [
        Link(url, relations=frozenset(relations)) for url, relations in json.loads(text)
    ]
