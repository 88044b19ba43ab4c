"""The run: from sources to articles in the index.

Calls the steps in their order; decides and reads nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from indexer.backfill.backfill import Backfill
from indexer.crawl.apply import apply
from indexer.crawl.coverage import write_coverage
from indexer.crawl.decide import decide
from indexer.crawl.follow import follow, store_listing
from indexer.crawl.plan import Planner, skipped
from indexer.crawl.reading.read_article import ArticleReader
from indexer.crawl.tasks import Attempt, Task
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.host_queues import HostQueues
from indexer.fetch.lost_time import LostTime
from indexer.records import Fetcher, Outcome, Progress, Report, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.discover import DiscoveredSource
from indexer.sources.poll import Polled, ask_source


class Pipeline:
    """One run over sources.

    The pipe, with the module of each step in brackets. Many hosts are asked at once;
    what comes back is taken in one after another::

        sources    [sources.poll]             ask each what it lists
          │ Polled
          ▼
        ledger     [crawl.follow]             store the lists, let go of the rest
          │ aliases
          ▼
        tasks      [crawl.plan]               what is new, changed or due
          │ Task
          ▼
        attempts   [crawl.reading]            fetch the page, read it in a worker
          │ Attempt
          ▼
        decisions  [crawl.decide]             what it means for what is stored
          │ Decision
          ▼
        articles   [crawl.apply]              put, keep or remove; note the outcome
          │
          ▼
        commit     [crawl.unit_of_work]       split, embed, write index and ledger

    ``clock`` gives the time that plans go by.
    """

    def __init__(
        self,
        work: UnitOfWork,
        *,
        fetcher: Fetcher,
        workers: Workers,
        progress: Progress,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._work = work
        self._forgotten = work.forgotten()
        self._fetcher = fetcher
        self._workers = workers
        self._progress = progress
        self._clock = clock
        self._lost_time = LostTime()
        self._reader = ArticleReader(fetcher, workers, self._lost_time)
        self._report = Report()

    def run(
        self, sources: Sequence[DiscoveredSource], backfill: Backfill | None = None
    ) -> Report:
        """Bring these sources up to date. Ctrl-C ends it early; all that is done stays.

        ``backfill`` finds posts that the sources list no more; they are fetched in the
        same run.
        """
        work, report = self._work, self._report
        with self._stoppable():
            self._poll(sources)
            # Without a network no archive can be searched, and none seems empty.
            if report.unreached_sources:
                backfill = None
            self._fetch_listed(sources, backfill)
        try:
            work.settle_repeats()
            work.commit()
        except KeyboardInterrupt:
            # Ctrl-C just now; the second time it means at once.
            if report.stopped:
                raise
            report.stopped = True
            work.commit()
        report.embedded, report.reused = work.embedded, work.reused
        if backfill is not None and not report.unreached_pages:
            backfill.save()
        write_coverage(work.ledger, work.index, everything=work.identities.is_apart)
        return report

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self._report.stopped = True
        finally:
            self._progress.end()

    def _poll(self, sources: Sequence[DiscoveredSource]) -> None:
        """Ask each source once, and report them in the order in which they came."""
        sources = list({found.record.url: found for found in sources}.values())
        records = [found.record for found in sources]
        order = {record.url: place for place, record in enumerate(records)}
        ended: dict[int, tuple[SourceRecord, str]] = {}
        self._progress.begin("sources", len(sources))
        # What threads need of the ledger is read before they begin.
        ask = self._ask(records)
        follow(sources, self._work.ledger)
        queues: HostQueues[DiscoveredSource, Polled] = HostQueues(
            ask, lambda found: found.record.url
        )
        for polled in queues.run(sources):
            if polled.unreached:
                self._report.unreached_sources += 1
                continue
            store_listing(polled, self._work, self._forgotten)
            place = order[polled.moved_from or polled.record.url]
            ended[place] = (polled.record, polled.error)
            self._report.sources = [ended[place] for place in sorted(ended)]
            self._progress.advance(f"{polled.record.url}: {polled.error or 'read'}")
        self._progress.end()

    def _ask(
        self, records: Sequence[SourceRecord]
    ) -> Callable[[DiscoveredSource], Polled]:
        """Return what asks a source in a thread, where the ledger cannot be read."""
        now, ledger = self._clock(), self._work.ledger
        files = {record.url: ledger.files(record.url) for record in records}

        def ask(found: DiscoveredSource) -> Polled:
            known = files[found.record.url]
            return ask_source(
                found, self._fetcher, workers=self._workers, now=now, files=known
            )

        return ask

    def _fetch_listed(
        self, sources: Sequence[DiscoveredSource], backfill: Backfill | None
    ) -> None:
        """Fetch what the sources list and, with ``backfill``, what they list no more."""
        pages = {
            found.page.url: found.page
            for found in sources
            if found.page and found.record.kind == "article"
        }
        planner = Planner(self._work, self._forgotten, now=self._clock(), pages=pages)
        plan = planner.plan([record for record, _ in self._report.sources])
        tasks = plan.tasks
        self._report.outcomes += plan.outcomes
        self._report.unchanged = plan.unchanged
        if backfill is not None:
            backfill.open(
                [record for record, error in self._report.sources if not error],
                shared=self._reader.shared,
                lost_time=self._lost_time,
                pages=[found.via for found in sources if found.via],
            )
        # Few requests are best spent on the search, which names the posts that are
        # missing. Otherwise one site that is slow to search must not hold up all posts.
        is_limited = backfill is not None and backfill.budget.is_limited
        if backfill is not None and is_limited:
            backfill.search()
            tasks = tasks[: backfill.budget.take(len(tasks))]
        if tasks:
            self._progress.begin("articles", len(tasks))
            self._fetch(tasks, backfill)
        if backfill is not None:
            if not is_limited:
                backfill.search()
            self._fetch_older(planner, backfill)

    def _fetch_older(self, planner: Planner, backfill: Backfill) -> None:
        """Fetch what is found and what that leads to, round by round."""
        # A chain of posts gives one post a round.
        total = 0
        for urls in backfill.rounds():
            tasks = planner.older(urls)
            if not total or len(urls) > total:
                self._progress.begin("older posts", len(tasks))
            total += len(urls)
            self._fetch(tasks, backfill)

    def _fetch(self, tasks: Sequence[Task], backfill: Backfill | None) -> None:
        queues: HostQueues[Task, Attempt] = HostQueues(
            self._reader.read,
            lambda task: task.url,
            sources=lambda task: task.sources,
        )
        for attempt in queues.run(tasks):
            if attempt.links and backfill is not None:
                sources = [source.url for _, source in attempt.task.items]
                backfill.follow(sources, attempt.links)
            before = self._work.embedded
            self._report.outcomes.append(self._take_in(attempt))
            self._progress.embed(self._work.embedded - before)
            self._progress.advance(attempt.task.url)

    def _take_in(self, attempt: Attempt) -> Outcome:
        now = self._clock()
        task = attempt.task
        if attempt.failure == "no-network":
            self._report.unreached_pages += 1
        if attempt.is_left:
            self._report.left.update(task.sources)
        if attempt.is_put_off and task.known is not None and task.is_as_known:
            return skipped(task.url, task.known, self._work)
        stored = self._work.article(attempt.before.article)
        decision = decide(attempt, stored, forgotten=self._forgotten, now=now)
        return apply(decision, attempt, self._work, now=now)
