"""The search for the posts that feeds no longer show, in one run.

The strategies are run first. Then, while the pipeline fetches the posts round by round,
their links are followed: so posts are found that only other posts name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from indexer.backfill.budget import Budget
from indexer.backfill.frontier import Frontier
from indexer.backfill.post_links import from_ledger
from indexer.backfill.site import BlogSite, own_posts
from indexer.backfill.site_search import SiteSearch
from indexer.backfill.strategy_runner import StrategyRunner
from indexer.extract.links import Link
from indexer.fetch.host_queues import HostQueues
from indexer.fetch.lost_time import LostTime
from indexer.fetch.permission import allows_private
from indexer.fetch.shared_pages import SharedPages
from indexer.ledger.ledger import Ledger
from indexer.records import FetchError, Page, SiteFetcher, SourceRecord, Validators
from indexer.runtime.parser_pool import Workers
from indexer.runtime.signals import whole
from indexer.sources.feed.items import is_pageless
from indexer.sources.stray_pages import is_left_out
from indexer.text.url_parts import folder_of_blog
from indexer.text.url_patterns import learn_patterns
from indexer.text.urls import post_fragment, shared_page
from search.text.urls import canonical, identity


class Backfill:
    """Finds older posts of sources: ``open``, ``search``, each of ``rounds``, ``save``.

    ``budget`` counts every request of the run; who fetches posts that the sources list
    already takes from it as well. ``only`` are the sources whose posts are looked for,
    where not all are.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: SiteFetcher,
        workers: Workers,
        *,
        budget: Budget | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.budget = budget or Budget()
        self.only: Collection[str] | None = None
        self._ledger = ledger
        self._fetcher = fetcher
        self._workers = workers
        self._sent_before = fetcher.requests
        self._clock = clock
        self._runner = StrategyRunner(fetcher, self.budget)
        self._searches: dict[str, SiteSearch] = {}
        self._is_searched = False
        self._nothing_left = False  # the rounds came to their end
        # Of posts that were fetched before the search.
        self._links: list[tuple[Collection[str], Sequence[Link]]] = []

    @property
    def frontiers(self) -> dict[str, Frontier]:
        """The progress of the search for each source, by address."""
        return {url: search.frontier for url, search in self._searches.items()}

    def open(
        self,
        sources: Sequence[SourceRecord],
        *,
        shared: SharedPages | None = None,
        lost_time: LostTime | None = None,
        pages: Iterable[Page] = (),
    ) -> None:
        """Go on with the searches behind these sources, without any request yet.

        ``pages`` are those that the run has already, ``shared`` asks once for those with
        several posts, ``lost_time`` is what the run grants each source.
        """
        # A feed in a local file stands beside its posts, and lists what there is.
        for record in sources:
            is_meant = self.only is None or record.url in self.only
            is_on_the_web = not record.url.startswith("file:")
            if record.kind == "feed" and is_meant and is_on_the_web:
                self._open(record)
        self._runner.reuse(shared, pages)
        self._runner.lost_time = lost_time or self._runner.lost_time

    def search(self) -> None:
        """Search the sites behind the sources, and let what is found wait."""
        # The feeds were asked before: their requests count.
        self._settle()
        searches = self._searches.values()
        unfinished = [search for search in searches if not search.frontier.done]
        self._run(self._runner.run_strategies, unfinished)
        # Links that earlier runs read: a search that is done may learn of more posts.
        for source, search in self._searches.items():
            for links in self._ledger.links_of_source(source):
                search.follow(from_ledger(links))
        # What a strategy finds counts for it, though a post that was fetched before the
        # search leads there as well.
        self._is_searched = True
        for sources, found in self._links:
            self.follow(sources, found)
        self._links.clear()

    def rounds(self) -> Iterator[list[str]]:
        """Give the addresses of posts to fetch, which the sources list from then on.

        Between two rounds ``follow`` takes the links of those that were fetched.
        """
        while urls := self._next_round():
            yield urls
        self._nothing_left = True

    def follow(self, sources: Collection[str], links: Sequence[Link]) -> None:
        """Take the links of a page that these sources list."""
        if not self._is_searched:
            self._links.append((sources, links))
            return
        for source in self._searches.keys() & set(sources):
            self._searches[source].follow(links)

    def save(self) -> None:
        """Store how far the search has come, for the next run to go on from there."""
        with self._ledger.transaction():
            for source, search in self._searches.items():
                # After Ctrl-C a thread goes on; what it finds is found again next time.
                if not search.is_running:
                    search.frontier.done = self._is_done(search)
                    self._ledger.put_discovery(source, search.frontier.write())

    def _is_done(self, search: SiteSearch) -> bool:
        is_left = any((self.budget.refused, search.frontier.waiting, search.is_held_up))
        return not is_left and self._nothing_left and search.is_over

    def _next_round(self) -> list[str]:
        self._settle()
        urls = self._list_posts(self._searches.values())
        # Only where no post leads to another: reading lists costs more than it gives.
        if not urls:
            stuck = [s for s in self._searches.values() if s.needs_lists]
            self._run(self._runner.read_linked_lists, stuck)
            urls = self._list_posts(stuck)
        return urls

    def _run(
        self, work: Callable[[SiteSearch], SiteSearch], searches: Sequence[SiteSearch]
    ) -> None:
        """Let threads go on with these searches."""
        for search in searches:
            search.begin_run()
        for search in HostQueues(work, lambda search: search.site.home).run(searches):
            search.is_running = False
        self._settle()

    def _settle(self) -> None:
        self.budget.settle(self._fetcher.requests - self._sent_before)

    def _list_posts(self, searches: Iterable[SiteSearch]) -> list[str]:
        """Let the sources list posts that wait, as many as the budget grants."""
        urls: list[str] = []
        for search in searches:
            waiting = search.frontier.waiting
            # The last round's posts are fetched by now, so the budget is up to date.
            items = waiting[: self.budget.take_round(len(waiting))]
            if items:
                # Ctrl-C between the two would list posts that still wait.
                with whole(), self._ledger.transaction():
                    self._ledger.put_items(search.site.record.url, items)
                    del waiting[: len(items)]
            urls += [item.url for item in items]
        return urls

    def _open(self, record: SourceRecord) -> None:
        """Go on with the search behind a feed, if it shows posts of its own site."""
        frontier = Frontier.read(self._ledger.discovery(record.url))
        listed = [
            url
            for url in self._ledger.urls_of_source(record.url)
            if not is_pageless(url)
        ]
        home, own = own_posts(record.home, listed)
        # As it was when the search began: later runs know posts that the feed never showed.
        if not frontier.shown:
            frontier.shown = [
                url for url in own if not is_left_out(self._ledger.page(url))
            ]
        if not frontier.shown:
            return
        frontier.known.update(map(identity, listed))
        frontier.known.update(identity(item.url) for item in frontier.waiting)
        site = BlogSite(
            record=record,
            shown=frozenset(map(identity, frontier.shown)),
            known=frozenset(frontier.known),
            shapes=learn_patterns(frontier.shown),
            home=home,
            workers=self._workers,
            today=self._clock().date(),
            sitemaps=lambda: self._sitemaps(record, home),
            folder=folder_of_blog(home, frontier.shown),
        )
        pages = self._section_pages(listed)
        self._searches[record.url] = SiteSearch(site, frontier, pages)

    def _section_pages(self, listed: Iterable[str]) -> Mapping[str, Validators | None]:
        """The pages of which posts are listed by fragments, as they were last served."""
        seen: dict[str, Validators | None] = {}
        for page in map(canonical, filter(post_fragment, listed)):
            seen[page] = None
            record = self._ledger.page(shared_page(page))
            if record is not None:
                seen[page] = Validators(**record.validators)
        return seen

    def _sitemaps(self, record: SourceRecord, home: str) -> Sequence[str]:
        try:  # robots.txt may be out of reach while the usual places are not
            private = allows_private(record, home)
            return self._fetcher.sitemaps(home, allow_private=private)
        except FetchError:
            return []
