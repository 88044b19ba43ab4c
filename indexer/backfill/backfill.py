"""Finds the posts that a feed no longer shows, and remembers how far it came.

The ways (see ``ways``) are gone one after another until one has given the whole. Then,
while the pipeline fetches the posts, their links are followed: posts that only other
posts name are found so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from urllib.parse import urljoin, urlsplit

from indexer.backfill import archive_pages as archivepages
from indexer.backfill.archive_pages import Link
from indexer.backfill.budget import Budget, Discovery, promise
from indexer.backfill.list_strategies import ArchivePages, LinkedLists
from indexer.backfill.post_links import from_ledger
from indexer.backfill.strategies import (
    FeedPages,
    Site,
    Sitemaps,
    Way,
    WordPressFeed,
    WordPressPosts,
)
from indexer.fetch.host_queues import Lanes
from indexer.fetch.shared_pages import SharedPages
from indexer.ledger.aliases import Spellings
from indexer.ledger.ledger import Ledger
from indexer.ledger.schedule import decide
from indexer.records import (
    FetchError,
    Item,
    NotModified,
    Page,
    SiteFetcher,
    SourceRecord,
    Validators,
)
from indexer.runtime.parser_pool import Workers
from indexer.runtime.signals import whole
from indexer.sources.listing import item_hash
from indexer.sources.stray_pages import is_left_out
from indexer.text.url_patterns import (
    folder_of_blog,
    is_fixed_page,
    learn,
    may_list_posts,
    take_apart,
)
from indexer.text.urls import post_fragment, same_site, shared_page
from search.errors import BlogsearchError
from search.text.urls import canonical, host, identity

# In the order in which they are gone, the most exact first.
WAYS: tuple[type[Way], ...] = (
    FeedPages,
    WordPressFeed,
    WordPressPosts,
    Sitemaps,
    ArchivePages,
)
# of a feed's items lie on its blog's host, where that isn't the home page's
MOST_OF_ITEMS = 0.9
MOST_LINKED = 5_000  # posts that are found by links between posts; more is a machine that makes pages
# posts that link to a page before it is looked at as a list of posts
FEWEST_LINKS_TO_LIST = 2
OF_ITSELF = 2  # requests that any run makes of a site: its feed and robots.txt
BY_LINKS = "links between posts"


@dataclass(slots=True)
class _Search:
    """A source under search: what is known of its site, how far it is, and what is
    new."""

    site: Site
    discovery: Discovery
    # identity → item, name of the way
    new: dict[str, tuple[Item, str]] = field(default_factory=dict)
    # pages that posts link to, how many do
    lists: Counter[str] = field(default_factory=Counter)
    # pages that hold several
    of_posts: Mapping[str, Validators | None] = field(default_factory=dict)
    is_under_way: bool = False  # in a lane: what it found isn't kept yet


class Backfill:
    """The search for older posts in one run of the pipeline, which tells it what it
    reads.

    ``dry``: what is found is remembered, but not taken up. ``budget`` is spent on every
    request of the run; where it has no limit, one that comes after a dry run keeps to
    what that said.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: SiteFetcher,
        workers: Workers,
        *,
        budget: Budget | None = None,
        dry: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._fetcher = fetcher
        self._workers = workers
        self._budget = budget or Budget(None)
        self._sent = fetcher.requests
        self._dry = dry
        self._clock = clock
        self._searches: dict[str, _Search] = {}
        self._shared = SharedPages()
        self._had: dict[str, Page] = {}  # by identity
        self._short = False  # posts that the sources list were left for the next run
        self._ended = False  # nothing is left to follow

    # What the pipeline calls

    def allow(self, wanted: int) -> int:
        """How many of these requests may be made now; they count as made."""
        granted = self._budget.take(wanted)
        self._short |= granted < wanted
        return granted

    def meet(self, shared: SharedPages, had: Iterable[Page]) -> None:
        """Pages that the run has already, and those that it asks for once: with several
        posts on each."""
        self._shared = shared
        for page in had:
            self._had |= {identity(url): page for url in (page.url, page.final_url)}

    def explore(self, records: Sequence[SourceRecord]) -> None:
        """Search the sites of these sources, and let the ledger's sources list what is
        found."""
        for record in records:
            discovery = Discovery.read(self._ledger.discovery(record.url))
            if record.kind == "feed" and not record.url.startswith("file:"):
                site = self._site(record, discovery)
                if site.shown:
                    of_posts = self._pages_of_posts(record)
                    self._searches[record.url] = _Search(
                        site, discovery, of_posts=of_posts
                    )
        promised = promise(search.discovery for search in self._searches.values())
        if promised is not None and not self._dry:
            self._budget.keep_to(promised)
        self._settle()
        open_ = [
            search for search in self._searches.values() if not search.discovery.done
        ]
        self._run(self._search, open_)
        for search in self._searches.values():
            for links in self._ledger.links_of_source(search.site.record.url):
                self._follow(search, from_ledger(links))
        self._settle()

    def saw(self, sources: Iterable[str], links: Sequence[Link]) -> None:
        """A page was read that these sources list: take note of where it leads."""
        for source in sources:
            search = self._searches.get(source)
            if search is not None:
                self._follow(search, links)

    def more(self) -> list[str]:
        """The posts found since the last call that are to be fetched now; the sources
        list them."""
        self._settle()
        searches = [] if self._dry else list(self._searches.values())
        urls = [url for search in searches for url in self._take_up(search)]
        stuck = [
            s
            for s in searches
            if s.lists and not s.discovery.whole and not s.discovery.waiting
        ]
        if not urls and stuck:
            self._run(self._look_at_lists, stuck)
            urls = [url for search in stuck for url in self._take_up(search)]
        self._ended = not urls
        return urls

    def finish(self) -> None:
        """Remember how far this came, for the next run, and what a dry run says of
        it."""
        with self._ledger.transaction():
            for source, search in self._searches.items():
                discovery = search.discovery
                if (
                    search.is_under_way
                ):  # Ctrl-C: a lane goes on with it, and what it found is lost
                    continue
                finished = self._ended and not (
                    self._short or self._dry or discovery.waiting
                )
                discovery.done = finished and discovery.way >= len(WAYS)
                discovery.promised = self._cost(search) if self._dry else 0
                discovery.promised_bytes = discovery.promised * self._page_size(search)
                self._ledger.put_discovery(source, discovery.write())

    def searches(self) -> dict[str, Discovery]:
        """How far each source is, by address."""
        return {source: search.discovery for source, search in self._searches.items()}

    def _run(
        self, work: Callable[[_Search], _Search], searches: Sequence[_Search]
    ) -> None:
        """Let lanes go on with these searches, and keep what they find."""
        for search in searches:
            search.is_under_way = True
        for search in Lanes(work, lambda s: s.site.home).run(searches):
            with whole():
                self._remember(search)
                search.is_under_way = False

    def _settle(self) -> None:
        self._budget.settle(self._fetcher.requests - self._sent)

    def _cost(self, search: _Search) -> int:
        """The requests that going on takes, as far as is known: posts found, and those
        that are due."""
        now, page = self._clock(), self._ledger.page
        listed = [
            group
            for _, group in Spellings(self._ledger).of_source(search.site.record.url)
        ]
        due = sum(
            decide(group.hash, page(group.urls[-1]), now).action == "fetch"
            for group in listed
        )
        return OF_ITSELF + len(search.discovery.waiting) + due

    def _page_size(self, search: _Search) -> int:
        """Bytes of a page of this site: of its posts as far as any were fetched."""
        fates = self._ledger.fates(search.site.record.url)
        sizes = [page.size for _, _, page in fates if page and page.size]
        discovery = search.discovery
        return (
            sum(sizes) // len(sizes)
            if sizes
            else discovery.bytes // max(1, discovery.pages)
        )

    # The ways

    def _site(self, record: SourceRecord, discovery: Discovery) -> Site:
        listed = self._ledger.urls_of_source(record.url)
        home, own = own_posts(record.home, listed)
        posts = [url for url in own if not is_left_out(self._ledger.page(url))]
        discovery.shown = discovery.shown or posts
        return Site(
            record=record,
            shown=frozenset(map(identity, discovery.shown)),
            held={
                identity(url)
                for url in (*listed, *(str(post["url"]) for post in discovery.waiting))
            },
            shapes=learn(discovery.shown),
            home=home,
            workers=self._workers,
            today=self._clock().date(),
            sitemaps=lambda: self._sitemaps(record, home),
            folder=folder_of_blog(home, discovery.shown),
        )

    def _pages_of_posts(self, record: SourceRecord) -> dict[str, Validators | None]:
        """The pages of which the source lists posts by their fragments, as they were
        last had."""
        pages = {
            canonical(url)
            for url in self._ledger.urls_of_source(record.url)
            if post_fragment(url)
        }
        known = {page: self._ledger.page(shared_page(page)) for page in pages}
        return {
            page: Validators(**had.validators) if had else None
            for page, had in known.items()
        }

    def _sitemaps(self, record: SourceRecord, home: str) -> Sequence[str]:
        try:
            return self._fetcher.sitemaps(home, allow_private=record.allow_private)
        except FetchError:
            return []

    def _search(self, search: _Search) -> _Search:
        """Go the ways until one has given the whole, or the requests are used up; runs
        in a lane."""
        discovery = search.discovery
        while discovery.way < len(WAYS) and not discovery.whole:
            way = WAYS[discovery.way](search.site)
            way.recall(discovery.memory)
            if not self._go(way, search):
                return search
            discovery.whole = way.is_whole()
            discovery.way += 1
            discovery.frontier, discovery.memory = [], {}
        discovery.way = len(WAYS)
        return search

    def _go(self, way: Way, search: _Search) -> bool:
        """Go one way to its end; False if the requests are used up before."""
        discovery = search.discovery
        frontier = [(rank, url) for rank, url in discovery.frontier] or way.seeds()
        heapify(frontier)
        visited = set(discovery.visited)
        while frontier and way.asked < way.most and not way.is_enough(frontier[0][0]):
            at = heappop(frontier)
            if identity(at[1]) in visited or way.is_barren(at[1]):
                continue
            if not self._budget.take():
                discovery.frontier, discovery.memory = [at, *frontier], way.memory()
                return False
            visited.add(identity(at[1]))
            discovery.visited.append(identity(at[1]))
            for step in self._ask(way, at, search):
                heappush(frontier, step)
        return True

    def _ask(
        self, way: Way, at: tuple[int, str], search: _Search
    ) -> Sequence[tuple[int, str]]:
        """Fetch and read one page of a way; where it leads."""
        rank, url = at
        discovery = search.discovery
        way.asked += 1
        try:
            page = self._fetch(url, search)
            if isinstance(page, NotModified):
                return ()  # its posts were read, and what they lead to is followed
            if not same_site(page.final_url, url):
                raise FetchError(url, "bad-redirect", "It leads to another site.")
            discovery.bytes += len(page.body)
            discovery.pages += 1
            step = way.read(url, page, rank)
        except BlogsearchError as error:
            way.broken |= not (
                isinstance(error, FetchError) and error.status in way.ends_at
            )
            return ()
        way.read_pages += 1
        for item in step.found:
            key = identity(item.url)
            if key not in search.site.held:
                search.new.setdefault(key, (item, way.name))
        return step.further

    def _fetch(self, url: str, search: _Search) -> Page | NotModified:
        """A page of a way, which the run may have."""
        if (page := self._had.get(identity(url))) is not None:
            return page
        search.discovery.requests += 1
        private = search.site.record.allow_private

        def ask(seen: Validators | None) -> Page | NotModified:
            return self._fetcher.fetch(url, seen, article=True, allow_private=private)

        at = canonical(url)
        if at in search.of_posts:
            return self._shared.get(at, ask, search.of_posts[at], is_new=False)
        return ask(None)

    def _look_at_lists(self, search: _Search) -> _Search:
        """Read the lists that most posts link to, until one gives posts; runs in a
        lane."""
        discovery = search.discovery
        way = LinkedLists(search.site)
        way.recall(discovery.memory)
        named = [
            url
            for url, count in search.lists.most_common()
            if count >= FEWEST_LINKS_TO_LIST
        ]
        frontier = [*discovery.frontier, *((way.FOLDER, url) for url in named)]
        visited = set(discovery.visited)
        while frontier and way.asked < way.most and not search.new:
            at = frontier.pop(0)
            if identity(at[1]) in visited or way.is_barren(at[1]):
                continue
            if not self.allow(1):
                break
            visited.add(identity(at[1]))
            discovery.visited.append(identity(at[1]))
            further = self._ask(way, at, search)
            discovery.frontier = [*further, *(f for f in discovery.frontier if f != at)]
            frontier = [*further, *frontier]
        discovery.memory = way.memory()
        return search

    # What was found

    def _remember(self, search: _Search) -> None:
        """Count what is new, and keep it until it is taken up (see ``more``)."""
        for key, (item, way) in search.new.items():
            if key not in search.site.held:
                search.site.held.add(key)
                search.discovery.found[way] = search.discovery.found.get(way, 0) + 1
                search.discovery.waiting.append(asdict(item))
        search.new.clear()

    def _follow(self, search: _Search, links: Iterable[Link]) -> None:
        """Take up the posts that a post leads to: by their address; by their place in a
        chain of posts ("previous", "next") where no way has given the whole."""
        site, discovery = search.site, search.discovery
        for link in links:
            key = identity(link.url)
            if key in site.held or key in search.new or not site.is_ours(link.url):
                continue
            if discovery.found.get(BY_LINKS, 0) + len(search.new) >= MOST_LINKED:
                return
            fit = site.shapes.fit(link.url)
            chained = "prev" in link.relations and not discovery.whole
            if not site.is_in_time(link.url):
                continue
            if fit == "sure" or (chained and _may_be_post(link.url)):
                search.new[key] = (site.item(link.url), BY_LINKS)
            elif fit is None and may_list_posts(link.url):
                search.lists[link.url] += 1
        self._remember(search)

    def _take_up(self, search: _Search) -> list[str]:
        waiting = search.discovery.waiting
        granted = (
            self._budget.take_some(len(waiting), len(self._searches)) if waiting else 0
        )
        items = [_item(value) for value in waiting[:granted]]
        if items:
            with whole(), self._ledger.transaction():
                self._ledger.put_items(
                    search.site.record.url, [(item, item_hash(item)) for item in items]
                )
                del waiting[:granted]
        return [item.url for item in items]


def own_posts(home: str, listed: Sequence[str]) -> tuple[str, list[str]]:
    """The home page of the blog behind a feed, with a slash at its end unless it names
    a file, and which of the listed addresses are the blog's own posts: none where the
    feed gathers from many sites, as planets and lists of links do, whose archives
    nobody asked for."""
    sites = Counter(map(host, listed))
    at_home, (most, count) = sites[host(home)], (sites.most_common(1) or [("", 0)])[0]
    if 2 * at_home >= len(listed):
        site = host(home)
    elif count >= MOST_OF_ITEMS * len(listed):
        site = most
    else:
        return home, []
    own = [url for url in listed if host(url) == site]
    if not own:
        return home, []
    home = home if host(home) == site else urljoin(own[0], "/")
    path = urlsplit(home).path
    return (
        home
        if "." in path.rpartition("/")[2]
        else urljoin(home, path.rstrip("/") + "/")
    ), own


def _may_be_post(url: str) -> bool:
    """Whether a link that claims to lead to the post before or after isn't to a page of
    a list."""
    address = take_apart(url)
    return (
        address is not None
        and bool(address.segments)
        and address.kinds[-1] not in ("month", "year")
        and archivepages.page_number(url)[1] is None
        and not is_fixed_page(url)
    )


def _item(value: dict[str, object]) -> Item:
    fields = dict(value)
    fields["notes"] = ()
    return Item(**fields)  # type: ignore[arg-type]
