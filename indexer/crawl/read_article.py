"""One article fetched and read, as far as it can be had. Runs in the threads of
lanes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from indexer.backfill.post_links import links_to_keep
from indexer.crawl.apply import NOTHING, Done, Task
from indexer.crawl.assemble import feed_item, stored_item
from indexer.crawl.decide import is_bare, leads_elsewhere
from indexer.documents.dispatch import is_readable
from indexer.documents.fetch_document import fetch_document
from indexer.documents.read_page import (
    ExtractedArticle,
    read,
    read_copy,
    read_section,
    read_with_links,
    share_text,
)
from indexer.fetch.shared_pages import SharedPages
from indexer.local.stored_text import read_stored
from indexer.records import Fetcher, FetchError, NotModified, Page, Validators
from indexer.runtime.parser_pool import Workers
from indexer.sources.archived_copies import archived_copy, is_dead, reading_address
from indexer.text.urls import post_fragment, same_site
from search.errors import BlogsearchError
from search.text.urls import canonical, identity

_NOT_THERE = (
    "not-found",
    "no-such-host",
    "tls",
)  # what another spelling of the address may be better at


class Reader:
    """Does tasks; what goes wrong with one is part of its result."""

    def __init__(self, fetcher: Fetcher, workers: Workers) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self.shared = SharedPages()

    def read(self, task: Task) -> Done:
        """Fetch and read one page, whose bytes are let go."""
        return self._read(task).without_bytes()

    def _read(self, task: Task) -> Done:
        content = feed_item(task.items).content
        from_feed = any(source.kind == "feed" for _, source in task.items)
        try:
            if (stored := stored_item(task.items)) is not None:
                return Done(task, self._workers.run(read_stored, stored))
            page = task.page or self._fetch(task)
            if isinstance(page, NotModified):
                changed = (
                    task.known is not None and task.known.item_hash != task.item_hash
                )
                fed = (
                    self._workers.run(read, None, task.url, content=content)
                    if changed
                    else None
                )
                return Done(task, fed, page)
            if (is_bare(task.items) and leads_elsewhere(page)) or (
                from_feed and _leads_home(page)
            ):
                raise FetchError(
                    task.url,
                    "not-found",
                    "The post's address leads to another page now.",
                )
            if post_fragment(task.url) and not page.moved_to:
                return self._read_section(task, page, content)
            if not is_readable(
                page.body, page.final_url, content_type=page.content_type
            ):
                raise FetchError(
                    task.url,
                    "unsupported-type",
                    f"It is no web page but {page.content_type}.",
                )
            if not from_feed:
                return Done(task, self._read_page(read, page, content), page)
            reading = self._read_page(read_with_links, page, content)
            return Done(task, reading, page, links=links_to_keep(reading.links))
        except BlogsearchError as error:
            if is_dead(task.known, error) and (copy := archived_copy(task.items)):
                return self._read_copy(task, copy, error)
            try:
                reading = self._workers.run(read, None, task.url, content=content)
            except BlogsearchError:
                reading = NOTHING
            return Done(task, reading, None, error)

    def _read_section(self, task: Task, page: Page, content: str) -> Done:
        """A post of a page that holds several: at its own address, where the page names
        that and it shows the same post, or else as far as it stands on the page."""
        reading, permalink = self._workers.run(
            read_section, page.body, task.url, charset=page.charset, content=content
        )
        if permalink:
            try:
                own = fetch_document(
                    self._fetcher, permalink, None, allow_private=_is_private(task)
                )
                if isinstance(own, Page):
                    whole = self._read_page(read_with_links, own, content)
                    if share_text(reading.text, whole.text, without_words=False):
                        at = replace(own, moved_to=own.moved_to or canonical(permalink))
                        links = links_to_keep(whole.links)
                        return Done(task, whole, at, links=links, shared=page)
            except BlogsearchError:
                pass  # the page has the post as well
        links = links_to_keep(reading.links)
        return Done(task, reading, page, links=links, shared=page)

    def _read_page(
        self, function: Callable[..., ExtractedArticle], page: Page, content: str
    ) -> ExtractedArticle:
        return self._workers.run(
            function,
            page.body,
            page.final_url,
            content_type=page.content_type,
            charset=page.charset,
            content=content,
        )

    def _read_copy(self, task: Task, copy: str, error: BlogsearchError) -> Done:
        """The archived copy of a dead link, under the link's own address; not read
        twice."""
        if task.known is not None and task.known.copy == copy:
            return Done(task, None, None, error, copy=copy)
        try:
            page = self._fetcher.fetch(reading_address(copy), article=True)
            if isinstance(page, NotModified):
                return Done(task, NOTHING, None, error)
            reading = self._workers.run(
                read_copy,
                page.body,
                task.url,
                content_type=page.content_type,
                charset=page.charset,
            )
        except BlogsearchError:
            return Done(task, NOTHING, None, error)
        return Done(task, reading, None, error, copy=copy)

    def _fetch(self, task: Task) -> Page | NotModified:
        """The page at the address, or at another spelling where there is none; raises
        the first's error."""
        try:
            return self._fetch_at(task.url, task)
        except FetchError as error:
            if error.reason in _NOT_THERE:
                for url in task.others:
                    try:
                        return replace(
                            self._fetch_at(url, task), url=task.url, moved_to=url
                        )
                    except FetchError:
                        continue
            raise

    def _fetch_at(self, url: str, task: Task) -> Page | NotModified:
        known = task.known
        seen = Validators(**known.validators) if known else Validators()
        away = Validators(last_modified=known.away) if known else None
        private = _is_private(task)
        asked = known.moved if known and known.moved and known.url == url else url
        if post_fragment(asked):
            return self.shared.get(
                canonical(asked),
                lambda seen: fetch_document(
                    self._fetcher, canonical(asked), seen, allow_private=private
                ),
                seen or task.seen,
                is_new=known is None or not known.article,
            )
        page = fetch_document(self._fetcher, asked, seen or away, allow_private=private)
        if (
            isinstance(page, NotModified) and not seen
        ):  # it is back, and older than its absence
            page = fetch_document(self._fetcher, asked, None, allow_private=private)
        return replace(page, moved_to=page.moved_to or (asked if asked != url else ""))


def _is_private(task: Task) -> bool:
    return any(source.allow_private for _, source in task.items)


def _leads_home(page: Page) -> bool:
    """Whether a post's address has come to lead to its site's home page, where old
    posts are taken to."""
    parts = urlsplit(page.final_url)
    is_home = parts.path in ("", "/") and not parts.query
    return (
        is_home
        and same_site(page.url, page.final_url)
        and identity(page.url) != identity(page.final_url)
    )
