"""The tasks of a run, and the attempts that come of them.

Values only: they fetch, decide and store nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from indexer.documents.read_page import ExtractedArticle
from indexer.extract.article import Extraction
from indexer.extract.links import Link
from indexer.fetch.permission import allows_private
from indexer.records import (
    FetchError,
    FetchReason,
    Item,
    NotModified,
    Page,
    PageRecord,
    SourceRecord,
    Validators,
)
from search.errors import BlogsearchError

# Reasons for which a link leads nowhere. Others may be the reader's own trouble.
_DEAD = ("not-found", "gone", "no-such-host")
# Reasons for which a page was not asked for, through no fault of its own: the next run
# asks, whenever it is.
_PUT_OFF = ("no-network", "put-off")
# Reasons for which it was not asked for as nothing answered there in this run.
_LEFT = ("put-off", "silent-host")
# What sources say of one article.
Items = Sequence[tuple[Item, SourceRecord]]


@dataclass(frozen=True, slots=True)
class Task:
    """An article to fetch at ``url``.

    ``aliases`` are all addresses of its identity that were ever listed, ``others``
    those still in use besides ``url``, to be tried where that gives no page. ``shared``
    is the ledger's name of the page that holds the post among others, "" if none does,
    ``seen`` of that page as last fetched for any of them.
    """

    url: str
    items: Items
    item_hash: str
    known: PageRecord | None
    page: Page | None = None
    aliases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    shared: str = ""
    seen: Validators | None = None

    @property
    def before(self) -> PageRecord:
        """The end of the last try, an empty record where there was none."""
        return self.known or PageRecord(self.url, "failed")

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses of the sources that list it."""
        return tuple(dict.fromkeys(source.url for _, source in self.items))

    @property
    def is_as_known(self) -> bool:
        """True where the sources say what they said at the last try."""
        return self.known is not None and self.known.item_hash == self.item_hash

    @property
    def on_disk(self) -> Item | None:
        """The item of a folder, an archive or a mailbox, or of a page that was saved with
        its HTML, whose text needs no fetching."""
        for item, source in self.items:
            is_saved = source.kind == "saved" and bool(item.content)
            if is_saved or source.kind in ("folder", "archive", "mail"):
                return item
        return None

    @property
    def is_pageless(self) -> bool:
        """True where its text is in a feed, and no page of its own is named."""
        return bool(self.items) and all(item.pageless for item, _ in self.items)

    @property
    def archived_copy(self) -> str:
        """The copy that a link page names of the address, "" where none does."""
        for item, _ in self.items:
            if item.archived:
                return item.archived
        return ""

    @property
    def is_listed_by_feed(self) -> bool:
        """True where a feed is among the sources."""
        posts = (source for item, source in self.items if not item.notes)
        return any(source.kind == "feed" for source in posts)

    @property
    def is_bare(self) -> bool:
        """True where feeds list the post, and say nothing but its address."""
        for item, source in self.items:
            if source.kind != "feed" or any((item.title, item.content, item.notes)):
                return False
        return True

    def allows_private(self, url: str) -> bool:
        """Tell if this address of the page may lie in the user's own network."""
        return any(allows_private(source, url) for _, source in self.items)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The end of a task: what was fetched and read, or the error.

    ``extracted`` is None where there is nothing new to read, ``address`` that under
    which its article belongs. ``copy`` is the archived copy that was read in the page's
    place, ``shared`` the page of several posts that was asked for this one, ``size``
    the bytes of the page.
    """

    task: Task
    extracted: ExtractedArticle | None = None
    page: Page | NotModified | None = None
    error: BlogsearchError | None = None
    links: Sequence[Link] = ()
    copy: str = ""
    shared: Page | None = None
    size: int = 0
    address: str = ""

    @property
    def before(self) -> PageRecord:
        """The end of the last try, an empty record where there was none."""
        return self.task.before

    @property
    def failure(self) -> FetchReason | Literal[""]:
        """The reason for which the page could not be fetched, "" where it was."""
        if self.fetch_error:
            return self.fetch_error.reason
        return ""

    @property
    def is_put_off(self) -> bool:
        """True where it was not asked for, and is as due as it was."""
        return self.failure in _PUT_OFF

    @property
    def is_left(self) -> bool:
        """True where it was not asked for as nothing answers there in this run."""
        return self.failure in _LEFT

    @property
    def says_dead(self) -> bool:
        """True where the page could not be fetched because there is none."""
        return self.failure in _DEAD

    @property
    def is_dead(self) -> bool:
        """True where the address led nowhere at two tries in a row.

        They lie a day or more apart, as the retry schedule has it.
        """
        return self.says_dead and bool(self.before.dead)

    @property
    def noindex(self) -> bool:
        """True where the page asks to be kept out of indexes, by header or inside."""
        return any(part.noindex for part in self._parts())

    @property
    def nosnippet(self) -> bool:
        """True where the page asks that none of its text be shown."""
        return any(part.nosnippet for part in self._parts())

    def _parts(self) -> list[Page | Extraction]:
        parts: list[Page | Extraction] = []
        if isinstance(self.page, Page):
            parts += filter(None, (self.page, self.page.document))
        if self.extracted is not None and self.extracted.page is not None:
            parts.append(self.extracted.page)
        return parts

    @property
    def answer(self) -> Page | None:
        """The page, where it is not as it was."""
        if isinstance(self.page, Page):
            return self.page
        return None

    @property
    def fetch_error(self) -> FetchError | None:
        """The error, where the page could not be fetched."""
        if isinstance(self.error, FetchError):
            return self.error
        return None

    def without_bytes(self) -> Attempt:
        """Let go of the pages' bodies: dozens of attempts may wait to be stored."""
        page, size, shared = self.page, self.size, self.shared
        if isinstance(page, Page):
            document = page.document
            size = len(page.body)
            if document is not None:
                size += len(document.body)
                document = replace(document, body=b"")
            page = replace(page, body=b"", document=document)
        if shared is not None:
            shared = replace(shared, body=b"")
        return replace(self, page=page, shared=shared, size=size)
