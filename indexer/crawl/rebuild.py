"""Everything split and embedded again from what is stored, without network."""

from __future__ import annotations

from indexer.crawl.assemble import with_language
from indexer.records import Progress
from indexer.split.split import TARGET, split
from search.ports import Embedder, Writer

BATCH = 16  # articles that are embedded together


def rebuild_all(
    index: Writer, embedder: Embedder, progress: Progress, *, target: int = TARGET
) -> int:
    """Put every article in anew, and say how many there are; nothing is to be seen of
    it until ``commit``.

    ``index`` was opened with ``rebuild``; ``target`` is the length of a passage in
    tokens.
    """
    urls = index.urls()
    progress.begin("articles", len(urls))
    try:
        for start in range(0, len(urls), BATCH):
            held = [
                article
                for url in urls[start : start + BATCH]
                if (article := index.article(url))
            ]
            made = [with_language(article) for article in held]
            index.add(
                [
                    (
                        a,
                        split(
                            a,
                            count_tokens=embedder.count_tokens,
                            window=embedder.window,
                            target=target,
                        ),
                    )
                    for a in made
                ]
            )
            for article in made:
                progress.advance(article.url)
    finally:
        progress.end()
    return len(urls)
