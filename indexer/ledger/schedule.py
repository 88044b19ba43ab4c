"""The retry schedule: which addresses are due, and when the next try at each is.

Does no input or output; the time is an argument.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from indexer.records import PageRecord

FIRST_GAP = timedelta(hours=1)  # after a failure that may pass
# After one that hardly will: 404, robots.txt, not a web page.
FIRST_GAP_PERMANENT = timedelta(days=1)
# Until an article that is known good is asked for changes.
FIRST_LOOK = timedelta(days=1)
GROWTH = 4  # times, from each gap to the next
LONGEST_GAP = timedelta(days=60)


def timestamp(moment: datetime) -> str:
    """Write a moment as the ledger stores it: ISO 8601 in UTC, in seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment_of(text: str) -> datetime:
    """Read a moment that ``timestamp`` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def is_due(item_hash: str, known: PageRecord | None, now: datetime) -> bool:
    """Tell whether to fetch an address now; ``item_hash`` is of all sources' items."""
    if known is None:
        return True
    if known.state == "forgotten":
        return False
    if known.item_hash != item_hash:
        return True
    return known.due != "" and is_past(known.due, now)


def is_past(moment: str, now: datetime) -> bool:
    """Tell whether a stored moment has come.

    One further off than anything ever waits was noted by a clock that went wrong, and
    counts as past.
    """
    return not timedelta() < moment_of(moment) - now <= LONGEST_GAP


def next_look(looks: int, now: datetime) -> datetime:
    """Return when to ask a good article for changes, after so many looks (from 1)."""
    return now + _grown(FIRST_LOOK, looks)


def next_try(
    attempts: int, now: datetime, *, permanent: bool, retry_after: float | None = None
) -> datetime:
    """Return when to try again after so many failures in a row (from 1).

    ``retry_after`` is what the server asked for, in seconds.
    """
    first = FIRST_GAP_PERMANENT if permanent else FIRST_GAP
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_GAP.total_seconds()))
    return now + max(_grown(first, attempts), asked)


def schedule(
    record: PageRecord,
    before: PageRecord | None,
    now: datetime,
    *,
    permanent: bool,
    retry_after: float | None = None,
) -> PageRecord:
    """Add to a record how many tries ended alike in a row, and when the next is due."""
    is_good = record.state == "good"
    attempts = 1
    if before is not None and (before.state == "good") == is_good:
        attempts += before.attempts
    if is_good:
        due = next_look(attempts, now)
    else:
        due = next_try(attempts, now, permanent=permanent, retry_after=retry_after)
    return replace(record, attempts=attempts, due=timestamp(due))


def _grown(first: timedelta, times: int) -> timedelta:
    # Eleven gaps are enough for the longest; more would overflow.
    factor: int = GROWTH ** min(max(times, 1) - 1, 10)
    return min(first * factor, LONGEST_GAP)
