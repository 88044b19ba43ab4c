"""Turns at other people's servers: at most two at a time, and a pause between their beginnings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_AT_ONCE = 2  # connections a host


@dataclass(slots=True)
class _Host:
    """What is kept for one server; moments are the clock's seconds."""

    delay: float
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE))
    next_turn: float = float("-inf")
    held_until: float = float("-inf")


class Hosts:
    """Says when a request may begin. Safe to call from several threads, which it makes wait.

    A host is named by its origin: scheme, host and port.
    """

    def __init__(self, delay: float, *, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._delay = delay
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, origin: str, *, pause: bool = True) -> Iterator[None]:
        """Hold one of the host's places; ``pause=False`` leaves out the polite delay."""
        with self._lock:
            host = self._host(origin)
        with host.places:
            self._sleep_through(self._reserve(host, pause))
            yield

    def slow_down(self, origin: str, delay: float) -> None:
        """Keep at least so many seconds between requests to this host from now on."""
        with self._lock:
            host = self._host(origin)
            host.delay = max(host.delay, delay)

    def hold(self, origin: str, seconds: float) -> None:
        """Ask nothing of this host for so many seconds: it said Retry-After."""
        with self._lock:
            host = self._host(origin)
            host.held_until = max(host.held_until, self._clock() + seconds)

    def held(self, origin: str) -> float:
        """Seconds for which the host is still held, 0 if it is not."""
        with self._lock:
            return max(0.0, self._host(origin).held_until - self._clock())

    def _host(self, origin: str) -> _Host:
        return self._hosts.setdefault(origin, _Host(self._delay))

    def _reserve(self, host: _Host, pause: bool) -> float:
        with self._lock:
            now = self._clock()
            begins = max(now, host.held_until, host.next_turn if pause else now)
            host.next_turn = max(host.next_turn, begins + host.delay)
            return begins - now

    def _sleep_through(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
