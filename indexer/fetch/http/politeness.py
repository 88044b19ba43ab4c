"""The politeness policy: the turns that each address takes, and the pauses asked for.

It knows addresses and answers; the waiting itself is throttle.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from indexer.fetch.http.clock import Clock
from indexer.fetch.http.server_memory import ServerMemory
from indexer.fetch.http.shared_servers import SharedServers, domain_key
from indexer.fetch.http.ssrf import Address
from indexer.fetch.http.throttle import Throttle
from indexer.records import FetchError

# Seconds of Retry-After that are waited for; for longer ones the ledger makes a note.
LONGEST_WAIT = 60.0
# Failures worth another try in the same run; PassingReason has those of a later one too.
_PASSING_REASONS = {"timeout", "connection", "dns", "rate-limited", "server-error"}
_PASSING_STATUSES = {None, 408, 429, 500, 502, 503, 504}


class Politeness:
    """The pacing of requests to each address. Safe to call from several threads.

    ``delay`` is the seconds between requests to a host. ``public_ips`` gives the public
    IP addresses behind an address within so many seconds.
    """

    def __init__(
        self,
        delay: float,
        *,
        clock: Clock,
        memory: ServerMemory,
        public_ips: Callable[[Address, float], Iterable[str]],
    ) -> None:
        self._clock = clock
        self._memory = memory
        self._throttle = Throttle(delay, clock)
        self._shared_servers = SharedServers(public_ips)
        for key, seconds in memory.current_pauses(clock.utc_now()).items():
            self._throttle.pause(key, seconds)

    def turn(
        self,
        address: Address,
        *,
        allow_private: bool,
        seconds: float,
        check: Callable[[], object],
    ) -> AbstractContextManager[None]:
        """Return a turn to wait for. ``seconds`` limits the look-up of the host.

        ``check`` may refuse the turn, by an exception, when it has come.
        """
        if allow_private and address.is_local:
            return self._throttle.turn(address.origin, spaced=False, check=check)
        keys = self._shared_servers.throttle_keys(address, seconds=seconds)
        return self._throttle.turn(*keys, check=check)

    def group_of(self, host: str) -> str:
        """Return the name of the server that a host shares, "" if not known yet."""
        return self._shared_servers.group_of(host)

    def slow_down(self, address: Address, delay: float) -> None:
        """Keep at least so many seconds between requests to the address's host."""
        host_key, _ = _pause_keys(address)
        self._throttle.slow_down(host_key, delay)

    def refuse_if_paused(self, address: Address) -> None:
        """Raise FetchError where a pause is too long to be waited for."""
        wait = self.paused_for(address)
        if wait > LONGEST_WAIT:
            message = "The server asked for a pause that is not over yet."
            raise FetchError(address.url, "rate-limited", message, retry_after=wait)

    def paused_for(self, address: Address) -> float:
        """Return the seconds for which the server asked to be left alone still."""
        return self._throttle.paused_for(*_pause_keys(address))

    def keep_pause(self, address: Address, error: FetchError) -> None:
        """Leave the server alone for as long as it asked to be, in later runs too."""
        if error.retry_after is None:
            return
        host_key, wide_key = _pause_keys(address)
        # 429 counts what one client asks of all that the server's owner has, 503 is one
        # site's trouble.
        key = wide_key if error.status == 429 else host_key
        self._throttle.pause(key, error.retry_after)
        self._memory.pause(key, error.retry_after, self._clock.utc_now())


def _pause_keys(address: Address) -> tuple[str, str]:
    """Return the keys under which a host, and its domain, are paused."""
    if address.is_local:
        return address.origin, address.origin
    return address.host, domain_key(address.host)


def may_pass(error: FetchError) -> bool:
    """Tell if another try in the same run may go better."""
    if error.silent or error.status not in _PASSING_STATUSES:
        return False
    is_passing = error.reason in _PASSING_REASONS
    return is_passing and (error.retry_after or 0) <= LONGEST_WAIT
