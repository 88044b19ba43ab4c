"""The search for the older posts of one source: its site, its frontier, links followed.

Nothing here fetches or stores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from indexer.backfill.archive_pages import page_number
from indexer.backfill.frontier import Frontier
from indexer.backfill.list_strategies import LINKED
from indexer.backfill.site import BlogSite
from indexer.backfill.strategies import STRATEGIES
from indexer.extract.links import Link
from indexer.records import Validators
from indexer.text.page_names import is_fixed_page, may_list_posts
from indexer.text.url_parts import take_apart

BY_LINKS = "links between posts"  # as reports show it and ledgers store it
# Posts of one source found by links; more is a machine that makes pages.
MOST_LINKED = 5_000
# Posts that link to a page before it is looked at as a list of posts.
FEWEST_LINKS_TO_LIST = 2


@dataclass(slots=True)
class SiteSearch:
    """A source under search.

    ``section_pages`` are pages that hold several posts of the source, with what they
    were last served under. ``is_running``: a thread is at work on it, so its frontier is
    not to be stored. ``is_held_up``: its server does not answer, so the next run goes on.
    """

    site: BlogSite
    frontier: Frontier
    section_pages: Mapping[str, Validators | None] = field(default_factory=dict)
    is_running: bool = False
    is_held_up: bool = False
    _lists: Counter[str] = field(default_factory=Counter, init=False)

    @property
    def is_over(self) -> bool:
        """No strategy is left."""
        return self.frontier.strategy >= len(STRATEGIES)

    @property
    def needs_lists(self) -> bool:
        """No strategy gave the whole: what posts link to may be lists of posts."""
        return self.is_over and not self.frontier.whole

    def begin_run(self) -> None:
        """Hand the frontier to a thread that runs strategies."""
        self.is_running = True
        # What a strategy finds does not teach it where further posts are: one wrong
        # guess would make many.
        self.site.known = frozenset(self.frontier.known)

    def follow(self, links: Iterable[Link]) -> None:
        """Add the posts that a post leads to, and count the lists that it links to."""
        for link in links:
            if self.frontier.found.get(BY_LINKS, 0) >= MOST_LINKED:
                return
            if self.site.is_ours(link.url) and self.site.is_in_time(link.url):
                self._follow(link)

    def queue_lists(self) -> None:
        """Let the lists be read next that several posts link to, the most linked first."""
        # Counts have grown since the last look, so all are ranked again.
        self.frontier.drop_pages(LINKED)
        for place, (url, count) in enumerate(self._lists.most_common()):
            if count >= FEWEST_LINKS_TO_LIST:
                self.frontier.add_pages([(LINKED + place, url)])

    def _follow(self, link: Link) -> None:
        if self.frontier.is_known(link.url):
            return
        # A post is known by its address; by its place in a chain of posts ("previous",
        # "next") only where no strategy gave the whole.
        fit = self.site.shapes.fit(link.url)
        if fit == "sure" or (self._is_in_chain(link) and _may_be_post(link.url)):
            self.frontier.add_posts([self.site.item(link.url)], BY_LINKS)
        elif fit is None and may_list_posts(link.url):
            self._lists[link.url] += 1

    def _is_in_chain(self, link: Link) -> bool:
        return "prev" in link.relations and not self.frontier.whole


def _may_be_post(url: str) -> bool:
    """Tell if a link to "the post before or after" is not one to a page of a list."""
    _, number = page_number(url)
    address = take_apart(url)
    if address is None or number is not None or is_fixed_page(url):
        return False
    return address.kinds[-1:] not in ((), ("month",), ("year",))
