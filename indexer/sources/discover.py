"""The sources behind the addresses and paths that a user types: feeds, link pages,
single articles, archives on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from indexer.fetch.local_files import path_of
from indexer.local.folder import find_site
from indexer.records import Fetcher, FetchError, Page, SourceKind, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.detect import DetectedKind, detect, looks_like_link_page
from indexer.sources.find_feeds import find_feeds, usual_feeds
from indexer.sources.opml import OpmlFeed, parse_opml
from indexer.text.urls import is_file
from search.errors import BlogsearchError

_PATH_BEGINNINGS = ("/", "./", "../", "~/")
# The kinds that are followed as they are; a page may be of links or name a feed.
_FOLLOWED_AS: dict[DetectedKind, SourceKind] = {
    "feed": "feed",
    "linkpage": "linkpage",
    "archive": "archive",
    "document": "article",
}


class SourceError(BlogsearchError):
    """An address or a path that can't be followed."""


@dataclass(frozen=True, slots=True)
class DiscoveredSource:
    """A source, its page where that was fetched to find it, and the page that led to it
    (``via``): neither is asked for twice."""

    record: SourceRecord
    page: Page | None = None
    via: Page | None = None


def target_address(target: str) -> str:
    """Return the address of a typed target: a path becomes file://, a bare host name
    https://."""
    text = target.strip()
    if "://" not in text:
        # A beginning of a path makes it one, be it there or not: a folder that is gone
        # can still be removed.
        path = Path(text).expanduser()
        if text and (text.startswith(_PATH_BEGINNINGS) or path.exists()):
            return path.resolve().as_uri()
        # A host has a dot in its name; a folder of that name would be there.
        if "/" in text and "." not in text.partition("/")[0].strip("."):
            raise SourceError(
                f"There is no file {text}, and it is not an address either."
            )
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SourceError(f"{target} is not an address: {error}.") from error
    is_on_web = parts.scheme in ("http", "https") and parts.hostname
    if not is_on_web and parts.scheme != "file":
        raise SourceError(
            f"{target} is not an address (https://…) or the path of a file."
        )
    return text


class SourceFinder:
    """Finds sources by a look at an address."""

    def __init__(
        self, fetcher: Fetcher, workers: Workers, *, allow_private: bool = False
    ) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._allow_private = allow_private

    def find(self, target: str) -> list[DiscoveredSource]:
        """Return the sources behind a typed target. Raises SourceError or
        FetchError."""
        url = target_address(target)
        # A folder has no bytes to look at.
        if is_file(url) and path_of(url).is_dir():
            site = find_site(url, self._workers)
            return [DiscoveredSource(self._record(url, "folder", title=site.title))]
        page = self._fetch(url)
        kind = self._detect(page)
        if kind == "opml":
            return [
                DiscoveredSource(self._record(feed.url, title=feed.title))
                for feed in self._outlines(page)
            ]
        if kind == "unknown":
            raise SourceError(
                f"{target} is neither a feed nor a page that can be read."
            )
        # Where permanent redirects lead is the address that is followed.
        if kind == "page":
            return [self._source_of_page(page, page.moved_to or url)]
        record = self._record(page.moved_to or url, _FOLLOWED_AS[kind])
        return [DiscoveredSource(record, page)]

    def _source_of_page(self, page: Page, url: str) -> DiscoveredSource:
        """The page itself where it is of links, else its feed, else it is an
        article."""
        if self._workers.run(
            looks_like_link_page, page.body, page.final_url, charset=page.charset
        ):
            return DiscoveredSource(self._record(url, "linkpage"), page)
        feed = next(self._feeds_of(page), None)
        if feed is not None:
            return replace(feed, via=page)
        return DiscoveredSource(self._record(url, "article"), page)

    def _record(
        self, url: str, kind: SourceKind = "feed", *, title: str = ""
    ) -> SourceRecord:
        return SourceRecord(url, kind, title, allow_private=self._allow_private)

    def _fetch(self, url: str) -> Page:
        page = self._fetcher.fetch(url, allow_private=self._allow_private)
        if not isinstance(page, Page):
            raise SourceError(
                f"{url} answered an unconditional request with 304 Not Modified."
            )
        return page

    def _detect(self, page: Page) -> DetectedKind:
        return self._workers.run(
            detect,
            page.body,
            content_type=page.content_type,
            charset=page.charset,
            url=page.final_url,
        )

    def _outlines(self, page: Page) -> Sequence[OpmlFeed]:
        outlines = self._workers.run(parse_opml, page.body, charset=page.charset)
        if not outlines:
            raise SourceError(f"{page.url} is an OPML file without any feed.")
        return outlines

    def _feeds_of(self, page: Page) -> Iterator[DiscoveredSource]:
        """The feeds that a page names, or that lie where feeds usually do, as far as
        they are feeds."""
        named = self._workers.run(
            find_feeds, page.body, page.final_url, charset=page.charset
        )
        for url in named or usual_feeds(page.final_url):
            try:
                feed = self._fetch(url)
                kind = self._detect(feed)
            # The next may be one.
            except (FetchError, ParseError, SourceError):
                continue
            if kind == "feed":
                yield DiscoveredSource(self._record(feed.moved_to or url), feed)
