"""The links of a post to its own site, as the ledger stores them.

With them posts are found that only other posts name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import urlsplit

from indexer.backfill import archive_pages
from indexer.extract.links import Link
from indexer.ledger.rows import readable
from search.text.urls import canonical

MOST_LINKS = 300  # kept of one page; menus and footers come after the text's


def links_to_keep(links: Sequence[Link]) -> list[Link]:
    """Return those of a post's links that may lead to posts, each once.

    Links to the post before and after come first; their relation is "prev".
    """
    # First those of the chain: of a page with very many links they are kept.
    in_chain = frozenset({"prev"})
    kept: dict[str, Link] = {}
    for url in archive_pages.neighbours(links):
        kept[url] = Link(canonical(url), relations=in_chain)
    for link in links:
        kept.setdefault(link.url, Link(canonical(link.url)))
    posts = filter(_is_below_root, kept.values())
    return list(islice(posts, MOST_LINKS))


def _is_below_root(link: Link) -> bool:
    # Every post links home, and no post is there.
    return urlsplit(link.url).path not in ("", "/")


def to_ledger(links: Iterable[Link]) -> str:
    """Return links as the ledger stores them."""
    return json.dumps([[link.url, sorted(link.relations)] for link in links])


def from_ledger(text: str) -> list[Link]:
    """Return links that ``to_ledger`` wrote."""
    with readable():
        return [
            Link(str(url), relations=frozenset(relations))
            for url, relations in json.loads(text)
        ]
