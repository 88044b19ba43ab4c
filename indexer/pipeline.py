"""The conductor of a run: poll | plan | fetch | read | assemble | split | embed | commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from indexer.archive.archivepages import Link
from indexer.assemble import Items, Reading, assemble, feed_item, read, refresh
from indexer.backfill import Backfill, is_bare, leads_elsewhere, links_of, written
from indexer.coverage import keep_books
from indexer.documents.asking import fetch_document
from indexer.documents.kinds import is_readable
from indexer.fetch import Fetcher, FetchError, NotModified, Page
from indexer.http.headers import Validators
from indexer.items import item_hash
from indexer.lanes import Lanes
from indexer.ledger import Ledger, PageRecord, SourceRecord, State
from indexer.outcomes import Outcome, Progress, Report, Result
from indexer.plan import decide, is_gone, schedule
from indexer.polling import Polled, ask_source
from indexer.sources import Found
from indexer.split import split
from indexer.strays import leave_out
from indexer.verdicts import is_excluded, is_kept
from indexer.workers import Workers
from search.errors import BlogsearchError
from search.index import IndexWriter
from search.ports import Embedder
from search.types import Article, Evidence, Passage

BATCH = 256  # passages that are embedded together
COMMIT_AFTER = 60.0  # seconds; what a kill costs at most

GOOD = ("article", "unchanged", "excluded")  # nothing more is to be had from such an address now

NOTHING = Reading(None, (), whole=False)  # where neither page nor feed gave a text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Task:
    url: str
    items: Items
    item_hash: str
    known: PageRecord | None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    task: _Task
    reading: Reading | None = None
    page: Page | NotModified | None = None
    error: BlogsearchError | None = None
    links: Sequence[Link] = ()


class Pipeline:
    """One run over sources. ``clock`` gives the time that plans go by."""

    def __init__(
        self,
        ledger: Ledger,
        index: IndexWriter,
        *,
        embedder: Embedder,
        fetcher: Fetcher,
        workers: Workers,
        progress: Progress,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._index = index
        self._embedder = embedder
        self._fetcher = fetcher
        self._workers = workers
        self._progress = progress
        self._clock = clock
        self._report = Report()
        self._waiting: dict[str, tuple[Article, Sequence[Passage]]] = {}
        self._records: dict[str, PageRecord] = {}
        self._links: dict[str, str] = {}
        self._backfill: Backfill | None = None
        self._committed = time.monotonic()

    def run(self, sources: Sequence[Found], backfill: Backfill | None = None) -> Report:
        """Bring these sources up to date. Ctrl-C ends it early with all that is done kept.

        ``backfill`` finds posts that the sources list no more; they are fetched in the same run.
        """
        self._backfill = backfill
        try:
            self._poll(sources)
            tasks = self._plan(sources)
            if backfill is not None:
                backfill.explore([record for record, error in self._report.sources if not error])
                tasks = tasks[: backfill.allow(len(tasks))]
            self._fetch(tasks)
            if backfill is not None:
                self._fetch_older(backfill)
        except KeyboardInterrupt:
            self._report.stopped = True
        finally:
            self._progress.end()
        self._commit()
        if backfill is not None:
            backfill.finish()
        keep_books(self._ledger, self._index)
        return self._report

    # Sources

    def _poll(self, sources: Sequence[Found]) -> None:
        sources = list({found.record.url: found for found in sources}.values())
        self._progress.begin("sources", len(sources))
        now = self._clock()
        lanes: Lanes[Found, Polled] = Lanes(
            lambda found: ask_source(found, self._fetcher, self._workers, now), lambda found: found.record.url
        )
        self._remember_new([found.record for found in sources])
        order = {found.record.url: place for place, found in enumerate(sources)}
        ended: dict[int, tuple[SourceRecord, str]] = {}
        for polled in lanes.run(sources):
            self._remember(polled)
            ended[order[polled.moved_from or polled.record.url]] = (polled.record, polled.error)
            self._report.sources = [ended[place] for place in sorted(ended)]
            self._progress.advance(f"{polled.record.url}: {polled.error or 'read'}")
        self._progress.end()

    def _remember_new(self, records: Sequence[SourceRecord]) -> None:
        """Before anything is asked: a run that is killed goes on with them, and they keep their order."""
        new = [record for record in records if self._ledger.source(record.url) is None]
        if new:
            with self._ledger.transaction():
                for record in new:
                    self._ledger.put_source(record)

    def _remember(self, polled: Polled) -> None:
        known = self._ledger.source(polled.moved_from or polled.record.url)
        if known == polled.record and polled.listing is None:
            return
        with self._ledger.transaction():
            if polled.moved_from:
                self._ledger.move_source(polled.moved_from, polled.record.url)
            self._ledger.put_source(polled.record)
            if polled.listing is not None:
                items = [(item, item_hash(item)) for item in polled.listing.items]
                self._ledger.put_items(polled.record.url, items)
                leave_out(self._ledger, polled.record, polled.listing.items)

    # Pages

    def _plan(self, sources: Sequence[Found]) -> list[_Task]:
        """The addresses to fetch now, each once; the others get their outcome here."""
        given = {
            found.page.url: found.page for found in sources if found.page and found.record.kind == "article"
        }
        now = self._clock()
        held = self._index.stored.evidences()
        tasks: dict[str, _Task] = {}
        seen: set[str] = set()
        for record, _ in self._report.sources:
            for url, digest in self._ledger.item_hashes(record.url).items():
                if url in seen:
                    continue
                seen.add(url)
                known = self._ledger.page(url)
                if known is not None and known.article and known.article not in held:
                    known = None  # the index was lost or put back from a backup
                decision = decide(digest, known, now)
                if decision.action == "fetch":
                    items = self._ledger.items_of_url(url)
                    tasks[url] = _Task(url, items, digest, known, given.get(record.url))
                elif known is not None:
                    self._tell_skipped(known, decision.reason, held)
        return list(tasks.values())

    def _tell_skipped(self, known: PageRecord, reason: str, held: Mapping[str, Evidence]) -> None:
        """The outcome of an address that is not fetched this time: as what it is held, and why."""
        evidence = held.get(known.article)
        if known.state == "forgotten" or (known.state == "good" and evidence is None):
            self._tell(known.url, "excluded", "")
        elif known.state == "good":
            self._tell(known.url, "unchanged", "")
        else:
            result: Result = "unchanged" if evidence == "article" else evidence or "failed"
            self._report.outcomes.append(Outcome(known.url, result, reason, tried=False))

    def _fetch(self, tasks: Sequence[_Task]) -> None:
        if not tasks:
            return
        self._progress.begin("articles", len(tasks))
        for done in Lanes(self._try, lambda task: task.url).run(tasks):
            self._take(done)
            self._progress.advance(done.task.url)

    def _fetch_older(self, backfill: Backfill) -> None:
        """Fetch what is found, and what that leads to, round by round: a chain gives one post a round."""
        now, ledger, total = self._clock(), self._ledger, 0
        while urls := backfill.more():
            digests = [(url, ledger.hash_of_url(url), ledger.page(url)) for url in urls]
            wanted = [each for each in digests if decide(each[1], each[2], now).action == "fetch"]
            if not total or len(urls) > total:
                self._progress.begin("older posts", len(wanted))
            total += len(urls)
            for done in Lanes(self._try, lambda task: task.url).run(
                _Task(url, ledger.items_of_url(url), digest, known) for url, digest, known in wanted
            ):
                self._take(done)
                self._progress.advance(done.task.url)

    def _try(self, task: _Task) -> _Done:
        """Fetch and read one page; runs in a lane's thread."""
        content = feed_item(task.items).content
        from_feed = any(source.kind == "feed" for _, source in task.items)
        try:
            page = task.page or self._fetch_page(task)
            if isinstance(page, NotModified):
                changed = task.known is not None and task.known.item_hash != task.item_hash
                fed = self._workers.run(read, None, task.url, content=content) if changed else None
                return _Done(task, fed, page)
            if is_bare(task.items) and leads_elsewhere(page):
                raise FetchError(task.url, "not-found", "The post's address leads to another page now.")
            kind = page.content_type
            if not is_readable(page.body, page.final_url, content_type=kind):
                raise FetchError(task.url, "unsupported-type", f"It is no web page but {kind}.")
            reading = self._workers.run(
                read, page.body, page.final_url, content_type=kind, charset=page.charset, content=content
            )
            return _Done(task, reading, page, links=links_of(page, self._workers) if from_feed else ())
        except BlogsearchError as error:
            try:
                reading = self._workers.run(read, None, task.url, content=content)
            except BlogsearchError:
                reading = NOTHING
            return _Done(task, reading, None, error)

    def _fetch_page(self, task: _Task) -> Page | NotModified:
        known = task.known
        seen = Validators(**known.validators) if known else Validators()
        away = Validators(last_modified=known.away) if known else None
        private = any(source.allow_private for _, source in task.items)
        url = known.moved if known and known.moved else task.url
        page = fetch_document(self._fetcher, url, seen or away, allow_private=private)
        if isinstance(page, NotModified) and not seen:  # it is back, and older than its absence
            page = fetch_document(self._fetcher, url, None, allow_private=private)
        return replace(page, moved_to=page.moved_to or (url if url != task.url else ""))

    def _take(self, done: _Done) -> None:
        """Bring one page's result into the index (in this thread) and note its outcome."""
        task, known, reading = done.task, done.task.known, done.reading
        self._keep_links(done)
        held = self._held(known.article) if known else None
        if is_excluded(done.page, reading):
            self._drop(held, task.url)
            return self._note(done, "excluded", None)
        if known is not None and is_gone(known, done.error):
            return self._take_gone(done, known, held)
        if isinstance(done.page, NotModified) and held is None:  # kept out on its request, or lost since
            return self._note(done, "failed" if known and known.article else "excluded", None)
        keep = is_kept(held, known, reading=reading, page=done.page, error=done.error)
        article = self._with_all_sources(
            task,
            lambda items: (
                refresh(held, items) if held and keep else assemble(task.url, items, reading or NOTHING)
            ),
        )
        if held is None and done.error and not article.blocks and is_bare(task.items):
            return self._note(done, "failed", None)
        if held is not None and held.url != article.url:
            self._drop(held, task.url)
        changed = self._put(article)
        whole = article.evidence == "article"
        return self._note(done, "unchanged" if whole and not changed else article.evidence, article)

    def _keep_links(self, done: _Done) -> None:
        if done.links:
            self._links[done.task.url] = written(done.links)
            if self._backfill is not None:
                self._backfill.saw([source.url for _, source in done.task.items], done.links)

    def _take_gone(self, done: _Done, known: PageRecord, held: Article | None) -> None:
        """A page that was had answers 404 or 410: its article leaves when that is seen a second time,
        a day later or more, except for the notes of those who link to it."""
        if held is not None and known.state != "gone":
            return self._note(done, "unchanged", held, state="gone")
        article = assemble(done.task.url, done.task.items, NOTHING)
        self._drop(held, done.task.url)
        if not article.notes:
            return self._note(done, "failed", None, state="gone")
        self._put(article)
        return self._note(done, article.evidence, article)

    def _with_all_sources(self, task: _Task, make: Callable[[Items], Article]) -> Article:
        """An article that is listed under several addresses has what the sources say of each."""
        article = make(task.items)
        others = self._others(article.url, task.url)
        if not others:
            return article
        return make([*task.items, *self._said_of(others)])

    def _others(self, article: str, url: str) -> list[str]:
        """The other addresses under which this article is listed, those of this run included."""
        before = [u for u in self._ledger.urls_of_article(article) if u not in self._records]
        now = [record.url for record in self._records.values() if record.article == article]
        return [other for other in (*before, *now) if other != url]

    def _drop(self, held: Article | None, url: str) -> None:
        """This address leads to that article no longer; others may, and the article has their notes."""
        if held is None:
            return
        others = self._others(held.url, url)
        if others:
            self._put(refresh(held, self._said_of(others)))
        else:
            self._waiting.pop(held.url, None)
            self._index.forget(held.url)

    def _said_of(self, urls: Sequence[str]) -> Items:
        return [pair for url in urls for pair in self._ledger.items_of_url(url)]

    def _held(self, url: str) -> Article | None:
        """The article as this run has it so far."""
        return self._waiting[url][0] if url in self._waiting else self._index.stored.article(url)

    def _put(self, article: Article) -> bool:
        """Queue an article for the index; False where the index holds just this."""
        if self._held(article.url) == article:
            return False
        model = self._embedder
        passages = split(article, count_tokens=model.count_tokens, window=model.window)
        self._waiting[article.url] = (article, passages)
        if sum(len(passages) for _, passages in self._waiting.values()) >= BATCH:
            self._add()
        if time.monotonic() - self._committed > COMMIT_AFTER:
            self._commit()
        return True

    def _note(
        self, done: _Done, result: Result, article: Article | None, *, state: State | None = None
    ) -> None:
        """Write down how a page fared, for the ledger and for the closing table."""
        task, error = done.task, done.error
        reason = str(error) if error else "" if result in GOOD else "the page holds no whole article"
        had = task.known.validators if article and task.known else {}
        record = PageRecord(
            url=task.url,
            state=state or ("good" if result in GOOD else "failed" if error else "partial"),
            article=article.url if article else "",
            item_hash=task.item_hash,
            reason=reason,
            validators=asdict(done.page.validators) if done.page else had,
            size=len(done.page.body) if isinstance(done.page, Page) else task.known.size if task.known else 0,
            moved=done.page.moved_to if done.page else "",
            away=error.seen.last_modified if isinstance(error, FetchError) else "",
        )
        if result == "unchanged" and error and task.known and not state:  # what is held is as good as it was
            record = replace(record, reason=task.known.reason)
        permanent = not (isinstance(error, FetchError) and not error.permanent)
        asked = error.retry_after if isinstance(error, FetchError) else None
        self._records[task.url] = schedule(
            record, task.known, self._clock(), permanent=permanent, retry_after=asked
        )
        self._tell(task.url, result, reason)

    def _tell(self, url: str, result: Result, reason: str) -> None:
        self._report.outcomes.append(Outcome(url, result, reason))

    # The index

    def _add(self) -> None:
        if self._waiting:
            added = self._index.add(list(self._waiting.values()))
            self._report.embedded += added.embedded
            self._report.reused += added.reused
            self._waiting.clear()

    def _commit(self) -> None:
        """Index first, then ledger: a crash between the two only repeats safe work."""
        self._add()
        self._index.commit()
        if self._records:
            with self._ledger.transaction():
                for record in self._records.values():
                    self._ledger.put_page(record)
                for url, links in self._links.items():
                    self._ledger.put_links(url, links)
            self._records.clear()
            self._links.clear()
        self._committed = time.monotonic()
