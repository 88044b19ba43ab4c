"""A small blog on loopback with an archive: what is put on it, and what a search for
its posts finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from indexer.backfill.backfill import Backfill
from indexer.backfill.budget import Budget
from indexer.backfill.frontier import Frontier
from indexer.crawl.pipeline import Pipeline
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.local_files import WebAndFileFetcher
from indexer.ledger.ledger import Ledger
from indexer.records import Report
from indexer.sources.discover import DiscoveredSource, SourceFinder
from indexer.split.split import SPLITTER_VERSION
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from tests.fakes import HashEmbedder
from tests.runs import Silence
from tests.servers import Served

TEXT = (
    "Some sentences about one thing, so that the page is an article that can be held whole. "
    * 12
)
XML = (("Content-Type", "application/xml"), ("ETag", '"1"'))


@dataclass
class Blog:
    """A site under test: what is put on it, and what a search for its older posts makes
    of it."""

    directory: Path
    workers: object
    script: object
    feed: str = "/feed.xml"
    frontier: Frontier = field(default_factory=Frontier)

    def put(
        self, path: str, body: str | bytes, *, status: int = 200, headers=XML
    ) -> None:
        data = (
            body.replace("BASE", self.script.base).encode()
            if isinstance(body, str)
            else body
        )
        self.script.pages[path] = Served(data, status, headers)

    def html(self, path: str, body: str, head: str = "") -> None:
        page = (
            f"<html><head><title>{path}</title>{head}</head><body>{body}</body></html>"
        )
        self.put(path, page, headers=(("Content-Type", "text/html; charset=utf-8"),))

    def post(self, path: str, more: str = "", head: str = "") -> None:
        self.html(
            path, f"<article><h1>About {path}</h1><p>{TEXT}</p></article>{more}", head
        )

    def posts(self, paths: list[str]) -> list[str]:
        for path in paths:
            self.post(path)
        return paths

    def rss(self, path: str, posts: list[str], extra: str = "") -> None:
        items = "".join(
            f"<item><title>T{p}</title><link>BASE{p}</link></item>" for p in posts
        )
        self.put(
            path,
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
            ' xmlns:fh="http://purl.org/syndication/history/1.0"><channel><title>B</title>'
            f"<link>BASE/</link>{extra}{items}</channel></rss>",
        )

    def run(self, *, most: int | None = None, again: bool = False) -> Report:
        """Add the blog, or go on with it (``again``), and search for its older
        posts."""
        return self._work(
            lambda ledger, web: Backfill(
                ledger, web, self.workers, budget=Budget(most)
            ),
            again=again,
        )

    def dry_run(self) -> None:
        """Add the blog, and search for its older posts without fetching them."""
        self._work(lambda ledger, web: None, again=False)
        with HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web:
            ledger = Ledger(self.directory)
            try:
                backfill = Backfill(ledger, WebAndFileFetcher(web), self.workers)
                backfill.open(ledger.sources())
                backfill.search()
                backfill.save()
                (self.frontier,) = backfill.frontiers.values()
            finally:
                ledger.close()

    def update(self) -> Report:
        return self._work(lambda ledger, web: None, again=True)

    def _work(self, make, *, again: bool) -> Report:
        url, embedder = urljoin(self.script.base, self.feed), HashEmbedder()
        with (
            HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web,
            SqliteWriter(self.directory, embedder, splitter=SPLITTER_VERSION) as index,
        ):
            ledger, web = Ledger(self.directory), WebAndFileFetcher(web)
            try:
                finder = SourceFinder(web, self.workers, allow_private=True)
                found = (
                    [DiscoveredSource(ledger.source(url))]
                    if again
                    else finder.find(url)
                )
                pipeline = Pipeline(
                    UnitOfWork(ledger, index, embedder),
                    fetcher=web,
                    workers=self.workers,
                    progress=Silence(),
                )
                backfill = make(ledger, web)
                report = pipeline.run(found, backfill)
                if backfill is not None:
                    self.frontier = backfill.frontiers.get(url, Frontier())
                return report
            finally:
                ledger.close()

    @property
    def held(self) -> list[str]:
        """The paths of the articles that the index holds."""
        with open_index(self.directory).snapshot() as index:
            return sorted(url.removeprefix(self.script.base) for url in index.urls())

    @property
    def asked(self) -> list[str]:
        return self.script.paths

    def twice(self) -> set[str]:
        return {path for path in self.asked if self.asked.count(path) > 1}


def numbered(count: int, first: int = 1, form: str = "/2012/post-{}/") -> list[str]:
    return [form.format(n) for n in range(first, first + count)]
