"""The time that waiting goes by, so that tests can turn it. Deadlines always go by the
real one."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Time(Protocol):
    """``clock`` gives seconds that only grow, ``sleep`` waits so many, ``utc`` is the
    time of day."""

    def clock(self) -> float: ...
    def sleep(self, seconds: float) -> object: ...
    def utc(self) -> datetime: ...


class SystemTime:
    """The machine's; setting ``over`` wakes all who sleep."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def clock(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> object:
        return self._over.wait(seconds)

    def utc(self) -> datetime:
        return datetime.now(UTC)
