"""The hosts that are one server to those who run it: of one domain, or at one IP address.

No list of public suffixes is used: where the rule errs, hosts of several owners take
turns as one, which costs time and nobody else anything.
"""

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
    """Return the domain that somebody registered, as far as the name alone tells.

    It is the same for alice.blogspot.com and bob.blogspot.com. An IP address, or a name
    without a dot, is its own.
    """
    labels = host.split(".")
    if len(labels) < 3 or as_ip(host) is not None:
        return host
    is_deeper = len(labels[-1]) == 2 and _SECOND_LEVEL.fullmatch(labels[-2])
    depth = 3 if is_deeper else 2
    return ".".join(labels[-depth:])


def domain_key(host: str) -> str:
    """Return the throttle's key for all hosts of a host's domain."""
    return f"*.{registered_domain(host)}"


def queue_key(url: str) -> str:
    """Return the queue of an address, by its text alone: no host is looked up.

    It is the domain and a port that is named, "" for a file.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    domain = registered_domain(parts.hostname or "")
    if port:
        return f"{domain}:{port}"
    return domain


class SharedServers:
    """The groups of hosts that share an IP address. Safe to call from several threads.

    ``addresses_of`` gives the public IP addresses behind a host, and is asked once for
    each.
    """

    def __init__(self, addresses_of: Callable[[Address, float], Iterable[str]]) -> None:
        self._addresses_of = addresses_of
        # Host, or "@" and IP address, to the group it belongs to: one of its addresses,
        # "" for a host that has none in public.
        self._groups: dict[str, str] = {}
        self._lock = threading.Lock()

    def throttle_keys(self, address: Address, *, seconds: float) -> tuple[str, ...]:
        """Return the keys of the turns that a request takes, from narrow to wide.

        They are its host, the host's domain, and the server it shares with others.
        ``seconds`` limits the look-up of the host.
        """
        host = address.host
        if host not in self._groups:
            self._add(host, self._addresses_of(address, seconds))
        keys = (host, domain_key(host), self._groups[host])
        return tuple(key for key in keys if key)

    def group_of(self, host: str) -> str:
        """Return the group of a host, "" where it has none or isn't known yet."""
        return self._groups.get(host, "")

    def _add(self, host: str, ips: Iterable[str]) -> None:
        found = [f"@{ip}" for ip in ips]
        with self._lock:
            known = [self._groups[ip] for ip in found if ip in self._groups]
            group = next(iter([*known, *found]), "")
            for member in (host, *found):
                self._groups.setdefault(member, group)
