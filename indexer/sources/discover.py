"""The sources behind the addresses and paths that a user types: feeds, link pages,
single articles, archives on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from indexer.fetch.host_queues import HostQueues
from indexer.fetch.local_files import path_of
from indexer.fetch.permission import allows_private
from indexer.fetch.stated_moves import follow_stated_moves
from indexer.local.folder import find_site
from indexer.local.mail.files import is_mail
from indexer.local.mail.scan import title_of
from indexer.records import (
    Fetcher,
    FetchError,
    FetchReason,
    Page,
    SourceKind,
    SourceRecord,
)
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.detect import DetectedKind, detect, looks_like_link_page
from indexer.sources.feeds import parse_feed
from indexer.sources.find_feeds import about_feed, find_feeds, may_be_feed, usual_feeds
from indexer.sources.link_pages import parse_link_page
from indexer.sources.opml import OpmlFeed, parse_opml
from indexer.sources.targets import SourceError, real_address, target_address
from indexer.text.urls import is_file
from search.errors import BlogsearchError
from search.text.tags import names_of
from search.text.urls import is_mail as is_mail_address

# The kinds that are followed as they are; a page may be of links or name a feed.
_FOLLOWED_AS: dict[DetectedKind, SourceKind] = {
    "feed": "feed",
    "linkpage": "linkpage",
    "archive": "archive",
    "document": "article",
}


@dataclass(frozen=True, slots=True)
class DiscoveredSource:
    """A source, its page where that was fetched to find it, and the page that led to it
    (``via``): neither is asked for twice.

    ``instead_of`` is the address that was looked at, where it may have been followed
    unseen. ``failure`` is the reason for which it could not be looked at just now.
    """

    record: SourceRecord
    page: Page | None = None
    via: Page | None = None
    instead_of: str = ""
    failure: BlogsearchError | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A look at what a person named, and what came of it: sources, or an error.

    ``asked`` is the source to look at, None where the ``target`` is no address.
    """

    target: str
    asked: SourceRecord | None = None
    found: Sequence[DiscoveredSource] = ()
    error: BlogsearchError | None = None

    @property
    def url(self) -> str:
        """The address, "" for none."""
        if self.asked is None:
            return ""
        return self.asked.url

    @property
    def reason(self) -> FetchReason | Literal[""]:
        """The reason for which it could not be fetched, "" for none."""
        if isinstance(self.error, FetchError):
            return self.error.reason
        return ""

    @property
    def may_pass(self) -> bool:
        """True where another look may find what this one could not."""
        return isinstance(self.error, FetchError) and not self.error.permanent

    def to_follow(self) -> list[DiscoveredSource]:
        """Return what is followed from now on: where nothing was found, the address
        itself, unseen."""
        if self.asked is None or not self.error:
            return list(self.found)
        return [DiscoveredSource(self.asked, failure=self.error)]


def begin(
    target: str,
    *,
    allow_private: bool = False,
    wanted: SourceKind | Literal[""] = "",
    collections: tuple[str, ...] = (),
) -> Look:
    """Return the look to take at a typed target; it has an error where that is no
    address.

    ``allow_private``: what is found may lie in the user's own network. ``wanted`` is
    the kind that it is taken for whatever it looks like, "" to be told by its form.
    What is found is in these ``collections``.
    """
    try:
        # Whatever takes the place of a link later is not what was meant here.
        url = real_address(target_address(target))
        if is_mail_address(url):
            raise SourceError(f"{url} is a mail; name the file or folder it lies in.")
    except SourceError as error:
        return Look(target, error=error)
    asked = SourceRecord(url, "unseen", allow_private=allow_private, wanted=wanted)
    return Look(target, replace(asked, collections=collections))


class SourceFinder:
    """Finds sources by a look at an address. Safe to call from several threads.

    ``allow_private`` is for what ``find`` is asked for.
    """

    def __init__(
        self, fetcher: Fetcher, workers: Workers, *, allow_private: bool = False
    ) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._allow_private = allow_private

    def find(self, target: str) -> list[DiscoveredSource]:
        """Return the sources behind a typed target. Raises SourceError, ParseError or
        FetchError."""
        look = self.finish(begin(target, allow_private=self._allow_private))
        if look.error:
            raise look.error
        return list(look.found)

    def finish(self, look: Look) -> Look:
        """Look, and return what came of it."""
        if look.asked is None:
            return look
        try:
            found = _Search(look.asked, self._fetcher, self._workers).sources()
        except BlogsearchError as error:
            return replace(look, error=error)
        url = look.asked.url
        return replace(look, found=[replace(one, instead_of=url) for one in found])

    def finish_all(self, looks: Sequence[Look]) -> list[Look]:
        """Look at many addresses side by side, a few at a time of each host; what came
        of it is in the order of the looks."""
        queues: HostQueues[tuple[int, Look], tuple[int, Look]] = HostQueues(
            lambda each: (each[0], self.finish(each[1])), lambda each: each[1].url
        )
        ended = dict(queues.run(enumerate(looks)))
        return [ended[place] for place in sorted(ended)]


@dataclass(frozen=True, slots=True)
class _Search:
    """The search behind one address; what is found on its host has its permission."""

    asked: SourceRecord
    fetcher: Fetcher
    workers: Workers

    def sources(self) -> list[DiscoveredSource]:
        url = self.asked.url
        # A folder has no bytes to look at.
        is_folder = is_file(url) and path_of(url).is_dir()
        if self.asked.wanted:
            self._require_form(is_folder=is_folder)
        # A mailbox may be larger than what is ever read at once.
        elif is_file(url) and is_mail(path_of(url)):
            title = title_of(path_of(url))
            return [DiscoveredSource(self._record(url, "mail", title=title))]
        if is_folder:
            site = find_site(url, self.workers)
            return [DiscoveredSource(self._record(url, "folder", title=site.title))]
        page = self._fetch(url)
        if self.asked.wanted:
            return [self._as_wanted(page, self.asked.wanted)]
        kind = self._detect(page)
        if kind == "page":
            page = follow_stated_moves(page, self._fetch)
            kind = self._detect(page)
        if kind == "opml":
            return [
                DiscoveredSource(self._record_of(feed)) for feed in self._outlines(page)
            ]
        if kind == "unknown":
            raise SourceError("It is neither a feed nor a page that can be read.")
        # Where permanent redirects lead is the address that is followed.
        if kind == "page":
            return [self._source_of_page(page, page.moved_to or url)]
        record = self._record(page.moved_to or url, _FOLLOWED_AS[kind])
        return [DiscoveredSource(record, page)]

    def _require_form(self, *, is_folder: bool) -> None:
        if is_folder and self.asked.wanted != "folder":
            raise SourceError("It is a folder; add it as one, or name a file in it.")
        if self.asked.wanted == "folder" and not is_folder:
            raise SourceError("There is no such folder.")

    def _as_wanted(self, page: Page, kind: SourceKind) -> DiscoveredSource:
        """Take a page for what a person says that it is, if it can be read so."""
        if kind == "feed":
            self.workers.run(
                parse_feed, page.body, page.final_url, charset=page.charset
            )
        elif kind == "linkpage":
            self._require_links(page)
        return DiscoveredSource(self._record(page.moved_to or page.url, kind), page)

    def _require_links(self, page: Page) -> None:
        found = self.workers.run(
            parse_link_page,
            page.body,
            page.final_url,
            content_type=page.content_type,
            charset=page.charset,
        )
        if not found.entries:
            raise SourceError("It has no links that lead to a page.")

    def _source_of_page(self, page: Page, url: str) -> DiscoveredSource:
        """The page itself where it is of links, else its feed, else it is an
        article."""
        if self.workers.run(
            looks_like_link_page, page.body, page.final_url, charset=page.charset
        ):
            return DiscoveredSource(self._record(url, "linkpage"), page)
        feed = self._feed_of(page)
        if feed is not None:
            return replace(feed, via=page)
        return DiscoveredSource(self._record(url, "article"), page)

    def _record(
        self, url: str, kind: SourceKind = "feed", *, title: str = ""
    ) -> SourceRecord:
        private = allows_private(self.asked, url)
        record = SourceRecord(url, kind, title, allow_private=private)
        return replace(record, collections=self.asked.collections)

    def _record_of(self, feed: OpmlFeed) -> SourceRecord:
        record = self._record(feed.url, title=feed.title)
        named = (*record.collections, *feed.collections)
        return replace(record, collections=names_of(named))

    def _fetch(self, url: str) -> Page:
        private = allows_private(self.asked, url)
        page = self.fetcher.fetch(url, allow_private=private)
        if not isinstance(page, Page):
            raise SourceError(
                f"{url} answered an unconditional request with 304 Not Modified."
            )
        return page

    def _detect(self, page: Page) -> DetectedKind:
        return self.workers.run(
            detect,
            page.body,
            content_type=page.content_type,
            charset=page.charset,
            url=page.final_url,
        )

    def _outlines(self, page: Page) -> Sequence[OpmlFeed]:
        outlines = self.workers.run(parse_opml, page.body, charset=page.charset)
        if not outlines:
            raise SourceError(f"{page.url} is an OPML file without any feed.")
        return outlines

    def _feed_of(self, page: Page) -> DiscoveredSource | None:
        """The first feed that a page names, or that lies where feeds usually do; None
        where there is none.

        Raises FetchError where one can't be read just now, and no other is there.
        """
        named = self.workers.run(
            find_feeds, page.body, page.final_url, charset=page.charset
        )
        failure = None
        for url in named or usual_feeds(page.final_url):
            try:
                feed = self._fetch(url)
                kind = self._detect(feed)
            except FetchError as error:
                if may_be_feed(error, is_named=bool(named)):
                    failure = failure or about_feed(page.url, url, error)
                # A server that is in trouble is asked no further guesses.
                if failure and not named:
                    break
                continue
            # The next may be one.
            except (ParseError, SourceError):
                continue
            if kind == "feed":
                return DiscoveredSource(self._record(feed.moved_to or url), feed)
        if failure:
            raise failure
        return None
