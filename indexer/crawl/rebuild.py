"""The rebuilding of an index from the articles in it, without network.

Reads no ledger and fetches nothing.
"""

from __future__ import annotations

from indexer.crawl.assemble import with_language
from indexer.records import Progress
from indexer.split.split import TARGET, split
from search.ports import Embedder, Writer

BATCH = 16  # articles that are embedded together


def rebuild_all(
    index: Writer, embedder: Embedder, progress: Progress, *, target: int = TARGET
) -> int:
    """Split and embed every article again, and return how many there are.

    ``index`` was opened with ``rebuild``; nothing is to be seen of it until ``commit``.
    ``target`` is the length of a passage in tokens.
    """
    urls = index.urls()
    progress.begin("articles", len(urls))
    try:
        for start in range(0, len(urls), BATCH):
            batch = []
            for url in urls[start : start + BATCH]:
                stored = index.article(url)
                if stored is None:
                    continue
                # Newer versions may tell a language that older ones did not.
                article = with_language(stored)
                passages = split(
                    article,
                    count_tokens=embedder.count_tokens,
                    window=embedder.window,
                    target=target,
                )
                batch.append((article, passages))
            progress.embed(index.add(batch).embedded)
            for article, _ in batch:
                progress.advance(article.url)
    finally:
        progress.end()
    return len(urls)
