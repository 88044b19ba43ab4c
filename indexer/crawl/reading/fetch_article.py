"""The page of an article, fetched at the address or alias where it is.

Reads nothing in it.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from indexer.crawl.tasks import Task
from indexer.documents.dispatch import is_readable_document
from indexer.documents.fetch_document import fetch_document
from indexer.documents.paper_sites import paper_of
from indexer.fetch.local_files import is_document_beside
from indexer.fetch.shared_pages import SharedPages
from indexer.records import (
    Fetcher,
    FetchError,
    NotModified,
    Page,
    Validators,
)
from indexer.text.page_names import is_fixed_page
from indexer.text.urls import identity_of, is_file, post_fragment, same_site
from search.text.urls import canonical

# Reasons for which the page may still be found under another alias of its address.
_NOT_THERE = ("not-found", "no-such-host", "tls")


class ArticleFetcher:
    """Fetches the pages of tasks, one with several posts once a run."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self.shared = SharedPages()

    def fetch(self, task: Task) -> Page | NotModified:
        """Fetch a page that can be read. Raises FetchError of the first address."""
        found = task.page
        # Of a paper more than one page is read.
        if paper_of(task.url):
            found = None
        page = found or self._fetch_at_aliases(task)
        if not isinstance(page, Page):
            return page
        if _leads_elsewhere(page, task):
            message = "The post's address leads to another page now."
            raise FetchError(task.url, "not-found", message)
        if post_fragment(task.url) and not page.moved_to:
            return page
        if not is_readable_document(
            page.body, page.final_url, content_type=page.content_type
        ):
            message = f"It is no web page but {page.content_type}."
            raise FetchError(task.url, "unsupported-type", message)
        return page

    def fetch_new(self, url: str, *, allow_private: bool) -> Page | NotModified:
        """Fetch a page that was never fetched before. Raises FetchError."""
        return fetch_document(self._fetcher, url, None, allow_private=allow_private)

    def _fetch_at_aliases(self, task: Task) -> Page | NotModified:
        try:
            return self._fetch_at(task.url, task)
        except FetchError as error:
            if error.reason not in _NOT_THERE:
                raise
            for url in task.others:
                try:
                    page = self._fetch_at(url, task)
                except FetchError:
                    continue
                return replace(page, url=task.url, moved_to=url)
            raise

    def _fetch_at(self, url: str, task: Task) -> Page | NotModified:
        if is_file(url):
            _require_named_beside(url, task)
        before = task.before
        seen = Validators(**before.validators)
        # A page that was away is asked for only if it changed since it said so.
        away = Validators(last_modified=before.away)
        asked = url
        if before.moved and before.url == url:
            asked = before.moved
        private = task.allows_private(asked)
        if post_fragment(asked):
            return self.shared.get(
                canonical(asked),
                lambda seen: fetch_document(
                    self._fetcher, canonical(asked), seen, allow_private=private
                ),
                seen or task.seen,
                is_new=not before.article,
            )
        page = fetch_document(self._fetcher, asked, seen or away, allow_private=private)
        if isinstance(page, NotModified) and not seen:
            # It is back, and older than its absence.
            page = self.fetch_new(asked, allow_private=private)
        if page.moved_to or asked == url:
            return page
        # It has moved for good before, and stays there.
        return replace(page, moved_to=asked)


def _require_named_beside(url: str, task: Task) -> None:
    """Raise FetchError for a file that no source may have read: neither typed by the
    user nor a document beside the page that names it."""
    for _, source in task.items:
        if source.url == url or is_document_beside(url, source.url):
            return
    message = (
        "A link leads to this file, which is no document in the folder of its page; "
        "add its path to have it read."
    )
    raise FetchError(url, "forbidden", message)


def _leads_elsewhere(page: Page, task: Task) -> bool:
    """Tell whether a post's address has come to lead to another page of a site."""
    # Feeds' posts that are gone are often led to the home page. Of a post of which only
    # the address is known, any site's home page or fixed page is another.
    if not task.is_listed_by_feed:
        return False
    if identity_of(page.final_url) == identity_of(page.url):
        return False
    parts = urlsplit(page.final_url)
    if parts.path not in ("", "/"):
        return task.is_bare and is_fixed_page(page.final_url)
    if task.is_bare:
        return True
    # A query may name the post: some blogs have all of them at their home page.
    return not parts.query and same_site(page.url, page.final_url)
