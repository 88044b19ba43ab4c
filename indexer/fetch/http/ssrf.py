"""The addresses that may be asked: the form of a URL, and the IP behind its host.

It connects to nothing: sockets.py asks here before each connection.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from search.text.urls import ascii_host

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# "never": not even where the user allows private addresses.
IPClass = Literal["public", "private", "never"]

_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Lengths: RFC 1035, 2.3.4. The underscore is forbidden there, and in use.
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")
# Characters of path and query that browsers leave as they are; "%" as it was quoted.
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~|[]"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?{}"


def _networks(
    *ranges: str,
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(each) for each in ranges)


# A person's own machine and networks, which they may allow.
_PRIVATE = _networks(
    "127.0.0.0/8",  # loopback (RFC 1122, 3.2.1.3)
    "10.0.0.0/8",  # RFC 1918
    "172.16.0.0/12",  # RFC 1918
    "192.168.0.0/16",  # RFC 1918
    "100.64.0.0/10",  # shared address space, used by VPNs (RFC 6598)
    "::1/128",  # loopback (RFC 4291, 2.5.3)
    "fc00::/7",  # unique local (RFC 4193)
)
# Ranges that is_global lets pass, or let pass in some 3.11 releases: addresses that
# carry an IPv4 address inside (a translator would reach a private one), relays,
# withdrawn ranges.
_NEVER = _networks(
    "192.0.0.0/24",  # protocol assignments (RFC 6890)
    "192.88.99.0/24",  # relays to 6to4, withdrawn (RFC 7526)
    "::/96",  # IPv4-compatible, withdrawn (RFC 4291, 2.5.5.1)
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765, 2.1)
    "64:ff9b::/96",  # IPv4 behind NAT64 (RFC 6052)
    "64:ff9b:1::/48",  # the same within one network (RFC 8215)
    "2001::/23",  # protocol assignments, among them Teredo (RFC 2928, 4380)
    "2002::/16",  # IPv4 behind 6to4 (RFC 3056)
    "3fff::/20",  # documentation (RFC 9637)
    "5f00::/16",  # segment routing (RFC 9602)
    "fec0::/10",  # site-local, withdrawn (RFC 3879)
)


class BadAddress(ValueError):
    """An address that no page can be fetched from; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL that a request needs.

    ``host`` is in lower-case ASCII without brackets, ``target`` path and query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the default, port: one server's name."""
        host = self.host
        if ":" in host:
            host = f"[{host}]"
        if self.port != _PORTS[self.scheme]:
            host = f"{host}:{self.port}"
        return f"{self.scheme}://{host}"

    @property
    def url(self) -> str:
        return self.origin + self.target

    @property
    def is_local(self) -> bool:
        """True where the name alone says that the host is one of the user's own."""
        if self.host == "localhost":
            return True
        ip = as_ip(self.host)
        return ip is not None and classify_ip(ip) == "private"


def classify_ip(ip: IPAddress) -> IPClass:
    """Return the class of an address: on the public internet, private, or never asked.

    Never asked are link-local addresses, and with them the metadata services of clouds,
    multicast, reserved and translated ones.
    """
    # ::ffff:127.0.0.1 connects to 127.0.0.1.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if _is_within(ip, _PRIVATE):
        return "private"
    if ip.is_global and not ip.is_multicast and not _is_within(ip, _NEVER):
        return "public"
    return "never"


def _is_within(
    ip: IPAddress,
    networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> bool:
    return any(ip in network for network in networks)


def as_ip(host: str) -> IPAddress | None:
    """Return the IP address that a host is written as, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def parse_address(url: str) -> Address:
    """Parse a URL as a browser would, refusing what only deceives. Raises BadAddress."""
    url = url.strip(" ")
    if _CONTROL.search(url):
        raise BadAddress("The address holds control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(f"The address cannot be read: {error}.") from None
    if parts.scheme not in _PORTS:
        raise BadAddress("Only http and https addresses can be fetched.")
    if "@" in parts.netloc:
        raise BadAddress("The address holds a user name or password.")
    if port == 0:
        raise BadAddress("The address has port 0.")
    if "[" in parts.netloc:
        host = _parse_bracketed(parts.hostname or "")
    else:
        host = _parse_name(parts.hostname or "")
    target = quote(parts.path or "/", safe=_SAFE_IN_PATH)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE_IN_QUERY)
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], target)


def _parse_bracketed(host: str) -> str:
    ip = as_ip(host)
    if ip is None or "%" in host:  # a zone means something on one machine only
        raise BadAddress(f"[{host}] is not an IP address.")
    return str(ip)


def _parse_name(host: str) -> str:
    if not host:
        raise BadAddress("The address has no host.")
    try:
        name = ascii_host(host.removesuffix("."))
    except ValueError:
        raise BadAddress("The host is not a valid international name.") from None
    if not _HOST_NAME.match(name):
        raise BadAddress(f"{host!r} is not a valid host name.")
    return name
