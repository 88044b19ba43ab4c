"""The clock that waiting between requests goes by, which tests can turn.

It measures no deadline: those go by the machine's own clock.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of time: seconds that only grow, a way to wait, and the time of day."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> object: ...
    def utc_now(self) -> datetime: ...


class SystemClock:
    """The machine's clock; setting ``over`` wakes all threads that sleep by it."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> object:
        return self._over.wait(seconds)

    def utc_now(self) -> datetime:
        return datetime.now(UTC)
