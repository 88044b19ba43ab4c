"""The strategies of a search carried out: pages fetched, read, and led on from."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.backfill.budget import Budget
from indexer.backfill.frontier import RankedPage
from indexer.backfill.list_strategies import LinkedLists
from indexer.backfill.site_search import SiteSearch
from indexer.backfill.strategies import STRATEGIES
from indexer.backfill.strategy import Step, Strategy
from indexer.fetch.lost_time import LostTime
from indexer.fetch.permission import allows_private
from indexer.fetch.shared_pages import SharedPages
from indexer.records import FetchError, NotModified, Page, SiteFetcher, Validators
from indexer.text.urls import same_site
from search.errors import BlogsearchError
from search.text.urls import canonical, identity


class StrategyRunner:
    """Runs the strategies of searches. Thread-safe, one thread for a search."""

    def __init__(self, fetcher: SiteFetcher, budget: Budget) -> None:
        self._fetcher = fetcher
        self._budget = budget
        self.lost_time = LostTime()
        self._shared = SharedPages()
        self._pages: dict[str, Page] = {}  # that the run has already, by identity

    def reuse(self, shared: SharedPages | None, pages: Iterable[Page]) -> None:
        """Use pages that the run has already.

        ``shared`` asks once for pages with several posts.
        """
        self._shared = shared or self._shared
        for page in pages:
            self._pages[identity(page.url)] = page
            self._pages[identity(page.final_url)] = page

    def run_strategies(self, search: SiteSearch) -> SiteSearch:
        """Run one after another until one gave the whole, or the budget ends."""
        frontier = search.frontier
        while not search.is_over and not frontier.whole:
            strategy = STRATEGIES[frontier.strategy](search.site, frontier.memory)
            if not frontier.pages:
                frontier.add_pages(strategy.seeds())
            if not self._read_pages(strategy, search):
                return search
            frontier.whole = strategy.is_whole()
            frontier.finish_strategy()
        # The strategies behind one that gave the whole have nothing to add.
        frontier.strategy = len(STRATEGIES)
        return search

    def read_linked_lists(self, search: SiteSearch) -> SiteSearch:
        """Read the lists that posts link to, until one gives posts."""
        strategy = LinkedLists(search.site, search.frontier.memory)
        search.queue_lists()
        self._read_pages(strategy, search)
        search.frontier.memory = strategy.memory()
        return search

    def _read_pages(self, strategy: Strategy, search: SiteSearch) -> bool:
        """Read a strategy's pages to the end; False where the budget ends before, or
        the site does not answer."""
        frontier = search.frontier
        sources = (search.site.record.url,)
        while frontier.pages and not strategy.is_enough(frontier.pages[0][0]):
            page = frontier.next_page()
            _, url = page
            if frontier.is_visited(url) or strategy.is_barren(url):
                continue
            # What is not granted is the next run's to go on with.
            search.is_held_up |= self.lost_time.is_spent(sources)
            if search.is_held_up or not self._budget.take():
                frontier.add_pages([page])
                frontier.memory = strategy.memory()
                return False
            with self.lost_time.counted(sources):
                step = self._read(strategy, page, search)
            if step is None:
                # Its server does not answer: where to begin is asked again, too.
                search.is_held_up = True
                frontier.add_pages([page])
                if not strategy.read_pages:
                    frontier.pages = []
                frontier.memory = strategy.memory()
                return False
            frontier.visited.add(identity(url))
            frontier.add_posts(step.found, strategy.name)
            frontier.add_pages(step.pages)
        return True

    def _read(
        self, strategy: Strategy, ranked: RankedPage, search: SiteSearch
    ) -> Step | None:
        """Fetch and read one page; nothing is found where that fails.

        None where the site itself does not answer.
        """
        rank, url = ranked
        strategy.asked += 1
        try:
            page = self._fetch(url, search)
            if isinstance(page, NotModified):
                return Step()  # it was read, and followed, in an earlier run
            if not same_site(page.final_url, url):
                raise FetchError(url, "bad-redirect", "It leads to another site.")
            step = strategy.read(url, page, rank)
        except BlogsearchError as error:
            # At some strategies' end stands a page that is not there: nothing is missing.
            status = None
            if isinstance(error, FetchError):
                status = error.status
                if error.silent and same_site(url, search.site.home):
                    return None
            strategy.broken |= status not in strategy.ends_at
            return Step()
        strategy.read_pages += 1
        self.lost_time.gain([search.site.record.url])
        return step

    def _fetch(self, url: str, search: SiteSearch) -> Page | NotModified:
        """Get a page, which the run may have already."""
        page = self._pages.get(identity(url))
        if page is not None:
            return page
        private = allows_private(search.site.record, url)

        def ask(seen: Validators | None) -> Page | NotModified:
            return self._fetcher.fetch(url, seen, article=True, allow_private=private)

        # The posts on such a page are fetched by their fragments: all share one request.
        address = canonical(url)
        if address not in search.section_pages:
            return ask(None)
        seen = search.section_pages[address]
        return self._shared.get(address, ask, seen, is_new=False)
