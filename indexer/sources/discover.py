"""What the user pointed at → the sources to follow: feeds, link pages, single articles,
archives on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from indexer.fetch.local_files import path_of
from indexer.local.folder import find_site
from indexer.records import Fetcher, FetchError, Page, SourceRecord
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.detect import (
    USUAL_FEED_PATHS,
    detect,
    find_feeds,
    looks_like_link_page,
)
from indexer.sources.opml import OpmlFeed, parse_opml
from indexer.text.urls import is_file
from search.errors import BlogsearchError

HOMES = {
    "",
    "blog",
    "weblog",
    "journal",
    "posts",
    "articles",
    "news",
    "notes",
    "writing",
}


class SourceError(BlogsearchError):
    """What the user pointed at can't be followed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A source, its page where that was fetched to find it, and the page that led to it
    (``via``): neither is asked for twice."""

    record: SourceRecord
    page: Page | None = None
    via: Page | None = None


def address(target: str) -> str:
    """The address of what the user typed: a path becomes file://, a bare host name
    https://."""
    text = target.strip()
    path = Path(text).expanduser()
    # What begins as a path does is one, be it there or not: a folder that is gone can
    # still be removed.
    if (
        text
        and "://" not in text
        and (path.exists() or text.startswith(("/", "./", "../", "~/")))
    ):
        return path.resolve().as_uri()
    if "://" not in text:
        if "/" in text and "." not in text.split("/")[0].strip("."):
            raise SourceError(
                f"There is no file {text}, and it is not an address either."
            )
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SourceError(f"{target} is not an address: {error}.") from error
    if parts.scheme not in ("http", "https", "file") or not (
        parts.hostname or parts.scheme == "file"
    ):
        raise SourceError(
            f"{target} is not an address (https://…) or the path of a file."
        )
    return text


class Finder:
    """Tells what an address is by looking at it."""

    def __init__(
        self, fetcher: Fetcher, workers: Workers, *, allow_private: bool = False
    ) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._allow_private = allow_private

    def find(self, target: str) -> list[Found]:
        """The sources behind what the user typed; raises SourceError or FetchError."""
        url = address(target)
        if is_file(url) and path_of(url).is_dir():
            site = find_site(url, self._workers)
            return [Found(self._record(url, kind="folder", title=site.title))]
        page = self._fetch(url)
        kind = self._workers.run(
            detect,
            page.body,
            content_type=page.content_type,
            charset=page.charset,
            url=page.final_url,
        )
        if kind == "opml":
            return [
                Found(self._record(feed.url, title=feed.title))
                for feed in self._outlines(page)
            ]
        if kind == "feed":
            return [Found(self._record(page.moved_to or url), page)]
        if kind in ("archive", "document"):
            followed = "archive" if kind == "archive" else "article"
            return [Found(self._record(page.moved_to or url, kind=followed), page)]
        if kind == "unknown":
            raise SourceError(
                f"{target} is neither a feed nor a page that can be read."
            )
        if kind == "linkpage" or self._workers.run(
            looks_like_link_page, page.body, page.final_url, charset=page.charset
        ):
            return [Found(self._record(page.moved_to or url, kind="linkpage"), page)]
        feed = next(self._feeds_of(page), None)
        if feed is not None:
            return [replace(feed, via=page)]
        return [Found(self._record(page.moved_to or url, kind="article"), page)]

    def _record(self, url: str, *, kind: str = "feed", title: str = "") -> SourceRecord:
        return SourceRecord(url, kind, title, allow_private=self._allow_private)  # type: ignore[arg-type]

    def _fetch(self, url: str) -> Page:
        page = self._fetcher.fetch(url, allow_private=self._allow_private)
        if not isinstance(page, Page):
            raise SourceError(
                f"{url} answered an unconditional request with 304 Not Modified."
            )
        return page

    def _outlines(self, page: Page) -> Sequence[OpmlFeed]:
        outlines = self._workers.run(parse_opml, page.body, charset=page.charset)
        if not outlines:
            raise SourceError(f"{page.url} is an OPML file without any feed.")
        return outlines

    def _feeds_of(self, page: Page) -> Iterator[Found]:
        """The feeds that a page names, or that lie where feeds usually do, as far as
        they are feeds."""
        named = self._workers.run(
            find_feeds, page.body, page.final_url, charset=page.charset
        )
        usual = (
            []
            if named or page.final_url.startswith("file:")
            else self._usual(page.final_url)
        )
        for url in dict.fromkeys([*named, *usual]):
            try:
                feed = self._fetch(url)
                kind = self._workers.run(
                    detect,
                    feed.body,
                    content_type=feed.content_type,
                    charset=feed.charset,
                    url=feed.final_url,
                )
            except (FetchError, ParseError, SourceError):
                continue
            if kind == "feed":
                yield Found(self._record(feed.moved_to or url), feed)

    @staticmethod
    def _usual(url: str) -> list[str]:
        """Where a feed usually lies, seen from a blog's home; any other page is an
        article."""
        path = urlsplit(url).path
        if path.strip("/").lower() not in HOMES:
            return []
        home = url if path.endswith("/") else f"{url}/"
        return [urljoin(home, path.lstrip("/")) for path in USUAL_FEED_PATHS]
