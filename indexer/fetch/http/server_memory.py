"""What is remembered of servers from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from indexer.records import RobotsCopy

# of what Retry-After asks for; who says years has made a mistake
LONGEST_PAUSE = timedelta(days=60)


@dataclass(slots=True)
class ServerMemory:
    """``robots`` has each robots.txt as it was last had, by address; ``pauses`` until
    when (ISO 8601 in UTC) a host, or all hosts of a domain (``*.example.org``), wants
    to be left alone."""

    robots: dict[str, RobotsCopy] = field(default_factory=dict)
    pauses: dict[str, str] = field(default_factory=dict)

    def pause(self, key: str, seconds: float, now: datetime) -> None:
        """Leave a host alone for so long."""
        until = now + min(timedelta(seconds=seconds), LONGEST_PAUSE)
        self.pauses[key] = max(self.pauses.get(key, ""), _text(until))

    def current_pauses(self, now: datetime) -> Mapping[str, float]:
        """The hosts that want to be left alone now, and the seconds for which they
        do."""
        kept = {
            key: datetime.fromisoformat(until) - now
            for key, until in self.pauses.items()
        }
        # What is longer was noted by a clock that went wrong.
        return {
            key: left.total_seconds()
            for key, left in kept.items()
            if timedelta() < left <= LONGEST_PAUSE
        }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
