"""A throttle for other people's servers: two requests at a time, with pauses between.

It sends nothing, and knows a server by its key alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from indexer.fetch.http.clock import Clock

# Seconds between two requests to a host, unless the user or robots.txt asks for more.
DELAY = 1.0
_AT_ONCE = 2  # connections a host; what browsers kept to for decades (RFC 2616, 8.1.4)


@dataclass(slots=True)
class _Host:
    """The state of one server; moments are the clock's seconds."""

    delay: float
    places: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(_AT_ONCE)
    )
    next_turn: float = float("-inf")
    paused_until: float = float("-inf")


class Throttle:
    """The turns at servers that threads wait for. Safe to call from all of them.

    A request takes a turn at several keys at once (a host, its domain, the machine
    behind both), named from the narrowest to the widest: all threads queue up in that
    order, so that none waits in a circle. ``delay`` is the seconds between the
    beginnings of two requests.
    """

    def __init__(self, delay: float, clock: Clock) -> None:
        self._delay = delay
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(
        self,
        *keys: str,
        spaced: bool = True,
        check: Callable[[], object] = lambda: None,
    ) -> Iterator[None]:
        """Take a place at each key once it is due; not ``spaced``: without the delay.

        ``check`` may refuse it, by an exception, when the places are there.
        """
        with self._lock:
            hosts = list(map(self._host, keys))
        with ExitStack() as stack:
            # The place first, the moment after: a turn that is reserved and then waits
            # for a place would begin too close to the next one.
            for host in hosts:
                stack.enter_context(host.places)
            # Those who waited for a server that fell silent take up none of its time.
            check()
            wait = self._reserve(hosts, spaced)
            if wait > 0:
                self._clock.sleep(wait)
            yield

    def slow_down(self, key: str, delay: float) -> None:
        """Keep at least so many seconds between requests to this host from now on."""
        with self._lock:
            host = self._host(key)
            host.delay = max(host.delay, delay)

    def pause(self, key: str, seconds: float) -> None:
        """Let no turn at this key begin for so many seconds."""
        with self._lock:
            host = self._host(key)
            host.paused_until = max(
                host.paused_until, self._clock.monotonic() + seconds
            )

    def paused_for(self, *keys: str) -> float:
        """Return the seconds for which one of these is still paused, 0 if none is."""
        with self._lock:
            until = max(self._host(key).paused_until for key in keys)
            return max(0.0, until - self._clock.monotonic())

    def _host(self, key: str) -> _Host:
        return self._hosts.setdefault(key, _Host(self._delay))

    def _reserve(self, hosts: Sequence[_Host], spaced: bool) -> float:
        with self._lock:
            now = begins = self._clock.monotonic()
            for host in hosts:
                begins = max(begins, host.paused_until)
                if spaced:
                    begins = max(begins, host.next_turn)
            for host in hosts:
                host.next_turn = max(host.next_turn, begins + host.delay)
            return begins - now
