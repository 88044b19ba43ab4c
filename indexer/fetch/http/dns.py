"""Host names looked up: within a time limit, and once for pacing and connecting
together."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

from indexer.records import FetchReason

# Host and port to socket.getaddrinfo's tuples; may raise socket.gaierror.
ResolveHost = Callable[[str, int], list[Any]]

CACHE_SECONDS = (
    60.0  # seconds; as browsers do. What is kept is checked anew at each connection
)
# gaierror codes that may pass; all others say that there is no such name.
_PASSING = {socket.EAI_AGAIN, socket.EAI_FAIL}


class TransportError(Exception):
    """No usable exchange came about. No OSError, so that urllib3 hands it on untouched.

    ``reason`` is that of the FetchError that comes of it.
    """

    def __init__(self, reason: FetchReason, message: str) -> None:
        super().__init__(message)
        self.reason: FetchReason = reason


class Resolver:
    """Looks hosts up. Safe to call from several threads. ``clock`` gives seconds."""

    def __init__(self, resolve: ResolveHost, *, clock: Callable[[], float]) -> None:
        self._resolve = resolve
        self._clock = clock
        self._known: dict[tuple[str, int], tuple[float, list[Any]]] = {}

    def look_up(self, host: str, port: int, *, seconds: float) -> list[Any]:
        """socket.getaddrinfo's tuples, at least one. Raises TransportError."""
        until, found = self._known.get((host, port), (0.0, []))
        if not found or self._clock() >= until:
            found = self._ask(host, port, seconds)
            self._known[host, port] = (self._clock() + CACHE_SECONDS, found)
        return found

    def forget(self, host: str, port: int) -> None:
        """What was found is of no use: the next look-up asks again."""
        self._known.pop((host, port), None)

    def _ask(self, host: str, port: int, seconds: float) -> list[Any]:
        # getaddrinfo knows no time limit, so it runs beside and is left behind when it
        # is late.
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
            raise TransportError(
                "timeout", f"The name {host} was not resolved in time."
            ) from None
        if isinstance(found, socket.gaierror) and found.errno in _PASSING:
            raise TransportError("dns", f"The name {host} cannot be resolved just now.")
        if isinstance(found, Exception) or not found:
            raise TransportError("no-such-host", f"There is no host called {host}.")
        return found


def resolve_with_system(host: str, port: int) -> list[Any]:
    """All addresses the system knows for a host, in its order of preference."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
