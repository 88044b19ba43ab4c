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
# Pages in a row, each with all its tries, after which a host that has answered before is
# left alone: one alone may be the page's own trouble.
MOST_PAGES = 2
# Silent hosts of one domain, or at one IP address, of which none answers: the others
# there are left for another run. One may be down by itself, and two by chance.
MOST_SILENT = 3


@dataclass(slots=True)
class _Server:
    """One host, or all that share a domain or an IP address.

    ``has_begun``: an answer began, ``has_answered``: one was whole. ``in_a_row`` counts
    requests since then that gave none, ``silent`` has the hosts that only did so.
    """

    has_begun: bool = False
    has_answered: bool = False
    in_a_row: int = 0
    silent: set[str] = field(default_factory=set)


class SilentHosts:
    """The answers of a run's hosts so far, or the want of any. Safe to call from several
    threads.

    A host that never began to answer gets one try in a run, any other one MOST_PAGES of
    ``tries`` in a row. ``group_of`` names the server that a host shares, "" where that
    is not known.
    """

    def __init__(self, *, tries: int, group_of: Callable[[str], str]) -> None:
        self._tries = tries
        self._group_of = group_of
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()

    def refuse(self, address: Address) -> None:
        """Raise FetchError where nothing answers.

        The reason is "silent-host" where each of a host's pages fails alike, and
        "put-off" for one that might well be given by itself.
        """
        with self._lock:
            host = self._server(address.origin)
            if self._is_silent(host):
                raise _refusal(address, host)
            for server in map(self._server, self._wide_keys(address)):
                if len(server.silent) >= MOST_SILENT and not server.has_answered:
                    message = "No host of its domain, or at its IP address, answers."
                    raise _silent(FetchError(address.url, "put-off", message))

    def note(self, address: Address, error: FetchError | None = None) -> None:
        """Note the end of a request; an error of a host that is silent then says so."""
        with self._lock:
            host = self._server(address.origin)
            near = [self._server(key) for key in self._wide_keys(address)]
            if error is None or _is_answer(error):
                for server in (host, *near):
                    server.has_begun = server.has_answered = True
                    server.in_a_row = 0
            elif error.reason in (*UNANSWERED, "server-error"):
                # What came too slowly is not tried again, and counts as all its tries.
                host.in_a_row += self._tries if error.reason == "too-slow" else 1
                error.silent = self._is_silent(host)
                if not host.has_answered:
                    for server in near:
                        server.silent.add(address.host)

    def hear(self, address: Address) -> None:
        """Note that an answer begins, which may yet break off or come too slowly."""
        # Of its neighbours that says nothing: to begin costs a tarpit little.
        with self._lock:
            self._server(address.origin).has_begun = True

    def has_answered(self, address: Address) -> bool:
        """Tell if the host began to answer in this run."""
        with self._lock:
            return self._server(address.origin).has_begun

    def _is_silent(self, host: _Server) -> bool:
        most = self._tries * MOST_PAGES if host.has_begun else 1
        return host.in_a_row >= most

    def _wide_keys(self, address: Address) -> list[str]:
        if address.is_local:
            return []
        keys = (domain_key(address.host), self._group_of(address.host))
        return [key for key in keys if key]

    def _server(self, key: str) -> _Server:
        return self._servers.setdefault(key, _Server())


def _is_answer(error: FetchError) -> bool:
    return error.status is not None and error.status < 500


def _refusal(address: Address, host: _Server) -> FetchError:
    if host.has_begun:
        message = "Its host gave no page several times in a row in this run."
        return _silent(FetchError(address.url, "put-off", message))
    message = "Its host does not answer in this run."
    return _silent(FetchError(address.url, "silent-host", message))


def _silent(error: FetchError) -> FetchError:
    error.silent = True
    return error
