"""The unit of work of a run: what changes in index and ledger, until both are written.

Decides nothing about pages.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime

from indexer.backfill.post_links import to_ledger
from indexer.crawl.assemble import refresh
from indexer.crawl.compose import Neighbours
from indexer.crawl.forgotten import Forgotten
from indexer.crawl.identities import Identities
from indexer.crawl.site_repeats import SiteRepeats
from indexer.crawl.tasks import Attempt, Task
from indexer.extract.links import Link
from indexer.ledger.aliases import Aliases
from indexer.ledger.erasing import Erasing
from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord
from indexer.runtime.signals import whole
from indexer.split.split import split
from indexer.text.urls import identity_of
from search.ports import Embedder, Writer
from search.types import Article, Evidence

# Characters of articles that are split and embedded together, some 256 passages.
BATCH = 150_000
LEAST = 200  # characters that an article counts for: a bare link is a passage too
# Seconds between two commits, and so what a kill costs. Where a commit takes longer than
# CHEAP_COMMIT the pause grows with it, so that one 20th of a run is spent on commits, but
# not beyond COMMIT_AFTER * LONGEST_PAUSE, five minutes.
COMMIT_AFTER = 60.0
CHEAP_COMMIT = 3.0  # seconds
LONGEST_PAUSE = 5.0  # times COMMIT_AFTER


def pause_after(seconds: float) -> float:
    """Return the time to the next commit, where the last one took these seconds."""
    return COMMIT_AFTER * min(max(seconds / CHEAP_COMMIT, 1.0), LONGEST_PAUSE)


class UnitOfWork:
    """Index and ledger as this run has them; changes take effect at ``commit``."""

    def __init__(self, ledger: Ledger, index: Writer, embedder: Embedder) -> None:
        self.ledger = ledger
        self.index = index
        self.aliases = Aliases(ledger)
        self.embedded = 0
        self.reused = 0
        self._embedder = embedder
        self.identities = Identities(ledger, index, self)
        self.repeats = SiteRepeats(ledger.repeats)
        # What is noted since the last commit, by address.
        self._waiting: dict[str, Article] = {}
        self._characters = 0  # of what waits
        self._records: dict[str, PageRecord] = {}
        self._links: dict[str, Sequence[Link]] = {}
        self._sites: list[str] = []
        self._erased: dict[str, None] = {}  # articles
        self._committed = time.monotonic()
        self._pause = COMMIT_AFTER

    # What there is

    def article(self, url: str) -> Article | None:
        """Return the article that is stored under this very address."""
        return self._waiting.get(url) or self.index.article(url)

    def alike(self, url: str) -> str:
        """Return the address under which an article of this identity is stored, or ""."""
        return self.identities.article(identity_of(url))

    def evidence_of(self, article: str) -> Evidence | None:
        """Return the evidence on which an article is stored, None where it is not."""
        if waiting := self._waiting.get(article):
            return waiting.evidence
        return self.index.evidence_of(article)

    def record(self, url: str) -> PageRecord | None:
        """Return the end of the last try at an address, in this run or before."""
        return self._records.get(url) or self.ledger.page(url)

    def records(self, urls: Iterable[str]) -> list[PageRecord]:
        """Return the records of those of these addresses that were ever tried."""
        records = map(self.record, dict.fromkeys(urls))
        return [record for record in records if record is not None]

    def leading_to(self, article: str, *, besides: Collection[str] = ()) -> list[str]:
        """Return the addresses that lead to this article, but for some."""
        stored = self.ledger.urls_of_article(article)
        # What this run noted of an address takes the place of what the ledger has.
        urls = [url for url in stored if url not in self._records]
        for record in self._records.values():
            if record.article == article:
                urls.append(record.url)
        return [url for url in urls if url not in besides]

    def neighbours(self, address: str, task: Task) -> Neighbours:
        """Return the other addresses that lead to the article of an address."""
        identity = identity_of(address)
        there = self.identities.article(identity)
        urls = self.leading_to(there or address, besides=task.aliases)
        same = [url for url in urls if identity_of(url) == identity]
        states = {record.state for record in self.records(same)}
        return Neighbours(
            self.article(there),
            tuple(urls),
            self.aliases.items_of(urls),
            is_asked=identity_of(task.url) == identity,
            has_own_page="good" in states,
        )

    def forgotten(self) -> Forgotten:
        """Return what the user wants out."""
        return Forgotten.of(self.ledger.forgotten(), self.ledger.forgotten_sites())

    # What changes

    def put(self, article: Article) -> bool:
        """Queue an article for the index; False where the index stores just this.

        All that led to an article of this identity leads there.
        """
        identity = identity_of(article.url)
        former = self.identities.article(identity) or article.url
        self.identities.put(article.url)
        is_new = self.article(article.url) != article
        if is_new:
            self._queue(article)
        if former != article.url:
            for record in self.records(self.leading_to(former)):
                self.note(replace(record, article=article.url))
            self.remove(former)
        return is_new

    def _queue(self, article: Article) -> None:
        self._waiting[article.url] = article
        self.identities.changed.add(article.url)
        # Embedding pays in large batches, which put short texts beside short ones.
        self._characters += max(len(article.text), LEAST)
        if self._characters >= BATCH:
            self._add()
        if time.monotonic() - self._committed > self._pause:
            self.commit()

    def without_repeats(self, article: Article) -> Article:
        """Return an article without what repeats on its site's pages."""
        blocks = self.repeats.without(article.url, article.blocks)
        return replace(article, blocks=blocks)

    def settle_repeats(self) -> None:
        """Take what repeats out of the articles that were read before it was known."""
        for url in sorted(self.repeats.affected):
            article = self.article(url)
            if article is not None:
                self.put(self.without_repeats(article))
        self.repeats.affected.clear()

    def remove(self, url: str) -> None:
        """Take an article out, whatever leads to it."""
        self._waiting.pop(url, None)  # it may have been queued in this run
        self.identities.remove(url)
        self.index.forget(url)

    def release(self, article: str, *, besides: Collection[str] = ()) -> None:
        """Let some addresses lead to an article no longer.

        If others still do, it keeps what is said of them; else it is taken out.
        """
        stored = self.article(article)
        if stored is None:
            return
        if others := self.leading_to(article, besides=besides):
            self.put(refresh(stored, self.aliases.items_of(others)))
        else:
            self.remove(article)

    def lead_to(self, article: Article | None, task: Task) -> bool:
        """Let a task's addresses lead to this article, and to no other any longer.

        Returns False where the index stores just this.
        """
        led_to = {record.article for record in self.records(task.aliases)}
        led_to |= {task.before.article, ""}
        is_new = False
        if article is not None:
            led_to.discard(article.url)
            is_new = self.put(article)
        for other in led_to - {""}:
            self.release(other, besides=task.aliases)
        return is_new

    def erase(self, article: str) -> None:
        """Have the files keep nothing of an article that the index lets go of, or of
        which it lets go of a part."""
        self._erased[article] = None

    def note(self, record: PageRecord) -> None:
        """Note how a try at an address ended; of a forgotten one only why and when."""
        if record.state == "forgotten":
            today = datetime.now(UTC).date().isoformat()
            record = PageRecord(
                record.url, "forgotten", reason=record.reason, since=today
            )
        self._records[record.url] = record

    def note_attempt(self, attempt: Attempt, record: PageRecord) -> None:
        """Note how an attempt ended for each alias, and where its page leads."""
        url = attempt.task.url
        for alias in attempt.task.aliases:
            self.note(replace(record, url=alias))
        if attempt.links:
            self._links[url] = attempt.links
        if attempt.shared is not None:
            validators = asdict(attempt.shared.validators)
            self.note(PageRecord(attempt.task.shared, "good", validators=validators))

    def note_forgotten_site(self, host: str) -> None:
        """Note that the user wants a whole site out."""
        self._sites.append(host)

    @contextmanager
    def dropping(self, urls: Iterable[str], *, source: str = "") -> Iterator[None]:
        """Let sources list these addresses no longer, by what is done inside.

        The articles that they led to are released. The ledger is committed after the
        index: a crash between the two only repeats safe work. With ``source``, which is
        followed no more, they are not in the state to roll back to either.
        """
        self.commit()
        articles = {record.article for record in self.records(urls)} - {""}
        # Without: what a folder has no more may be missing by accident, such as that of
        # a disk that isn't there. A rollback brings it back.
        erasing = Erasing(tuple(articles), sources=(source,)) if source else Erasing()
        with whole():
            self.ledger.note_erasing(erasing)
            with self.ledger.transaction():
                yield
                self.ledger.settle_erasing()
                for article in articles:
                    self.release(article)
                self._add()
                self.index.commit()
                self.identities.note()

    def commit(self) -> None:
        """Write index, then ledger: a crash between the two only repeats safe work."""
        self._add()
        began = time.monotonic()
        with whole():  # Ctrl-C comes after both
            wordy = [page for page in self._records.values() if self._is_wordy(page)]
            if wordy or self._erased:
                self.ledger.note_erasing(
                    Erasing(tuple(self._erased), tuple(wordy), sites=tuple(self._sites))
                )
            self.index.commit()
            # A transaction without writes would change the file all the same.
            noted = self._records or self._sites or self._erased or self.repeats.new
            if noted or self.identities.is_to_note():
                with self.ledger.transaction():
                    self._write_ledger()
                    for page in wordy:
                        self.ledger.drop_words(page)
                    self.ledger.settle_erasing()
                    self.identities.settle()
            self._erased.clear()
            self._committed = time.monotonic()
            self._pause = pause_after(self._committed - began)

    def _is_wordy(self, page: PageRecord) -> bool:
        """Tell if the ledger has words of a page that is forgotten or gone."""
        # Gone once, or for one of its addresses: what is stored stays as it is.
        is_gone = page.state == "gone" and self.evidence_of(page.article) in (
            None,
            "link",
        )
        if page.state != "forgotten" and not is_gone:
            return False
        return self.ledger.has_words(page)

    def _write_ledger(self) -> None:
        for record in self._records.values():
            self.ledger.put_page(record)
        for url, links in self._links.items():
            self.ledger.put_links(url, to_ledger(links))
        for host in self._sites:
            self.ledger.forget_site(host)
        self.ledger.add_repeats(self.repeats.new)
        self.repeats.new.clear()
        self.identities.note(self._records)
        self._records.clear()
        self._links.clear()
        self._sites.clear()

    def _add(self) -> None:
        """Split what waits into passages, and add it to the index."""
        if not self._waiting:
            return
        model = self._embedder
        articles = []
        for article in self._waiting.values():
            passages = split(
                article, count_tokens=model.count_tokens, window=model.window
            )
            articles.append((article, passages))
        added = self.index.add(articles)
        self.embedded += added.embedded
        self.reused += added.reused
        self._waiting.clear()
        self._characters = 0
