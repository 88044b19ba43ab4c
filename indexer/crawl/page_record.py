"""The record of an attempt that has ended: its state, its reason and the next try.

Does no input or output.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from indexer.crawl.decide import Decision
from indexer.crawl.tasks import Attempt
from indexer.ledger.schedule import schedule, timestamp
from indexer.records import PageRecord, Reason, Result, State
from search.types import Article

# Results of which the next look is that at a good page; all others are tried again.
_GOOD = ("article", "unchanged", "excluded")


@dataclass(frozen=True, slots=True)
class Ending:
    """The result, the article that the address leads to now, and why.

    ``detail`` is a sentence for people. ``state`` is given where it does not follow
    from the result.
    """

    result: Result
    article: Article | None = None
    state: State | None = None
    reason: Reason = ""
    detail: str = ""


def ending_of(
    decision: Decision, attempt: Attempt, article: Article | None, *, is_new: bool
) -> Ending:
    """Return how an attempt ended whose article the index has now."""
    if decision.action == "forget":
        return Ending("excluded", None, "forgotten", decision.reason)
    result, state = _result(decision, article, is_new=is_new)
    reason, detail = _reason(attempt, result)
    return Ending(result, article, state, reason, detail)


def _result(
    decision: Decision, article: Article | None, *, is_new: bool
) -> tuple[Result, State | None]:
    if decision.action == "exclude":
        return "excluded", None
    if decision.action == "wait":
        return "unchanged", "gone"
    if decision.action == "withdraw":
        if article is None:
            return "failed", "gone"
        if article.blocks:
            # Other addresses lead to it: all of it stays, not only notes on a link.
            return "unchanged", "gone"
        # Or the next try would take the feed's text for that of a page never seen.
        return article.evidence, "gone"
    if article is None:
        return "failed", None
    if article.evidence == "article" and not is_new:
        return "unchanged", None
    return article.evidence, None


def _reason(attempt: Attempt, result: Result) -> tuple[Reason, str]:
    """Return why the address gave no whole article, and a sentence for people."""
    if attempt.fetch_error is not None:
        return attempt.fetch_error.reason, str(attempt.fetch_error)
    if attempt.error is not None:
        return "unreadable", str(attempt.error)
    if result not in _GOOD:
        if attempt.task.is_pageless:
            return "no-page", ""
        return "not-whole", attempt.answer.missing if attempt.answer else ""
    on_disk = attempt.task.on_disk
    if on_disk is not None and on_disk.remark:
        return "read-in-part", on_disk.remark
    return "", ""


def conclude(attempt: Attempt, ending: Ending, now: datetime) -> PageRecord:
    """Return the record of the attempt, with the time of the next try."""
    before, failed = attempt.before, attempt.fetch_error
    record = _record(attempt, ending, now)
    if attempt.is_put_off:
        # It was not the page's fault: the next run asks again, whenever it is.
        return replace(record, attempts=before.attempts, due=timestamp(now))
    record = schedule(
        record,
        before,
        now,
        # What was fetched and could not be read hardly gets better within hours.
        permanent=failed is None or failed.permanent,
        retry_after=failed.retry_after if failed else None,
    )
    if attempt.task.on_disk is not None and record.state == "good":
        # A file is looked at in each run, and read only if it changed.
        return replace(record, due="")
    if before.state != "gone" or record.state != "gone":
        return record
    if before.due > timestamp(now):
        # A second 404 counts on another day only.
        return replace(record, due=before.due, attempts=before.attempts)
    return record


def _record(attempt: Attempt, ending: Ending, now: datetime) -> PageRecord:
    before, page = attempt.before, attempt.page
    record = PageRecord(
        url=attempt.task.url,
        state=ending.state or _state(attempt, ending),
        item_hash=attempt.task.item_hash,
        reason=ending.reason,
        detail=ending.detail,
        size=before.size,
        dead=dead_since(attempt, now),
        copy=attempt.copy,
    )
    if ending.article is not None:
        article = ending.article.url
        record = replace(record, article=article, validators=before.validators)
    if page is not None:
        validators = asdict(page.validators)
        record = replace(record, validators=validators, moved=page.moved_to)
    if attempt.answer is not None:
        record = replace(record, size=attempt.size)
    if attempt.fetch_error is not None:
        record = replace(record, away=attempt.fetch_error.seen.last_modified)
    if _stays_as_known(attempt, ending):
        # What is stored is as good as it was, though the page could not be fetched.
        return replace(
            record, state=before.state, reason=before.reason, detail=before.detail
        )
    return record


def _state(attempt: Attempt, ending: Ending) -> State:
    if ending.result in _GOOD:
        return "good"
    if attempt.error:
        return "failed"
    return "partial"


def _stays_as_known(attempt: Attempt, ending: Ending) -> bool:
    if attempt.error is None or attempt.task.known is None:
        return False
    return (ending.result, ending.state) == ("unchanged", None)


def dead_since(attempt: Attempt, now: datetime) -> str:
    """Return the ISO date since when each try said that there is no page, or ""."""
    if attempt.error is None:
        return ""
    if attempt.before.dead or not attempt.says_dead:
        return attempt.before.dead
    return now.date().isoformat()
