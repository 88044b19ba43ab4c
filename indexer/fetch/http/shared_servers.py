"""Which hosts are one server to those who run it: names below one domain, names at one
IP address."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from indexer.fetch.http.ssrf import Address, as_ip

# Under the top-level domains of countries, whose names are given out one level deeper
# (co.uk, com.au).
_SECOND_LEVEL = re.compile(
    "ac|asn|co|com|edu|gob?|gou?v|id|ind?|ltd|me|mil|net?|nic|nom|org?|plc|sch"
)


def registered_domain(host: str) -> str:
    """The domain that somebody registered, as far as its spelling tells: of
    alice.blogspot.com and bob.blogspot.com the same. An IP address, or a name without a
    dot, is its own.

    No list of public suffixes: where this errs, hosts of several owners take turns as
    one, which costs time and nobody else anything.
    """
    labels = host.split(".")
    if len(labels) < 3 or as_ip(host) is not None:
        return host
    deeper = len(labels[-1]) == 2 and bool(_SECOND_LEVEL.fullmatch(labels[-2]))
    return ".".join(labels[-3:] if deeper else labels[-2:])


def queue_key(url: str) -> str:
    """Whose turn an address has to wait for, as far as it can be told without a
    look-up; "" for a file."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    return f"{registered_domain(name)}:{port}" if port else registered_domain(name)


class SharedServers:
    """Puts hosts that share an address together, as they are met. Safe to call from
    several threads.

    ``addresses_of`` gives the public IP addresses behind a host, and is asked once for
    each.
    """

    def __init__(self, addresses_of: Callable[[Address, float], Iterable[str]]) -> None:
        self._addresses_of = addresses_of
        self._groups: dict[
            str, str
        ] = {}  # host or "@" and IP address → the group it belongs to
        self._lock = threading.Lock()

    def throttle_keys(self, address: Address, *, seconds: float) -> tuple[str, ...]:
        """What a request to this address takes a turn at: its host, the host's domain,
        the machine."""
        if address.host not in self._groups:
            found = [f"@{ip}" for ip in self._addresses_of(address, seconds)]
            with self._lock:
                known = (self._groups[ip] for ip in found if ip in self._groups)
                group = next(known, found[0] if found else "")
                for each in (address.host, *found):
                    self._groups.setdefault(each, group)
        group = self._groups[address.host]
        return tuple(
            dict.fromkeys(
                key
                for key in (address.host, f"*.{registered_domain(address.host)}", group)
                if key
            )
        )
