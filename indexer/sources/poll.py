"""One look at a source: what it lists now, and when its server wants to be asked again.

Nothing is stored here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from indexer.fetch.permission import allows_private
from indexer.ledger.schedule import is_past, next_try, timestamp
from indexer.local.folder import scan_folder
from indexer.local.mail.scan import scan_mails
from indexer.records import (
    Fetcher,
    FetchError,
    FileRecord,
    Listing,
    NotModified,
    Page,
    SourceRecord,
    Validators,
)
from indexer.runtime.parser_pool import ParseError, Workers
from indexer.sources.discover import DiscoveredSource
from indexer.sources.listing import list_items
from search.errors import BlogsearchError

# The most that max-age may ask for: a blog is looked at daily at least.
LONGEST_HOLD = timedelta(days=1)
# A document that took a parser too long is not fetched and tried each hour.
UNREADABLE_HOLD = timedelta(days=1)
# The error of a source that was read and leads nowhere: followed, and of no use so far.
NO_ENTRIES = "No entries: it lists nothing that can be opened."


@dataclass(frozen=True, slots=True)
class Polled:
    """A source's answer: its record as it is to be stored, and what it lists if new.

    ``moved_from`` is its address so far where it moved for good. ``asked`` is False
    where it was left alone: it has ended, or its server asked for a pause.
    ``unreached``: there is no network, which tells nothing of the source. ``files`` are
    those of a folder, where it could be read.
    """

    record: SourceRecord
    listing: Listing | None = None
    moved_from: str = ""
    error: str = ""
    asked: bool = True
    unreached: bool = False
    files: Mapping[str, FileRecord] | None = None


def ask_source(
    found: DiscoveredSource,
    fetcher: Fetcher,
    *,
    workers: Workers,
    now: datetime,
    files: Mapping[str, FileRecord] | None = None,
) -> Polled:
    """Ask one source, unless it is not to be asked now. Thread-safe.

    ``files``: those of a folder as the ledger knows them.
    """
    source, page = found.record, found.page
    if found.failure is not None:
        return _unread(source, found.failure, now)
    if source.kind in ("folder", "mail"):
        return _look_at_folder(source, files or {}, workers=workers, now=now)
    if source.kind == "article":
        page = page or Page(source.url, source.url, b"")
        return Polled(source, list_items(source, page, workers))
    if source.kind == "saved":
        return Polled(source)  # the ledger has all that was ever saved
    # What is still unseen here was not looked at, as it is not its time.
    if source.kind == "unseen" or (page is None and is_at_rest(source, now)):
        return Polled(source, asked=False)
    try:
        answer = page or fetcher.fetch(
            source.url,
            Validators(**source.validators),
            allow_private=source.allow_private,
        )
        return _read_answer(source, answer, workers=workers, now=now)
    except BlogsearchError as error:
        return _unread(source, error, now)


def _unread(source: SourceRecord, error: BlogsearchError, now: datetime) -> Polled:
    """Return the answer of a source that could not be fetched or read."""
    if not isinstance(error, FetchError):
        return _failed(source, error)
    if error.reason == "no-network":
        return Polled(source, error=str(error), unreached=True)
    not_before = ""
    if error.retry_after:
        tries_next = next_try(1, now, permanent=False, retry_after=error.retry_after)
        not_before = timestamp(tries_next)
    # 410 says that it is meant for good; 404 may pass.
    ended = error.reason == "gone"
    return _failed(replace(source, ended=ended, not_before=not_before), error)


def is_at_rest(source: SourceRecord, now: datetime) -> bool:
    """Tell if a source has ended, or its server asked for a pause."""
    if source.ended:
        return True
    return bool(source.not_before) and not is_past(source.not_before, now)


def _failed(source: SourceRecord, error: BlogsearchError) -> Polled:
    return Polled(replace(source, error=str(error)), error=str(error))


def _look_at_folder(
    source: SourceRecord,
    files: Mapping[str, FileRecord],
    *,
    workers: Workers,
    now: datetime,
) -> Polled:
    scan = scan_mails if source.kind == "mail" else scan_folder
    try:
        seen = scan(source, files, workers, now.date())
    except BlogsearchError as error:
        return _failed(source, error)
    if seen.files == files and not seen.items:
        return Polled(replace(source, error=seen.trouble), error=seen.trouble)
    kept = frozenset(record.url for record in seen.files.values() if record.url)
    title = seen.title or source.title
    record = replace(
        source,
        title=title,
        home=seen.home,
        body_hash=seen.digest,
        shown=len(kept),
        error=seen.trouble,
    )
    listing = Listing(title, seen.home, seen.items, kept=kept)
    return Polled(record, listing, error=seen.trouble, files=seen.files)


def _read_answer(
    source: SourceRecord,
    answer: Page | NotModified,
    *,
    workers: Workers,
    now: datetime,
) -> Polled:
    """Read an answer, unless it is the document that was read last."""
    url = answer.moved_to or source.url
    record = replace(
        source,
        url=url,
        # What a person allowed one host stays with it.
        allow_private=allows_private(source, url),
        validators=asdict(answer.validators),
        not_before=_not_before(answer, now),
        error="",
        ended=False,
    )
    moved_from = ""
    if record.url != source.url:
        moved_from = source.url
    if source.shown == 0:
        record = replace(record, error=NO_ENTRIES)
    if isinstance(answer, NotModified):
        if not source.body_hash:  # it is still what could not be read
            record = replace(record, error=source.error)
        return Polled(record, moved_from=moved_from, error=record.error)
    body_hash = hashlib.sha256(answer.body).hexdigest()
    if body_hash == source.body_hash:
        return Polled(record, moved_from=moved_from, error=record.error)
    try:
        listing = list_items(record, answer, workers)
    except ParseError as error:  # another try may go better, but not soon
        not_before = timestamp(now + UNREADABLE_HOLD)
        return _failed(replace(source, not_before=not_before), error)
    except BlogsearchError as error:
        # No feed any more. Its address stays, whatever redirected to this.
        return _failed(replace(record, url=source.url, body_hash=""), error)
    record = replace(
        record,
        body_hash=body_hash,
        title=listing.title or source.title,
        home=listing.home,
        leads=listing.leads,
        shown=len(listing.items),
        error="" if listing.items else NO_ENTRIES,
    )
    return Polled(record, listing, moved_from, error=record.error)


def _not_before(answer: Page | NotModified, now: datetime) -> str:
    """Return until when the server wants the source left alone, "" if it says nothing."""
    if not answer.max_age:
        return ""
    return timestamp(now + min(timedelta(seconds=answer.max_age), LONGEST_HOLD))
