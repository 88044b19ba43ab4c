"""The memory of what servers asked for, from one run to the next.

It stores nothing by itself: the ledger reads it before a run and writes it after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from indexer.records import RobotsCopy

# Of what Retry-After asks for; a server that asks for years has made a mistake.
LONGEST_PAUSE = timedelta(days=60)


@dataclass(slots=True)
class ServerMemory:
    """Each robots.txt as last fetched, by address, and the pauses that servers ask for.

    ``pauses`` has until when (ISO 8601 in UTC) a host, or all hosts of a domain
    (``*.example.org``), wants to be left alone.
    """

    robots: dict[str, RobotsCopy] = field(default_factory=dict)
    pauses: dict[str, str] = field(default_factory=dict)

    def pause(self, key: str, seconds: float, now: datetime) -> None:
        """Note that a host wants to be left alone for so long."""
        until = now + min(timedelta(seconds=seconds), LONGEST_PAUSE)
        # One zone and one precision, so that texts compare as moments do.
        text = until.astimezone(UTC).isoformat(timespec="seconds")
        self.pauses[key] = max(self.pauses.get(key, ""), text)

    def current_pauses(self, now: datetime) -> Mapping[str, float]:
        """Return the hosts that want to be left alone now, with the seconds left."""
        seconds = {}
        for key, until in self.pauses.items():
            left = datetime.fromisoformat(until) - now
            # A longer one was noted by a clock that was wrong.
            if timedelta() < left <= LONGEST_PAUSE:
                seconds[key] = left.total_seconds()
        return seconds
