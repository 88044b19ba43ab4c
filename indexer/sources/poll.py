"""One look at a source: what it lists now, and what its server said of when to ask
again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from indexer.ledger.schedule import is_past, next_try, timestamp
from indexer.local.folder import look
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
from indexer.sources.discover import Found
from indexer.sources.listing import list_items
from search.errors import BlogsearchError

# of what max-age asks; a blog is looked at daily at least
LONGEST_HOLD = timedelta(days=1)
# what took a parser too long is not fetched and tried each hour
UNREADABLE_HOLD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Polled:
    """How a source answered: its record as it is to be remembered, what it lists where
    that is news.

    ``moved_from`` is its address so far where it moved for good; ``asked`` is False
    where it was left alone: it has ended, or its server asked for a pause. ``files``
    are those of a folder, where it could be read.
    """

    record: SourceRecord
    listing: Listing | None = None
    moved_from: str = ""
    error: str = ""
    asked: bool = True
    files: Mapping[str, FileRecord] | None = None


def ask_source(
    found: Found,
    fetcher: Fetcher,
    workers: Workers,
    now: datetime,
    *,
    files: Mapping[str, FileRecord] | None = None,
) -> Polled:
    """Ask one source, unless it is not to be asked now; runs in a lane's thread.

    ``files``: those of a folder as the ledger knows them.
    """
    source, page = found.record, found.page
    if source.kind == "folder":
        return _look(source, files or {}, workers, now)
    if source.kind == "article":
        return Polled(
            source,
            list_items(source, page or Page(source.url, source.url, b""), workers),
        )
    if page is None and (
        source.ended or (source.not_before and not is_past(source.not_before, now))
    ):
        return Polled(source, asked=False)
    try:
        answer = page or fetcher.fetch(
            source.url,
            Validators(**source.validators),
            allow_private=source.allow_private,
        )
        return _read(source, answer, workers, now)
    except FetchError as error:
        waits = next_try(1, now, permanent=False, retry_after=error.retry_after)
        held = timestamp(waits) if error.retry_after else ""
        gone = error.reason == "gone"
        return Polled(
            replace(source, ended=gone, not_before=held, error=str(error)),
            error=str(error),
        )
    except BlogsearchError as error:
        return Polled(replace(source, error=str(error)), error=str(error))


def _look(
    source: SourceRecord,
    files: Mapping[str, FileRecord],
    workers: Workers,
    now: datetime,
) -> Polled:
    try:
        seen = look(source, files, workers, now.date())
    except BlogsearchError as error:
        return Polled(replace(source, error=str(error)), error=str(error))
    if seen.files == files and not seen.items:
        return Polled(replace(source, error=seen.trouble), error=seen.trouble)
    kept = frozenset(record.url for record in seen.files.values() if record.url)
    title = seen.site.title or source.title
    record = replace(
        source,
        title=title,
        home=seen.site.home,
        body_hash=seen.digest,
        shown=len(kept),
        error=seen.trouble,
    )
    listing = Listing(title, seen.site.home, seen.items, kept=kept)
    return Polled(record, listing, error=seen.trouble, files=seen.files)


def _read(
    source: SourceRecord, answer: Page | NotModified, workers: Workers, now: datetime
) -> Polled:
    record = replace(
        source,
        url=answer.moved_to or source.url,
        validators=asdict(answer.validators),
        not_before=_hold(answer, now),
        error="",
        ended=False,
    )
    moved_from = source.url if record.url != source.url else ""
    if isinstance(answer, NotModified):
        # it is still what could not be read
        unread = source.error if not source.body_hash else ""
        return Polled(
            replace(record, error=unread), moved_from=moved_from, error=unread
        )
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest == source.body_hash:
        return Polled(record, moved_from=moved_from)
    try:
        listing = list_items(record, answer, workers)
    except ParseError as error:  # another try may go better, but not soon
        held = timestamp(now + UNREADABLE_HOLD)
        return Polled(
            replace(source, not_before=held, error=str(error)), error=str(error)
        )
    except (
        BlogsearchError
    ) as error:  # no feed any more; its address stays, whatever redirected to this
        broken = replace(record, url=source.url, body_hash="", error=str(error))
        return Polled(broken, error=str(error))
    title = listing.title or source.title
    record = replace(
        record,
        body_hash=digest,
        title=title,
        home=listing.home,
        leads=listing.leads,
        shown=len(listing.items),
    )
    return Polled(record, listing, moved_from)


def _hold(answer: Page | NotModified, now: datetime) -> str:
    """Until when the source is left alone, as its server says."""
    fresh = timedelta(seconds=answer.max_age or 0)
    return timestamp(now + min(fresh, LONGEST_HOLD)) if fresh else ""
