"""The parts that a run of the command line works with, opened and closed together.

Knows nothing of single commands.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from rich.console import Console

from indexer.backfill.backfill import Backfill
from indexer.cli.erasing import erase, erase_if_there_is_room
from indexer.cli.noting import note_news
from indexer.cli.report import look_lines, print_found, print_news, print_report
from indexer.cli.run_summary import Refused, summary_of
from indexer.crawl.follow import keep_known
from indexer.crawl.pipeline import Pipeline
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http.logins import Logins, read_logins
from indexer.fetch.http.network import Network
from indexer.fetch.local_files import WebAndFileFetcher
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import Place
from indexer.maintenance.erase import take_out_noted
from indexer.records import Report, SiteFetcher
from indexer.runtime.parser_pool import Workers
from indexer.runtime.progress import progress_for
from indexer.runtime.run_record import RunRecord
from indexer.sources.discover import DiscoveredSource, Look, SourceFinder
from indexer.sources.poll import is_at_rest
from indexer.split.split import SPLITTER_VERSION
from search.console import say_on_stderr
from search.embedding.embedder import ModelEmbedder, open_embedder
from search.embedding.model_files import chosen_model
from search.errors import IndexDamaged, IndexMissing
from search.index.sqlite.connection import is_file
from search.ports import DEFAULT_MODEL, Index, Writer

NO_LEDGER = (
    "There is no ledger in {folder}, and so nothing is followed from here. Name the ledger's"
    " folder with --ledger, or begin with: blog-indexer add SOURCE"
)
FETCHING = ("add", "backfill", "update")  # the commands that ask servers for pages
LOG_WIDTH = 160  # characters; in a log an address should stay on its line


@dataclass(frozen=True, slots=True)
class Session:
    """The index at a place, ledger, network, model and terminal of one run."""

    place: Place
    index: Writer
    ledger: Ledger
    embedder: ModelEmbedder
    fetcher: SiteFetcher
    network: Network
    logins: Logins
    workers: Workers
    console: Console
    home: Index

    def unit_of_work(self) -> UnitOfWork:
        """Begin to change index and ledger together."""
        return UnitOfWork(self.ledger, self.index, self.embedder)

    def update(
        self,
        sources: Sequence[DiscoveredSource],
        backfill: Backfill | None = None,
        *,
        refused: Refused = (),
    ) -> Report:
        """Bring these sources up to date, print how it went, and note it for the page.

        Of sources that are seen for the first time older posts are looked for too, as
        when they are added. ``refused`` are addresses that can't be followed.
        """
        record = RunRecord(self.place.ledger, progress_for(self.console))
        with record.kept():
            return self._update(sources, backfill, record, refused)

    def _update(
        self,
        sources: Sequence[DiscoveredSource],
        backfill: Backfill | None,
        record: RunRecord,
        refused: Refused,
    ) -> Report:
        looks = self._looks_again(sources)
        sources = self._with_found(sources, looks)
        if backfill is None:
            backfill = self._backfill_of(looks)
        work = self.unit_of_work()
        pipeline = Pipeline(
            work, fetcher=self.fetcher, workers=self.workers, progress=record
        )
        report = pipeline.run(sources, backfill)
        record.conclude(summary_of(record.status, report, work, refused))
        print_report(self.console, report, place=self.place)
        if backfill is not None:
            print_found(self.console, backfill.frontiers, place=self.place)
        if not report.stopped:  # who ends a run doesn't wait for more
            news = note_news(self.index, self.home, self.embedder)
            print_news(news.new, news.failures, place=self.place)
        return report

    def look(self, looks: Sequence[Look]) -> list[Look]:
        """Look at addresses side by side, and say what each led to, in their order."""
        finder = SourceFinder(self.fetcher, self.workers)
        ended = finder.finish_all(looks)
        for look in ended:
            for line in look_lines(look):
                say_on_stderr(self.place.complete(line))
        return ended

    def _looks_again(self, sources: Sequence[DiscoveredSource]) -> list[Look]:
        """Look at those that could not be looked at when they were added."""
        now = datetime.now(UTC)
        due = [
            found.record
            for found in sources
            if found.record.kind == "unseen"
            and found.failure is None
            and not is_at_rest(found.record, now)
        ]
        return self.look([Look(record.url, record) for record in due])

    def _with_found(
        self, sources: Sequence[DiscoveredSource], looks: Sequence[Look]
    ) -> list[DiscoveredSource]:
        """Put what was found in the place of what was looked at."""
        led_to = {look.url: look.to_follow() for look in looks}
        seen = [led_to.get(found.record.url, [found]) for found in sources]
        return [keep_known(one, self.ledger) for one in chain.from_iterable(seen)]

    def _backfill_of(self, looks: Sequence[Look]) -> Backfill | None:
        """Return the search for the older posts of what was found, None for nothing."""
        only = {
            found.record.url
            for look in looks
            if look.asked and not look.asked.feed_only
            for found in look.found
        }
        if not only:
            return None
        backfill = Backfill(self.ledger, self.fetcher, self.workers)
        backfill.only = only
        return backfill


@contextmanager
def open_session(
    args: argparse.Namespace, *, rebuild: bool = False
) -> Iterator[Session]:
    """Open everything for a run, and close it after, whatever happens.

    What an earlier run left to be erased is erased first, what this one lets go of at
    its end. ``rebuild``: the index may be of another model, whose place this one takes.
    """
    place: Place = args.place
    # A damaged index is made anew by a rebuild, and what is noted is erased after it.
    mended: tuple[type[Exception], ...] = (IndexDamaged,) if rebuild else ()
    with suppress(*mended):
        erase_if_there_is_room(place)
    with ExitStack() as stack:
        # Of an index in a folder its writer's lock keeps others from the ledger too.
        stack.enter_context(place.locked())
        home = stack.enter_context(
            closing(place.open_to_write(getattr(args, "partitions", 1)))
        )
        embedder = _embedder(args.model, home.model(), rebuild=rebuild)
        index = stack.enter_context(
            home.writer(embedder, splitter=SPLITTER_VERSION, rebuild=rebuild)
        )
        ledger = Ledger(place.ledger)
        stack.callback(ledger.close)
        if not place.is_folder:
            # In a folder the index's writer does.
            ledger.keep_log_short()
            if not rebuild:  # whose first commit is of everything
                take_out_noted(ledger, index)
        workers = stack.enter_context(Workers())
        # What is added remembers the permission; in any other run it is the run's own.
        allowed = getattr(args, "allow_private", False) and args.command != "add"
        limits = Limits(delay=args.delay, allow_private=allowed)
        memory, network = ledger.memory(), Network()
        stack.callback(ledger.put_memory, memory)  # also of a run that is stopped
        fetcher = stack.enter_context(
            HttpFetcher(limits, contact=args.contact, memory=memory)
        )
        fetcher.network = network
        logins = Logins()
        if args.command in FETCHING:
            logins = fetcher.logins = read_logins(place.ledger, os.environ)
        console = Console(stderr=True)
        if not console.is_terminal:
            console.width = LOG_WIDTH
        # Folders and exports are sources as well.
        everything = WebAndFileFetcher(fetcher)
        yield Session(
            place,
            index,
            ledger,
            embedder,
            fetcher=everything,
            network=network,
            logins=logins,
            workers=workers,
            console=console,
            home=home,
        )
    erase(place)


@contextmanager
def open_index_to_write(
    place: Place,
) -> Iterator[tuple[Index, Writer, ModelEmbedder]]:
    """Open an index to write, without ledger and network; raises what ``open_session``
    does. On a server no indexer is named: it is not for articles."""
    with closing(place.open_index()) as home:
        embedder = _embedder(None, home.model(), rebuild=False)
        with home.writer(embedder, splitter=SPLITTER_VERSION) as index:
            yield home, index, embedder


def _embedder(given: str | None, known: str | None, *, rebuild: bool) -> ModelEmbedder:
    """Return the run's model, fetched where it is named on the command line.

    The name that an index brings is never looked up anywhere: it may be a stranger's.
    """
    if not given:
        embedder = open_embedder(known or DEFAULT_MODEL)
        if embedder.name != DEFAULT_MODEL:
            embedder.require_found()  # before anything is fetched or taken apart
        return embedder
    embedder = open_embedder(chosen_model(given, known))
    is_other = embedder.name != known
    if known and is_other and not rebuild:
        return embedder  # the index says so; nothing is fetched to be refused
    embedder.fetch()
    if is_other:
        embedder.require_loadable()
    return embedder


def open_ledger(place: Place) -> Ledger:
    """Open a ledger only to read it; raises IndexMissing where there is no folder of an
    index. Of one on a server this machine need have none."""
    if place.is_folder:
        require_ledger(place)
    return Ledger(place.ledger, read_only=True)


def has_ledger(place: Place) -> bool:
    """Tell if there is a ledger; raises StorageFailed."""
    return is_file(place.ledger / LEDGER)


def require_ledger(place: Place) -> None:
    """Raise IndexMissing where there is no folder of an index, or no ledger of one on a
    server."""
    if place.is_folder and not place.ledger.is_dir():
        raise IndexMissing(
            f"There is no index in {place.index}. Make one with: blog-indexer add SOURCE"
        )
    if not place.is_folder and not has_ledger(place):
        raise IndexMissing(NO_LEDGER.format(folder=place.ledger))
