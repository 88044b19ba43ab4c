"""The hosts that do not answer in this run, so that nobody waits for them again.

It sends nothing: the fetcher notes here how each request ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from indexer.fetch.http.shared_servers import domain_key
from indexer.fetch.http.ssrf import Address
from indexer.records import FetchError, FetchReason

# Failures in which no server gave a whole answer.
UNANSWERED: tuple[FetchReason, ...] = ("timeout", "too-slow", "connection", "dns")
# Silent hosts of one domain, or at one IP address, of which none answers: the others
# there are left for another run. One may be down by itself, and two by chance.
MOST_SILENT = 3


@dataclass(slots=True)
class _Server:
    """One host, or all that share a domain or an IP address.

    ``in_a_row`` counts requests without an answer, ``silent`` has the hosts that gave
    none.
    """

    has_answered: bool = False
    in_a_row: int = 0
    silent: set[str] = field(default_factory=set)


class SilentHosts:
    """The answers of a run's hosts so far, or the want of any. Safe to call from several threads.

    A host that never began to answer gets one try in a run, any other one ``tries`` in
    a row. ``group_of`` names the server that a host shares, "" where that is not known.
    """

    def __init__(self, *, tries: int, group_of: Callable[[str], str]) -> None:
        self._tries = tries
        self._group_of = group_of
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()

    def refuse(self, address: Address) -> None:
        """Raise FetchError where nothing answers. The reason is "silent-host" for the
        host itself, and "put-off" for one that is not asked for its neighbours' sake."""
        with self._lock:
            is_silent = self._is_silent(address)
            near = [self._server(key) for key in self._wide_keys(address)]
        if is_silent:
            message = "Its host does not answer in this run."
            raise _silent(FetchError(address.url, "silent-host", message))
        for server in near:
            if len(server.silent) >= MOST_SILENT and not server.has_answered:
                message = "No host of its domain, or at its IP address, answers."
                raise _silent(FetchError(address.url, "put-off", message))

    def note(self, address: Address, error: FetchError | None = None) -> None:
        """Note the end of a request; an error of a host that is silent then says so."""
        is_unanswered = error is not None and error.reason in UNANSWERED
        with self._lock:
            keys = (address.origin, *self._wide_keys(address))
            servers = [self._server(key) for key in keys]
            if error is not None and error.status is None:
                if is_unanswered:
                    self._strike(address, servers)
                    error.silent = self._is_silent(address)
                return
            for server in servers:
                server.has_answered, server.in_a_row = True, 0

    def hear(self, address: Address) -> None:
        """Note that an answer begins, which may yet break off or come too slowly."""
        # Of its neighbours that says nothing: to begin costs a tarpit little.
        with self._lock:
            self._server(address.origin).has_answered = True

    def has_answered(self, address: Address) -> bool:
        """Tell if the host gave an answer of any kind in this run."""
        with self._lock:
            return self._server(address.origin).has_answered

    def _strike(self, address: Address, servers: list[_Server]) -> None:
        servers[0].in_a_row += 1
        if self._is_silent(address):
            for server in servers:
                server.silent.add(address.host)

    def _is_silent(self, address: Address) -> bool:
        server = self._server(address.origin)
        allowed = self._tries if server.has_answered else 1
        return server.in_a_row >= allowed

    def _wide_keys(self, address: Address) -> list[str]:
        if address.is_local:
            return []
        keys = (domain_key(address.host), self._group_of(address.host))
        return [key for key in keys if key]

    def _server(self, key: str) -> _Server:
        return self._servers.setdefault(key, _Server())


def _silent(error: FetchError) -> FetchError:
    error.silent = True
    return error
