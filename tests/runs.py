"""Runs of the real pipeline over an index directory, with a model of hashes and a clock
that tests turn."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from indexer.backfill.backfill import Backfill
from indexer.crawl import pipeline, unit_of_work
from indexer.crawl.coverage import coverage_of
from indexer.crawl.pipeline import Pipeline
from indexer.crawl.plan import Plan, Planner
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http.clock import SystemClock
from indexer.fetch.local_files import WebAndFileFetcher
from indexer.ledger.ledger import Ledger
from indexer.records import Fetcher, Outcome, PageRecord, Report, SourceRecord
from indexer.runtime.parser_pool import Workers
from indexer.sources.discover import DiscoveredSource, SourceFinder
from indexer.split.split import SPLITTER_VERSION
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.ports import Embedder
from search.types import Article
from tests.fakes import HashEmbedder


class Silence:
    """A Progress that says nothing."""

    def begin(self, what: str, total: int) -> None: ...
    def advance(self, text: str) -> None: ...
    def embed(self, count: int) -> None: ...
    def end(self) -> None: ...


class CheckedPlanner(Planner):
    """A planner that has everything planned one by one beside it, and compares; it gives
    every outcome, those that only count as unchanged as well. ``looked_at`` are the
    addresses that the last plan looked at one by one."""

    looked_at: ClassVar[list[str]] = []

    def plan(self, sources: Sequence[SourceRecord]) -> Plan:
        made = super().plan(sources)
        work, known = self._work, self._work.identities
        noted, was_apart = set(known._without_task), known.is_apart
        known.is_apart = True
        whole = Planner(work, self._forgotten, now=self._now, pages=self._pages)
        every = whole.plan(sources)
        known.is_apart, known._without_task = was_apart, noted
        # Addresses that others replace come in another order, which says nothing.
        assert {one.url for one in made.tasks} == {one.url for one in every.tasks}
        looked_at = {one.url for one in made.outcomes}
        rest = [one for one in every.outcomes if one.url not in looked_at]
        assert [one.result for one in rest] == ["unchanged"] * made.unchanged
        assert not any(one.reason for one in rest)
        CheckedPlanner.looked_at = [
            *(one.url for one in made.tasks),
            *(one.url for one in made.outcomes),
        ]
        return Plan(made.tasks, every.outcomes)


class RunsClock(SystemClock):
    """The time of day is what the tests turned it to."""

    def __init__(self, runs: Runs) -> None:
        super().__init__(threading.Event())
        self._runs = runs

    def utc_now(self) -> datetime:
        return self._runs.now


class Runs:
    """``add`` and ``update`` as the command line does them. ``now`` is what the plans
    go by, ``fetcher`` stands in for the network where it is set."""

    def __init__(
        self, directory: Path, workers: Workers, embedder: Embedder | None = None
    ) -> None:
        self.directory = directory
        self.workers = workers
        self.embedder = embedder or HashEmbedder()
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.fetcher: Fetcher | None = None
        self.allow_private = True  # the tests' servers are on loopback
        self.limits = Limits(delay=0.0, backoff=0.01, tries=1)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def add(self, *targets: str, older: bool = False) -> Report:
        """``older``: with the posts behind the feeds."""
        return self._run(targets, older=older)

    def update(self) -> Report:
        return self._run(None)

    def _run(self, targets: Sequence[str] | None, *, older: bool = False) -> Report:
        if isinstance(self.embedder, HashEmbedder):
            self.embedder.embedded.clear()
        with SqliteWriter(
            self.directory, self.embedder, splitter=SPLITTER_VERSION
        ) as index:
            ledger = Ledger(self.directory)
            memory = ledger.memory()
            try:
                real = HttpFetcher(self.limits, memory=memory, clock=RunsClock(self))
                with nullcontext(self.fetcher) if self.fetcher else real as web:
                    finder = SourceFinder(
                        WebAndFileFetcher(web),
                        self.workers,
                        allow_private=self.allow_private,
                    )
                    found = (
                        [DiscoveredSource(source) for source in ledger.sources()]
                        if targets is None
                        else [one for target in targets for one in finder.find(target)]
                    )
                    pipeline.Planner = CheckedPlanner  # type: ignore[misc]
                    work = Pipeline(UnitOfWork(ledger, index, self.embedder), fetcher=WebAndFileFetcher(web),
                        workers=self.workers,
                        progress=Silence(), clock=lambda: self.now,
                    )  # fmt: skip
                    backfill = Backfill(
                        ledger,
                        WebAndFileFetcher(web),
                        self.workers,
                        clock=lambda: self.now,
                    )
                    report = work.run(found, backfill if older else None)
                    counted = [
                        coverage_of(ledger, source, index.evidence_of)
                        for source in ledger.sources()
                    ]
                    assert index.coverage() == tuple(counted)
                    return report
            finally:
                ledger.put_memory(memory)
                ledger.close()

    def articles(self) -> dict[str, Article]:
        """What the index holds, by address."""
        with open_index(self.directory).snapshot() as index:
            held = [index.article(url) for url in index.urls()]
        return {article.url: article for article in held if article}

    def page(self, url: str) -> PageRecord | None:
        """What the ledger knows of an address."""
        ledger = Ledger(self.directory)
        try:
            return ledger.page(url)
        finally:
            ledger.close()

    def files(self) -> dict[str, str]:
        """Every file of the directory with its hash, but for those that SQLite puts
        beside a database while it is open."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.directory.iterdir()
            if not path.name.endswith(("-shm", "-wal"))
        }


def results(report: Report) -> dict[str, str]:
    """How each address ended."""
    assert len({outcome.url for outcome in report.outcomes}) == len(report.outcomes)
    return {outcome.url: outcome.result for outcome in report.outcomes}


def outcome(report: Report, url: str) -> Outcome:
    """How one address ended."""
    return next(outcome for outcome in report.outcomes if outcome.url == url)


class Inline:
    """Workers that are none: the functions run here."""

    def run(
        self, function: Callable[..., object], *args: object, **kwargs: object
    ) -> object:
        return function(*args, **kwargs)


def run_to_be_killed(directory: Path, address: str, *, inline: bool) -> None:
    """Add a source, committing after every article, so that many commits can be
    interrupted."""
    unit_of_work.COMMIT_AFTER = -1.0
    if inline:
        Runs(directory, Inline()).add(address)  # type: ignore[arg-type]
        return
    with Workers() as workers:
        Runs(directory, workers).add(address)
