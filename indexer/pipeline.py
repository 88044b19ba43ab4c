"""The conductor of a run: poll | plan | fetch | read | assemble | split | embed | commit."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from indexer.assemble import Items, Reading, assemble, feed_item, read, refresh
from indexer.fetch import Fetcher, FetchError, NotModified, Page
from indexer.headers import Validators
from indexer.items import Listing, item_hash, list_items
from indexer.lanes import Lanes
from indexer.ledger import Ledger, PageRecord, SourceRecord, now_text
from indexer.plan import decide, next_try, schedule
from indexer.sources import Found
from indexer.split import split
from indexer.workers import Workers
from search.errors import BlogsearchError
from search.index import IndexWriter
from search.ports import Embedder
from search.types import Article, Passage

BATCH = 256  # passages that are embedded together
COMMIT_AFTER = 60.0  # seconds; what a kill costs at most
LONGEST_HOLD = timedelta(days=1)  # of what a server's max-age asks; a blog is looked at daily at least

GOOD = ("article", "unchanged", "excluded")  # nothing more is to be had from such an address now

Result = Literal["article", "summary", "link", "unchanged", "failed", "excluded"]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one address ended. ``reason`` says why it is not the whole article."""

    url: str
    result: Result
    reason: str = ""


@dataclass(slots=True)
class Report:
    """What a run did. ``sources`` pairs each source with its error, "" where all is well."""

    sources: list[tuple[SourceRecord, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    requests: int = 0
    embedded: int = 0
    reused: int = 0
    stopped: bool = False


class Progress(Protocol):
    """Is told how far a run is."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, text: str) -> None: ...
    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Polled:
    record: SourceRecord
    listing: Listing | None = None
    moved_from: str = ""
    error: str = ""
    asked: bool = True


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
        self._waiting: list[tuple[Article, Sequence[Passage]]] = []
        self._records: list[PageRecord] = []
        self._committed = time.monotonic()

    def run(self, sources: Sequence[Found]) -> Report:
        """Bring these sources up to date. Ctrl-C ends it early with all that is done kept."""
        try:
            self._poll(sources)
            self._fetch(self._plan(sources))
        except KeyboardInterrupt:
            self._report.stopped = True
        finally:
            self._progress.end()
        self._commit()
        return self._report

    # Sources

    def _poll(self, sources: Sequence[Found]) -> None:
        self._progress.begin("sources", len(sources))
        lanes = Lanes(self._ask_source, lambda found: found.record.url)
        for polled in lanes.run(sources):
            self._remember(polled)
            self._progress.advance(f"{polled.record.url}: {polled.error or 'read'}")
        self._progress.end()

    def _ask_source(self, found: Found) -> _Polled:
        source, page = found.record, found.page
        if source.kind == "article":
            return _Polled(
                source, list_items(source, page or Page(source.url, source.url, b""), self._workers)
            )
        if page is None and (source.ended or source.not_before > now_text(self._clock())):
            return _Polled(source, asked=False)
        try:
            answer = page or self._fetcher.fetch(
                source.url, Validators(**source.validators), allow_private=source.allow_private
            )
            return self._read_source(source, answer)
        except FetchError as error:
            waits = next_try(1, self._clock(), permanent=False, retry_after=error.retry_after)
            held = now_text(waits) if error.retry_after else ""
            gone = error.reason == "gone"
            return _Polled(replace(source, ended=gone, not_before=held, error=str(error)), error=str(error))
        except BlogsearchError as error:
            return _Polled(replace(source, error=str(error)), error=str(error))

    def _read_source(self, source: SourceRecord, answer: Page | NotModified) -> _Polled:
        url = answer.moved_to or source.url
        hold = min(timedelta(seconds=answer.max_age or 0), LONGEST_HOLD)
        record = replace(
            source,
            url=url,
            validators=asdict(answer.validators),
            not_before=now_text(self._clock() + hold) if hold else "",
            error="",
        )
        moved_from = source.url if url != source.url else ""
        if isinstance(answer, NotModified):
            return _Polled(record, moved_from=moved_from)
        digest = hashlib.sha256(answer.body).hexdigest()
        if digest == source.body_hash:
            return _Polled(record, moved_from=moved_from)
        listing = list_items(record, answer, self._workers)
        title = listing.title or source.title
        return _Polled(replace(record, body_hash=digest, title=title, home=listing.home), listing, moved_from)

    def _remember(self, polled: _Polled) -> None:
        self._report.sources.append((polled.record, polled.error))
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

    # Pages

    def _plan(self, sources: Sequence[Found]) -> list[_Task]:
        """The addresses to fetch now, each once; the others get their outcome here."""
        given = {
            found.page.url: found.page for found in sources if found.page and found.record.kind == "article"
        }
        now = self._clock()
        tasks: dict[str, _Task] = {}
        seen: set[str] = set()
        for record, _ in self._report.sources:
            for url, digest in self._ledger.item_hashes(record.url).items():
                if url in seen:
                    continue
                seen.add(url)
                known = self._ledger.page(url)
                decision = decide(digest, known, now)
                if decision.action == "fetch":
                    items = self._ledger.items_of_url(url)
                    tasks[url] = _Task(url, items, digest, known, given.get(record.url))
                else:
                    good = known is not None and known.state == "good"
                    self._tell(url, "unchanged" if good else "failed", "" if good else decision.reason)
        return list(tasks.values())

    def _fetch(self, tasks: Sequence[_Task]) -> None:
        if not tasks:
            return
        self._progress.begin("articles", len(tasks))
        for done in Lanes(self._try, lambda task: task.url).run(tasks):
            self._take(done)
            self._progress.advance(done.task.url)

    def _try(self, task: _Task) -> _Done:
        """Fetch and read one page; runs in a lane's thread."""
        content = feed_item(task.items).content
        try:
            page = task.page or self._fetch_page(task)
            if isinstance(page, NotModified):
                return _Done(task, page=page)
            if not _is_text(page):
                raise FetchError(task.url, "unsupported-type", f"It is no web page but {page.content_type}.")
            reading = self._workers.run(
                read, page.body, page.final_url, charset=page.charset, content=content
            )
            return _Done(task, reading, page)
        except BlogsearchError as error:
            try:
                reading = self._workers.run(read, None, task.url, content=content)
            except BlogsearchError:
                reading = Reading(None, (), whole=False)
            return _Done(task, reading, None, error)

    def _fetch_page(self, task: _Task) -> Page | NotModified:
        validators = Validators(**task.known.validators) if task.known else None
        private = any(source.allow_private for _, source in task.items)
        return self._fetcher.fetch(task.url, validators, article=True, allow_private=private)

    def _take(self, done: _Done) -> None:
        """Bring one page's result into the index (in this thread) and note its outcome."""
        task, known = done.task, done.task.known
        held = self._index.stored.article(known.article) if known and known.article else None
        if held is not None and (done.reading is None or (done.error and held.evidence == "article")):
            article = refresh(held, task.items)
        elif done.reading is None:  # not modified, yet not held any more
            self._note(done, "failed", None)
            return
        else:
            article = assemble(task.url, task.items, done.reading)
        if _is_excluded(done):
            if held is not None:
                self._index.forget(held.url)
            self._note(done, "excluded", None)
            return
        article = self._with_all_notes(article, task)
        if known and known.article and known.article != article.url:
            self._index.forget(known.article)
        changed = self._put(article)
        whole = article.evidence == "article"
        self._note(done, "unchanged" if whole and not changed else article.evidence, article)

    def _with_all_notes(self, article: Article, task: _Task) -> Article:
        """An article that is listed under several addresses keeps the notes beside each of them."""
        others = [u for u in self._ledger.urls_of_article(article.url) if u != task.url]
        notes = dict.fromkeys(article.notes)
        for url in others:
            again = assemble(url, self._ledger.items_of_url(url), Reading(None, (), whole=False))
            notes.update(dict.fromkeys(again.notes))
        return replace(article, notes=tuple(notes))

    def _put(self, article: Article) -> bool:
        """Queue an article for the index; False where the index holds just this."""
        if self._index.stored.article(article.url) == article:
            return False
        model = self._embedder
        passages = split(article, count_tokens=model.count_tokens, window=model.window)
        self._waiting.append((article, passages))
        if sum(len(passages) for _, passages in self._waiting) >= BATCH:
            self._add()
        if time.monotonic() - self._committed > COMMIT_AFTER:
            self._commit()
        return True

    def _note(self, done: _Done, result: Result, article: Article | None) -> None:
        """Write down how a page fared, for the ledger and for the closing table."""
        task, error = done.task, done.error
        reason = str(error) if error else "" if result in GOOD else "the page holds no whole article"
        seen = done.page.validators if done.page else None
        record = PageRecord(
            url=task.url,
            state="good" if result in GOOD else "failed" if error else "partial",
            article=article.url if article else "",
            item_hash=task.item_hash,
            reason=reason,
            validators=asdict(seen) if seen and result in GOOD else {},
        )
        permanent = not (isinstance(error, FetchError) and not error.permanent)
        asked = error.retry_after if isinstance(error, FetchError) else None
        self._records.append(
            schedule(record, task.known, self._clock(), permanent=permanent, retry_after=asked)
        )
        self._tell(task.url, result, reason)

    def _tell(self, url: str, result: Result, reason: str) -> None:
        self._report.outcomes.append(Outcome(url, result, reason))

    # The index

    def _add(self) -> None:
        if self._waiting:
            latest = {article.url: (article, passages) for article, passages in self._waiting}
            added = self._index.add(list(latest.values()))
            self._report.embedded += added.embedded
            self._report.reused += added.reused
            self._waiting.clear()

    def _commit(self) -> None:
        """Index first, then ledger: a crash between the two only repeats safe work."""
        self._add()
        self._index.commit()
        if self._records:
            with self._ledger.transaction():
                for record in self._records:
                    self._ledger.put_page(record)
            self._records.clear()
        self._committed = time.monotonic()


def _is_text(page: Page) -> bool:
    kind = page.content_type
    return kind in ("", "application/xhtml+xml", "application/xml") or kind.startswith("text/")


def _is_excluded(done: _Done) -> bool:
    """Whether the page asks to be kept out of indexes."""
    by_header = isinstance(done.page, Page) and done.page.noindex
    by_meta = done.reading is not None and done.reading.page is not None and done.reading.page.noindex
    return by_header or by_meta
