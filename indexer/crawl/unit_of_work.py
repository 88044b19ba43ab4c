"""The articles as a run has them so far: what the index holds, and what waits to be
added to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from indexer.crawl.assemble import Items, refresh
from indexer.ledger.aliases import Spellings
from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord
from indexer.runtime.signals import whole
from indexer.split.split import split
from indexer.text.urls import identity_of
from search.index.sqlite.writer import IndexWriter
from search.ports import Embedder
from search.types import Article, Evidence, Passage

BATCH = 256  # passages that are embedded together
COMMIT_AFTER = 60.0  # seconds; what a kill costs at most


class Holdings:
    """Index and ledger, written in step: what changes takes effect at ``commit``."""

    def __init__(self, ledger: Ledger, index: IndexWriter, embedder: Embedder) -> None:
        self.ledger = ledger
        self.index = index
        self.spellings = Spellings(ledger)
        self.evidences: dict[str, Evidence] = index.stored.evidences()
        self.embedded = 0
        self.reused = 0
        self._embedder = embedder
        self._by_identity = {identity_of(url): url for url in self.evidences}
        self._waiting: dict[str, tuple[Article, Sequence[Passage]]] = {}
        self._records: dict[str, PageRecord] = {}
        self._links: dict[str, str] = {}
        self._committed = time.monotonic()

    # What there is

    def article(self, url: str) -> Article | None:
        """The article that is held under this very address."""
        return (
            self._waiting[url][0]
            if url in self._waiting
            else self.index.stored.article(url)
        )

    def alike(self, url: str) -> str:
        """The address under which an article of this identity is held, "" where there
        is none."""
        return self._by_identity.get(identity_of(url), "")

    def record(self, url: str) -> PageRecord | None:
        """How the last try at an address ended, in this run or before."""
        return self._records.get(url) or self.ledger.page(url)

    def leading_to(self, article: str, *, besides: Collection[str]) -> list[str]:
        """The addresses under which this article is listed, but for these."""
        before = [
            url
            for url in self.ledger.urls_of_article(article)
            if url not in self._records
        ]
        now = [
            record.url for record in self._records.values() if record.article == article
        ]
        return [url for url in (*before, *now) if url not in besides]

    def said_of(self, urls: Iterable[str]) -> Items:
        """What the sources say of these addresses."""
        return self.spellings.said_of(urls)

    # What changes

    def put(self, article: Article) -> bool:
        """Queue an article for the index; False where the index holds just this."""
        if self.article(article.url) == article:
            return False
        model = self._embedder
        passages = split(article, count_tokens=model.count_tokens, window=model.window)
        self._waiting[article.url] = (article, passages)
        self.evidences[article.url] = article.evidence
        self._by_identity[identity_of(article.url)] = article.url
        if sum(len(passages) for _, passages in self._waiting.values()) >= BATCH:
            self._add()
        if time.monotonic() - self._committed > COMMIT_AFTER:
            self.commit()
        return True

    def forget(self, url: str) -> None:
        """Take an article out, whatever leads to it."""
        self._waiting.pop(url, None)
        self.index.forget(url)
        self.evidences.pop(url, None)
        if self.alike(url) == url:
            del self._by_identity[identity_of(url)]

    def drop(self, url: str, *, besides: Collection[str]) -> None:
        """These addresses lead to an article no longer; others may, and it keeps what
        is said of them."""
        held = self.article(url)
        others = self.leading_to(url, besides=besides)
        if held is not None and others:
            self.put(refresh(held, self.said_of(others)))
        elif held is not None:
            self.forget(url)

    def rename(self, old: str, new: str) -> None:
        """An article is held under another address from now on; all that led to it
        leads there."""
        for url in self.leading_to(old, besides=()):
            if record := self.record(url):
                self.note(replace(record, article=new))
        self.forget(old)

    def note(self, record: PageRecord) -> None:
        """Remember how a try at an address ended."""
        self._records[record.url] = record

    def note_links(self, url: str, links: str) -> None:
        """Remember where a page leads."""
        self._links[url] = links

    def commit(self) -> None:
        """Index first, then ledger: a crash between the two only repeats safe work."""
        self._add()
        with whole():
            self.index.commit()
            if self._records:
                with self.ledger.transaction():
                    for record in self._records.values():
                        self.ledger.put_page(record)
                    for url, links in self._links.items():
                        self.ledger.put_links(url, links)
                self._records.clear()
                self._links.clear()
            self._committed = time.monotonic()

    def _add(self) -> None:
        if self._waiting:
            added = self.index.add(list(self._waiting.values()))
            self.embedded += added.embedded
            self.reused += added.reused
            self._waiting.clear()
