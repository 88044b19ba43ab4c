"""The time that waiting goes by, so that tests can turn it. Deadlines always go by the
real one."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """``monotonic`` gives seconds that only grow, ``sleep`` waits so many, ``utc_now`` is the
    time of day."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> object: ...
    def utc_now(self) -> datetime: ...


class SystemClock:
    """The machine's; setting ``over`` wakes all who sleep."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> object:
        return self._over.wait(seconds)

    def utc_now(self) -> datetime:
        return datetime.now(UTC)
