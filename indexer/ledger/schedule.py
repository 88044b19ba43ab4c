"""Pure: what to do about an address, given what the sources say, what is known, and the
time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from indexer.ledger.ledger import now_text
from indexer.records import FetchError, PageRecord
from search.errors import BlogsearchError

Action = Literal["fetch", "skip"]

FIRST_GAP = timedelta(hours=1)  # after a failure that may pass
# after one that hardly will: 404, robots.txt, not a web page
FIRST_GAP_PERMANENT = timedelta(days=1)
# until an article that is known good is asked for changes
FIRST_LOOK = timedelta(days=1)
GROWTH = 4
LONGEST_GAP = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do and, in a few words, why."""

    action: Action
    reason: str


def decide(item_hash: str, known: PageRecord | None, now: datetime) -> Decision:
    """Whether an address is fetched now. ``item_hash`` stands for what all sources say
    of it."""
    if known is None:
        return Decision("fetch", "new")
    if known.state == "forgotten":
        return Decision("skip", "forgotten on request")
    if known.item_hash != item_hash:
        return Decision("fetch", "changed in its source")
    if known.due and is_past(known.due, now):
        return Decision(
            "fetch", "looked at again" if known.state == "good" else "tried again"
        )
    if known.state == "good":
        return Decision("skip", "unchanged")
    return Decision(
        "skip", f"not before {known.due[:16].replace('T', ' ')} UTC ({known.reason})"
    )


def is_past(moment: str, now: datetime) -> bool:
    """Whether a moment for which something waits has come. One further off than
    anything ever waits was noted by a clock that went wrong, and counts as past."""
    return not timedelta() < _moment(moment) - now <= LONGEST_GAP


def next_look(looks: int, now: datetime) -> datetime:
    """When to ask an article that is known good for changes, after so many looks (from
    1)."""
    return now + _grown(FIRST_LOOK, looks)


def next_try(
    attempts: int, now: datetime, *, permanent: bool, retry_after: float | None = None
) -> datetime:
    """When to try again after so many failures in a row (from 1); gaps grow fourfold to
    60 days.

    ``retry_after`` is what the server asked for, in seconds.
    """
    gap = _grown(FIRST_GAP_PERMANENT if permanent else FIRST_GAP, attempts)
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_GAP.total_seconds()))
    return now + max(gap, asked)


def schedule(
    record: PageRecord,
    before: PageRecord | None,
    now: datetime,
    *,
    permanent: bool,
    retry_after: float | None = None,
) -> PageRecord:
    """The record of a try that just ended, with how many ended so in a row and when the
    next is due."""
    good = record.state == "good"
    same = before is not None and (before.state == "good") == good
    attempts = before.attempts + 1 if before is not None and same else 1
    if good:
        due = next_look(attempts, now)
    else:
        due = next_try(attempts, now, permanent=permanent, retry_after=retry_after)
    return replace(record, attempts=attempts, due=now_text(due))


def is_gone(known: PageRecord, error: BlogsearchError | None) -> bool:
    """Whether a page that was had is gone now, or was gone before and isn't back."""
    if error is None:
        return False
    if known.state == "gone" and not known.article:
        return True
    was_had = known.state == "gone" or (known.state == "good" and not known.reason)
    return (
        was_had
        and isinstance(error, FetchError)
        and error.reason in ("not-found", "gone")
    )


def is_gone_for_good(
    known: PageRecord, error: BlogsearchError | None, now: datetime
) -> bool:
    """Whether a page that is gone now stays so: by its own word (410), or seen a day or
    more before."""
    if isinstance(error, FetchError) and error.reason == "gone":
        return True
    return known.state == "gone" and now >= _moment(known.due)


def _grown(first: timedelta, times: int) -> timedelta:
    factor: int = GROWTH ** min(max(times, 1) - 1, 10)
    return min(first * factor, LONGEST_GAP)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
