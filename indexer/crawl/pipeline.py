"""The conductor of a run: poll | plan | fetch | read | assemble | split | embed |
commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from indexer.backfill.backfill import Backfill
from indexer.crawl.apply import Done, Intake, Task
from indexer.crawl.coverage import keep_books
from indexer.crawl.forget import Forgotten
from indexer.crawl.plan import Planner
from indexer.crawl.read_article import Reader
from indexer.crawl.unfollow import drop_items
from indexer.crawl.unit_of_work import Holdings
from indexer.fetch.host_queues import Lanes
from indexer.ledger.ledger import Ledger
from indexer.records import Fetcher, Listing, Progress, Report, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.discover import Found
from indexer.sources.listing import item_hash, pages_of_sections
from indexer.sources.poll import Polled, ask_source
from indexer.sources.stray_pages import leave_out
from search.index.sqlite.writer import IndexWriter
from search.ports import Embedder


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
        self._reader = Reader(fetcher, workers)
        self._report = Report()

    def run(self, sources: Sequence[Found], backfill: Backfill | None = None) -> Report:
        """Bring these sources up to date. Ctrl-C ends it early with all that is done
        kept.

        ``backfill`` finds posts that the sources list no more; they are fetched in the
        same run.
        """
        holdings = None
        try:
            self._poll(sources)
            holdings = Holdings(self._ledger, self._index, self._embedder)
            self._bring_in(holdings, sources, backfill)
        except KeyboardInterrupt:
            self._report.stopped = True
        finally:
            self._progress.end()
        if holdings is not None:
            self._keep(holdings)
            self._report.embedded, self._report.reused = (
                holdings.embedded,
                holdings.reused,
            )
        if backfill is not None:
            backfill.save()
        keep_books(self._ledger, self._index)
        return self._report

    def _keep(self, holdings: Holdings) -> None:
        """Commit, also where Ctrl-C comes just now; the second time it means at
        once."""
        try:
            holdings.commit()
        except KeyboardInterrupt:
            if self._report.stopped:
                raise
            self._report.stopped = True
            holdings.commit()

    # Sources

    def _poll(self, sources: Sequence[Found]) -> None:
        sources = list({found.record.url: found for found in sources}.values())
        self._progress.begin("sources", len(sources))
        now = self._clock()
        files = {
            found.record.url: self._ledger.files(found.record.url) for found in sources
        }
        lanes: Lanes[Found, Polled] = Lanes(
            lambda found: ask_source(
                found, self._fetcher, self._workers, now, files=files[found.record.url]
            ),
            lambda found: found.record.url,
        )
        self._remember_new([found.record for found in sources])
        order = {found.record.url: place for place, found in enumerate(sources)}
        ended: dict[int, tuple[SourceRecord, str]] = {}
        for polled in lanes.run(sources):
            self._remember(polled)
            ended[order[polled.moved_from or polled.record.url]] = (
                polled.record,
                polled.error,
            )
            self._report.sources = [ended[place] for place in sorted(ended)]
            self._progress.advance(f"{polled.record.url}: {polled.error or 'read'}")
        self._progress.end()

    def _remember_new(self, records: Sequence[SourceRecord]) -> None:
        """Before anything is asked: a run that is killed goes on with them, and they
        keep their order."""
        new = [record for record in records if self._ledger.source(record.url) is None]
        if new:
            with self._ledger.transaction():
                for record in new:
                    self._ledger.put_source(record)

    def _remember(self, polled: Polled) -> None:
        known = self._ledger.source(polled.moved_from or polled.record.url)
        if known == polled.record and polled.listing is None:
            return
        listing, source = polled.listing, polled.record.url
        gone = (
            _given_up(set(self._ledger.urls_of_source(source)), listing)
            if listing is not None
            else ()
        )
        if gone:  # first: a crash after it only repeats this
            drop_items(
                self._ledger, self._index, self._embedder, source=source, urls=gone
            )
        with self._ledger.transaction():
            if polled.moved_from:
                self._ledger.move_source(polled.moved_from, polled.record.url)
            self._ledger.put_source(polled.record)
            if listing is not None:
                self._ledger.put_items(
                    source, [(item, item_hash(item)) for item in listing.items]
                )
                leave_out(self._ledger, polled.record, listing.items)
            if polled.files is not None:
                self._ledger.put_files(source, polled.files)

    # Pages

    def _bring_in(
        self, holdings: Holdings, sources: Sequence[Found], backfill: Backfill | None
    ) -> None:
        """Fetch what the sources list and, with ``backfill``, what they list no
        more."""
        pages = {
            found.page.url: found.page
            for found in sources
            if found.page and found.record.kind == "article"
        }
        forgotten = Forgotten(self._ledger)
        planner = Planner(holdings, forgotten, now=self._clock(), pages=pages)
        intake = Intake(holdings, forgotten, self._clock)
        tasks, ended = planner.plan([record for record, _ in self._report.sources])
        self._report.outcomes += ended
        if backfill is not None:
            backfill.search(
                [record for record, error in self._report.sources if not error],
                shared=self._reader.shared,
                pages=[found.via for found in sources if found.via],
            )
            tasks = tasks[: backfill.budget.take(len(tasks))]
        if tasks:
            self._progress.begin("articles", len(tasks))
            self._fetch(tasks, intake, backfill)
        if backfill is not None:
            self._fetch_older(planner, intake, backfill)

    def _fetch_older(
        self, planner: Planner, intake: Intake, backfill: Backfill
    ) -> None:
        """Fetch what is found, and what that leads to, round by round: a chain gives
        one post a round."""
        total = 0
        for urls in backfill.rounds():
            tasks = planner.older(urls)
            if not total or len(urls) > total:
                self._progress.begin("older posts", len(tasks))
            total += len(urls)
            self._fetch(tasks, intake, backfill)

    def _fetch(
        self, tasks: Sequence[Task], intake: Intake, backfill: Backfill | None
    ) -> None:
        lanes: Lanes[Task, Done] = Lanes(self._reader.read, lambda task: task.url)
        for done in lanes.run(tasks):
            if done.links and backfill is not None:
                sources = [source.url for _, source in done.task.items]
                backfill.follow(sources, done.links)
            self._report.outcomes.append(intake.take(done))
            self._progress.advance(done.task.url)


def _given_up(listed: set[str], listing: Listing) -> set[str]:
    """The addresses of which a source lists something else now: of an archive what it
    has no more, of a feed a page whose posts it has come to tell apart."""
    return (
        listed & pages_of_sections(listing.items)
        if listing.kept is None
        else listed - listing.kept
    )
