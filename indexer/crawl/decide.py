"""Pure: what a page's answer means for the article that is held."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from indexer.documents.read_page import ExtractedArticle
from indexer.records import Item, NotModified, Page, PageRecord, SourceRecord
from indexer.text.url_patterns import is_fixed_page
from search.errors import BlogsearchError
from search.text.urls import identity
from search.types import Article

MUCH_MORE = 1.1  # times the text that is held: what a feed must have to replace an unchanged page


def is_excluded(
    page: Page | NotModified | None, reading: ExtractedArticle | None
) -> bool:
    """Whether the page asks to be kept out of indexes."""
    by_header = isinstance(page, Page) and page.noindex
    return by_header or (
        reading is not None and reading.page is not None and reading.page.noindex
    )


def asks_for_no_snippet(
    page: Page | NotModified | None, reading: ExtractedArticle | None
) -> bool:
    """Whether the page asks that none of its text be shown."""
    by_header = isinstance(page, Page) and page.nosnippet
    return by_header or (
        reading is not None and reading.page is not None and reading.page.nosnippet
    )


def is_kept(
    held: Article | None,
    known: PageRecord | None,
    *,
    reading: ExtractedArticle | None,
    page: Page | NotModified | None,
    error: BlogsearchError | None,
) -> bool:
    """Whether the article stays as it is held, whatever was read: the reading of a page
    that can't be had or is unchanged is only what the feed says."""
    if reading is None:
        return True
    if held is None:
        return False
    if isinstance(page, NotModified):
        return sum(len(block.text) for block in reading.blocks) <= MUCH_MORE * len(
            held.text
        )
    return error is not None and not _is_better(reading, known, held)


def _is_better(
    reading: ExtractedArticle, known: PageRecord | None, held: Article
) -> bool:
    """Whether what the feed gives, in place of a page that can't be had, replaces what
    is held: always, but for a whole article that came from its page, or where the feed
    has less."""
    if held.evidence != "article":
        return True
    return reading.whole and known is not None and bool(known.reason)


def is_bare(items: Iterable[tuple[Item, SourceRecord]]) -> bool:
    """Whether nothing but the address is known of a feed's post: no source says what it
    is."""
    return all(
        source.kind == "feed" and not (item.title or item.content or item.notes)
        for item, source in items
    )


def leads_elsewhere(page: Page) -> bool:
    """Whether the address of a post has come to lead to the home page or another fixed
    page."""
    if identity(page.final_url) == identity(page.url):
        return False
    return urlsplit(page.final_url).path in ("", "/") or is_fixed_page(page.final_url)
