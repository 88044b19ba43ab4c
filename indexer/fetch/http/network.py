"""The network as a whole: whether any host can be reached from this machine.

It is asked only after a host could not be reached, and sends no request.
"""

from __future__ import annotations

import queue
import socket
import threading

from indexer.fetch.http.dns import ResolveHost, resolve_with_system
from indexer.fetch.http.ssrf import Address
from indexer.records import FetchError, FetchReason

# A name that stands as long as there is an internet: of one of its root name servers.
CONTROL = "a.root-servers.net"
CONTROL_SECONDS = 5.0
# Addresses of documentation (RFC 5737, RFC 3849): nothing is sent to them, the system
# only says if it knew a way there.
_ANYWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_DISCARD = 9  # a port that nothing is sent to
# Names that never lead to a host (RFC 2606): links to them tell nothing.
_RESERVED = (".example", ".invalid", ".test")
# Failures before any reply that a missing network explains.
_SUSPECT: tuple[FetchReason, ...] = ("dns", "no-such-host", "connection", "timeout")
NO_NETWORK = "No network: no host can be reached from here."


class Network:
    """The network of one run: once it is found down, it is down for all of the run.

    Safe to call from several threads. ``resolve`` finds a host's addresses.
    """

    def __init__(self, resolve: ResolveHost = resolve_with_system) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._names_are_found: bool | None = None
        self.is_down = False

    def explains(self, error: FetchError, address: Address, *, named: bool) -> bool:
        """Tell if a request failed because there is no network at all.

        ``named``: the user named the address itself, so that even one that can't exist
        tells something.
        """
        if error.status is not None or error.reason not in _SUSPECT:
            return False
        if address.is_local or not (named or _may_exist(address.host)):
            return False
        with self._lock:
            self.is_down = self.is_down or not (has_route() and self._finds_names())
        return self.is_down

    def _finds_names(self) -> bool:
        # Asked once a run: a network that comes back is the next run's.
        if self._names_are_found is None:
            self._names_are_found = self._control_is_found()
        return self._names_are_found

    def _control_is_found(self) -> bool:
        # In a thread that is left behind when it is late, as in dns.py.
        answer: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(bool(self._resolve(CONTROL, _DISCARD)))
            except OSError:
                answer.put(False)

        threading.Thread(target=ask, name="look up the network", daemon=True).start()
        try:
            return answer.get(timeout=CONTROL_SECONDS)
        except queue.Empty:
            return False


def has_route() -> bool:
    """Tell if the system knows any way out of this machine; nothing is sent."""
    for family, address in _ANYWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, _DISCARD))
        except OSError:
            continue
        return True
    return False


def _may_exist(host: str) -> bool:
    return not host.endswith(_RESERVED)
