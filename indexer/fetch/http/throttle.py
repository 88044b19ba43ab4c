"""Turns at other people's servers: at most two at a time, and a pause between their
beginnings."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from indexer.fetch.http.clock import Clock

_AT_ONCE = 2  # connections a host


@dataclass(slots=True)
class _Host:
    """What is kept for one server; moments are the clock's seconds."""

    delay: float
    places: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(_AT_ONCE)
    )
    next_turn: float = float("-inf")
    paused_until: float = float("-inf")


class Throttle:
    """Says when a request may begin. Safe to call from several threads, which it makes
    wait.

    A request takes a turn at several at once (a host, its domain, the machine behind
    both), named from the narrowest to the widest: all threads queue up in that order,
    so that none waits in a circle.
    """

    def __init__(self, delay: float, clock: Clock) -> None:
        self._delay = delay
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, *keys: str, spaced: bool = True) -> Iterator[None]:
        """Hold a place at each of these; ``spaced=False`` leaves out the polite
        delay."""
        with self._lock:
            hosts = [self._host(key) for key in keys]
        with ExitStack() as stack:
            for host in hosts:
                stack.enter_context(host.places)
            self._sleep_through(self._reserve(hosts, spaced))
            yield

    def slow_down(self, key: str, delay: float) -> None:
        """Keep at least so many seconds between requests to this host from now on."""
        with self._lock:
            host = self._host(key)
            host.delay = max(host.delay, delay)

    def pause(self, key: str, seconds: float) -> None:
        """Ask nothing of this host for so many seconds: it said Retry-After."""
        with self._lock:
            host = self._host(key)
            host.paused_until = max(
                host.paused_until, self._clock.monotonic() + seconds
            )

    def paused_for(self, *keys: str) -> float:
        """Seconds for which one of these is still held, 0 if none is."""
        with self._lock:
            return max(
                0.0,
                *(
                    self._host(key).paused_until - self._clock.monotonic()
                    for key in keys
                ),
            )

    def _host(self, key: str) -> _Host:
        return self._hosts.setdefault(key, _Host(self._delay))

    def _reserve(self, hosts: Sequence[_Host], spaced: bool) -> float:
        with self._lock:
            now = self._clock.monotonic()
            begins = max(
                now,
                *(
                    max(host.paused_until, host.next_turn if spaced else now)
                    for host in hosts
                ),
            )
            for host in hosts:
                host.next_turn = max(host.next_turn, begins + host.delay)
            return begins - now

    def _sleep_through(self, seconds: float) -> None:
        if seconds > 0:
            self._clock.sleep(seconds)
