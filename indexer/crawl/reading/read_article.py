"""The reading of one article: page, feed, archived copy or file, whichever is there.

Runs in the threads of the host queues; parses in worker processes only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indexer.backfill.post_links import links_to_keep
from indexer.crawl.assemble import address_of, feed_item
from indexer.crawl.reading.fetch_article import ArticleFetcher
from indexer.crawl.reading.further_pages import with_further_pages
from indexer.crawl.tasks import Attempt, Task
from indexer.documents.paper_sites import paper_of
from indexer.documents.read_page import (
    ExtractedArticle,
    read,
    read_copy,
    read_paper_page,
    read_section,
    read_with_links,
    share_text,
)
from indexer.fetch.lost_time import LostTime
from indexer.fetch.shared_pages import SharedPages
from indexer.local.stored_text import read_local_article
from indexer.records import Fetcher, FetchError, NotModified, Page
from indexer.runtime.parser_pool import Workers
from indexer.sources.archived_copies import reading_address
from indexer.text.urls import post_fragment
from search.errors import BlogsearchError
from search.text.urls import canonical

NO_TIME_LEFT = "Too many hosts of its source did not answer in this run."


class ArticleReader:
    """Does tasks; an error in one is part of its attempt."""

    def __init__(
        self, fetcher: Fetcher, workers: Workers, lost_time: LostTime | None = None
    ) -> None:
        self._fetcher = fetcher
        self._workers = workers
        self._lost_time = lost_time or LostTime()
        self._pages = ArticleFetcher(fetcher)

    @property
    def shared(self) -> SharedPages:
        """The pages of several posts that this run has asked for."""
        return self._pages.shared

    def read(self, task: Task) -> Attempt:
        """Fetch and read one page, whose bytes are let go."""
        try:
            with self._lost_time.counted(task.sources):
                attempt = self._attempt(task)
            self._lost_time.gain(task.sources)
        except BlogsearchError as error:
            attempt = self._without_page(task, error)
        address = address_of(task.url, attempt.extracted)
        return replace(attempt.without_bytes(), address=address)

    def _attempt(self, task: Task) -> Attempt:
        if task.on_disk is not None:
            return Attempt(task, self._workers.run(read_local_article, task.on_disk))
        if task.is_pageless:
            return Attempt(task, self._read_feed(task))
        if self._lost_time.is_spent(task.sources):
            raise FetchError(task.url, "put-off", NO_TIME_LEFT)
        page = self._pages.fetch(task)
        if isinstance(page, NotModified):
            if task.known is not None and not task.is_as_known:
                # The page is as it was, but the feed may give more of the post now.
                return Attempt(task, self._read_feed(task), page)
            return Attempt(task, None, page)
        if post_fragment(task.url) and not page.moved_to:
            return self._read_section(task, page)
        if not task.is_listed_by_feed:
            return Attempt(task, self._read_pages(read, page, task), page)
        article = self._read_pages(read_with_links, page, task)
        return Attempt(task, article, page, links=links_to_keep(article.links))

    def _without_page(self, task: Task, error: BlogsearchError) -> Attempt:
        """Read the archived copy of a dead link, or else what the feed has."""
        attempt = Attempt(task, error=error)
        if attempt.is_dead and task.archived_copy:
            return self._read_copy(task, error)
        if attempt.is_put_off and task.is_as_known:
            return attempt
        try:
            article = self._read_feed(task)
        except BlogsearchError:
            article = ExtractedArticle()
        return Attempt(task, article, error=error)

    def _read_feed(self, task: Task) -> ExtractedArticle:
        content = feed_item(task.items).content
        return self._workers.run(read, None, task.url, content=content)

    def _read_page(
        self, function: Callable[..., ExtractedArticle], page: Page, task: Task
    ) -> ExtractedArticle:
        if paper_of(page.url):
            return self._read_paper(page, task)
        return self._workers.run(
            function,
            page.body,
            page.final_url,
            content_type=page.content_type,
            charset=page.charset,
            content=feed_item(task.items).content,
        )

    def _read_paper(self, page: Page, task: Task) -> ExtractedArticle:
        content = feed_item(task.items).content
        try:
            return self._workers.run(read_paper_page, page, content=content)
        except BlogsearchError:
            # A document that can't be read in time leaves the abstract.
            if page.document is None:
                raise
            alone = replace(page, document=None)
            return self._workers.run(read_paper_page, alone, content=content)

    def _read_pages(
        self, function: Callable[..., ExtractedArticle], page: Page, task: Task
    ) -> ExtractedArticle:
        """Read a page and those that go on with its article."""
        article = self._read_page(function, page, task)
        return with_further_pages(
            article,
            page.final_url,
            lambda url: self._pages.fetch_new(
                url, allow_private=task.allows_private(url)
            ),
            self._workers,
        )

    def _read_section(self, task: Task, page: Page) -> Attempt:
        """Read a post of a page that holds several."""
        # It is read at its own address, where the page names that and it shows the same
        # post, or else as far as it stands on the page.
        part, permalink = self._workers.run(
            read_section,
            page.body,
            task.url,
            charset=page.charset,
            content=feed_item(task.items).content,
        )
        if permalink:
            try:
                attempt = self._read_at(permalink, part, task)
            except BlogsearchError:
                attempt = None  # the page has the post as well
            if attempt is not None:
                return replace(attempt, shared=page)
        return Attempt(task, part, page, links=links_to_keep(part.links), shared=page)

    def _read_at(
        self, permalink: str, part: ExtractedArticle, task: Task
    ) -> Attempt | None:
        private = task.allows_private(permalink)
        own = self._pages.fetch_new(permalink, allow_private=private)
        if not isinstance(own, Page):
            return None
        article = self._read_page(read_with_links, own, task)
        if not share_text(part.text, article.text, without_words=False):
            return None
        page = replace(own, moved_to=own.moved_to or canonical(permalink))
        return Attempt(task, article, page, links=links_to_keep(article.links))

    def _read_copy(self, task: Task, error: BlogsearchError) -> Attempt:
        """Read the archived copy of a dead link under the link's address, once."""
        copy = task.archived_copy
        if task.before.copy == copy:
            # An archived copy never changes.
            return Attempt(task, None, error=error, copy=copy)
        nothing = Attempt(task, ExtractedArticle(), error=error)
        try:
            page = self._fetcher.fetch(reading_address(copy), article=True)
            if isinstance(page, NotModified):
                return nothing
            article = self._workers.run(
                read_copy,
                page.body,
                task.url,
                content_type=page.content_type,
                charset=page.charset,
            )
        except BlogsearchError:
            return nothing
        return Attempt(task, article, error=error, copy=copy)
