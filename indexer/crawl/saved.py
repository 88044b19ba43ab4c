"""The pages that a person saved one by one, taken into the ledger as a source of their
own.

Fetches nothing, and reads no page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from indexer.crawl.forget import recall
from indexer.ledger.ledger import Ledger
from indexer.local.saved_pages import SOFTWARE, without_embedded_files
from indexer.records import Item, SourceRecord
from indexer.sources.bookmarks.entry import Bookmark, note_of
from indexer.sources.link_lines import collapse_spaces
from indexer.text.urls import canonical_of, identity_of
from search.inbox.requests import Request
from search.text.tags import tags_of

# Not on the web, and no file: nothing is ever fetched from it.
SAVED_PAGES = SourceRecord("saved:pages", "saved", title="Saved pages")


def store_saved(ledger: Ledger, requests: Sequence[Request]) -> None:
    """Store pages as they were saved, the newest last; what is said of one again takes
    the place of what was said before.

    A page that was forgotten, or is gone, is wanted again. Raises AddressError.
    """
    for request in requests:
        recall(ledger, request.url)
    with ledger.transaction():
        # Items belong to a source that is there.
        source = ledger.source(SAVED_PAGES.url) or SAVED_PAGES
        ledger.put_source(source)
        for request in requests:
            before = _saved_before(ledger, canonical_of(request.url))
            _let_come_back(ledger, before.url)
            ledger.put_items(source.url, [_item(request, before)])
        count = len(ledger.urls_of_source(source.url))
        ledger.put_source(replace(source, shown=count))


def _saved_before(ledger: Ledger, url: str) -> Item:
    """Return a page as it was saved before, under whatever alias; an empty item where it
    was not."""
    for source, known, _ in ledger.listings(identity_of(url)):
        if source == SAVED_PAGES.url:
            items = ledger.items_of_url(known)
            return next(item for item, of in items if of.url == source)
    return Item(url)


def _let_come_back(ledger: Ledger, url: str) -> None:
    """Have what is known as gone read again, with all its words."""
    page = ledger.page(url)
    if page is not None and page.state == "gone" and not page.article:
        ledger.drop_page(url)


def _item(request: Request, before: Item) -> Item:
    """Return what was saved as an item, as a bookmark is one."""
    title = collapse_spaces(request.title) or before.title
    words = collapse_spaces(request.note)
    said_of = title
    if not title:
        # The page's own title is not known yet, and its address is no note.
        said_of, words = words or before.url, ""
    said = Bookmark(before.url, tags=request.tags, words=words)
    html = without_embedded_files(request.html.encode("utf-8", "replace")).decode()
    # Saved again without it: the page as it was given stays.
    html = html if html.strip() else before.content
    day = datetime.fromisoformat(request.saved).date().isoformat()
    note = (note_of(said_of, said), title, "", day, 0)
    software = SOFTWARE if html else ""
    return Item(
        before.url,
        title=title,
        content=html,
        notes=(note,),
        software=software,
        tags=tags_of(request.tags),
    )
