"""Stop following a source: what no other source leads to leaves the index, the rest
loses its notes."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.crawl.assemble import refresh
from indexer.ledger.aliases import Spellings
from indexer.ledger.ledger import Ledger
from indexer.split.split import split
from search.index.sqlite.writer import IndexWriter
from search.ports import Embedder


def drop_source(
    ledger: Ledger, index: IndexWriter, embedder: Embedder, *, url: str
) -> None:
    """Take a source out of ledger and index."""
    with (
        ledger.transaction()
    ):  # ends after the index's commit: a crash between only repeats this
        held = _articles(ledger, ledger.urls_of_source(url))
        ledger.drop_source(url)
        _let_go(ledger, index, embedder, held)
        index.commit()


def drop_items(
    ledger: Ledger,
    index: IndexWriter,
    embedder: Embedder,
    *,
    source: str,
    urls: Iterable[str],
) -> None:
    """Take what a source leads to no longer out of ledger and index."""
    gone = list(urls)
    with ledger.transaction():
        held = _articles(ledger, gone)
        ledger.drop_items(source, gone)
        _let_go(ledger, index, embedder, held)
        index.commit()


def _articles(ledger: Ledger, urls: Iterable[str]) -> set[str]:
    pages = [ledger.page(url) for url in urls]
    return {page.article for page in pages if page and page.article}


def _let_go(
    ledger: Ledger, index: IndexWriter, embedder: Embedder, articles: Iterable[str]
) -> None:
    """Articles that one source less leads to."""
    spellings = Spellings(ledger)
    for article in articles:
        held = index.stored.article(article)
        others = ledger.urls_of_article(article)
        if held is None:
            continue
        now = refresh(held, spellings.said_of(others))
        if not others:
            index.forget(article)
        elif now != held:
            passages = split(
                now, count_tokens=embedder.count_tokens, window=embedder.window
            )
            index.add([(now, passages)])
