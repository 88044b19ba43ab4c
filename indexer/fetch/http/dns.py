"""A resolver of host names with a time limit, and a cache so short that it is safe.

It judges no address: sockets.py checks each one before it connects.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

from indexer.records import FetchReason

# Host and port to socket.getaddrinfo's tuples; may raise socket.gaierror.
ResolveHost = Callable[[str, int], list[Any]]

# Seconds, as browsers do; long enough for pacing and connecting to share one look-up.
CACHE_SECONDS = 60.0
# gaierror codes that may pass; all others say that there is no such name.
_PASSING = {socket.EAI_AGAIN, socket.EAI_FAIL}


class TransportError(Exception):
    """A request that got no usable response; ``reason`` becomes the FetchError's.

    It is no OSError, for urllib3 would wrap one in an exception of its own.
    """

    def __init__(self, reason: FetchReason, message: str) -> None:
        super().__init__(message)
        self.reason: FetchReason = reason


class Resolver:
    """A cache of look-ups. Safe to call from several threads. ``clock`` gives seconds."""

    def __init__(self, resolve: ResolveHost, *, clock: Callable[[], float]) -> None:
        self._resolve = resolve
        self._clock = clock
        self._cache: dict[tuple[str, int], tuple[float, list[Any]]] = {}

    def look_up(self, host: str, port: int, *, seconds: float) -> list[Any]:
        """Return socket.getaddrinfo's tuples, at least one. Raises TransportError."""
        until, found = self._cache.get((host, port), (0.0, []))
        if not found or self._clock() >= until:
            found = self._ask(host, port, seconds)
            self._cache[host, port] = (self._clock() + CACHE_SECONDS, found)
        return found

    def forget(self, host: str, port: int) -> None:
        """Have the next look-up of this host ask again."""
        self._cache.pop((host, port), None)

    def _ask(self, host: str, port: int, seconds: float) -> list[Any]:
        # getaddrinfo knows no time limit: it runs in a thread that is left behind when
        # it is late.
        answer: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answer.put(error)

        threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
        try:
            found = answer.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            message = f"The name {host} was not resolved in time."
            raise TransportError("timeout", message) from None
        if isinstance(found, socket.gaierror) and found.errno in _PASSING:
            raise TransportError("dns", f"The name {host} cannot be resolved just now.")
        if isinstance(found, Exception) or not found:
            raise TransportError("no-such-host", f"There is no host called {host}.")
        return found


def resolve_with_system(host: str, port: int) -> list[Any]:
    """Return all addresses the system knows for a host, in its order of preference."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
