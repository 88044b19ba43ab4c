"""Stop following a source: what no other source leads to leaves the index, the rest loses its notes."""

from __future__ import annotations

from indexer.assemble import refresh
from indexer.ledger import Ledger
from indexer.split import split
from search.index import IndexWriter
from search.ports import Embedder


def drop_source(ledger: Ledger, index: IndexWriter, embedder: Embedder, *, url: str) -> None:
    """Take a source out of ledger and index."""
    with ledger.transaction():  # ends after the index's commit: a crash between only repeats this
        pages = [ledger.page(listed) for listed in ledger.item_hashes(url)]
        ledger.drop_source(url)
        for article in {page.article for page in pages if page and page.article}:
            held = index.stored.article(article)
            others = ledger.urls_of_article(article)
            if held is None:
                continue
            now = refresh(held, [pair for other in others for pair in ledger.items_of_url(other)])
            if not others:
                index.forget(article)
            elif now != held:
                passages = split(now, count_tokens=embedder.count_tokens, window=embedder.window)
                index.add([(now, passages)])
        index.commit()
