"""The record of an attempt that has ended: its state, its reason and the next try.

Does no input or output.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from indexer.crawl.dead_links import dead_since
from indexer.crawl.tasks import Attempt
from indexer.ledger.schedule import schedule, timestamp
from indexer.records import PageRecord, Reason, Result, State
from search.types import Article

# Nothing more is to be had from such an address now.
_GOOD = ("article", "unchanged", "excluded")


@dataclass(frozen=True, slots=True)
class Ending:
    """The result, the article that the address leads to now, and why.

    ``state`` and ``reason`` are given where they do not follow from the result.
    """

    result: Result
    article: Article | None = None
    state: State | None = None
    reason: Reason = ""


def reason_of(attempt: Attempt, ending: Ending) -> tuple[Reason, str]:
    """Return why the address gave no whole article, and a sentence for people."""
    if ending.reason:
        return ending.reason, ""
    if attempt.fetch_error is not None:
        return attempt.fetch_error.reason, str(attempt.fetch_error)
    if attempt.error is not None:
        return "unreadable", str(attempt.error)
    if ending.result not in _GOOD:
        return "not-whole", ""
    on_disk = attempt.task.on_disk
    if on_disk is not None and on_disk.remark:
        return "read-in-part", on_disk.remark
    return "", ""


def conclude(attempt: Attempt, ending: Ending, now: datetime) -> PageRecord:
    """Return the record of the attempt, with the time of the next try."""
    record, known = _record(attempt, ending, now), attempt.known
    failed = attempt.fetch_error
    record = schedule(
        record,
        known,
        now,
        permanent=failed is None or failed.permanent,
        retry_after=failed.retry_after if failed else None,
    )
    if attempt.task.on_disk is not None and record.state == "good":
        # A file is looked at in each run, and read only if it changed.
        return replace(record, due="")
    if known is None or known.state != "gone" or record.state != "gone":
        return record
    if known.due > timestamp(now):
        # A second 404 counts on another day only.
        return replace(record, due=known.due, attempts=known.attempts)
    return record


def _record(attempt: Attempt, ending: Ending, now: datetime) -> PageRecord:
    known, page, failed = attempt.known, attempt.page, attempt.fetch_error
    reason, detail = reason_of(attempt, ending)
    state = ending.state or _state(attempt, ending)
    if _stays_as_known(attempt, ending) and known is not None:
        state, reason, detail = known.state, known.reason, known.detail
    validators: dict[str, str] = {}
    if page is not None:
        validators = asdict(page.validators)
    elif ending.article is not None and known is not None:
        validators = known.validators
    size = attempt.size
    if attempt.answer is None and known is not None:
        size = known.size
    return PageRecord(
        url=attempt.task.url,
        state=state,
        article=ending.article.url if ending.article else "",
        item_hash=attempt.task.item_hash,
        reason=reason,
        detail=detail,
        validators=validators,
        size=size,
        moved=page.moved_to if page else "",
        dead=dead_since(attempt, now),
        copy=attempt.copy,
        away=failed.seen.last_modified if failed else "",
    )


def _state(attempt: Attempt, ending: Ending) -> State:
    if ending.result in _GOOD:
        return "good"
    return "failed" if attempt.error else "partial"


def _stays_as_known(attempt: Attempt, ending: Ending) -> bool:
    """What is stored is as good as it was, though the page could not be fetched."""
    failed = attempt.error is not None
    return failed and ending.result == "unchanged" and ending.state is None
