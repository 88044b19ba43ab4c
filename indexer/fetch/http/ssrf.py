"""Which addresses may be asked at all: the spelling of a URL, and the IP behind its
host. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

import idna

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPClass = Literal["public", "private", "never"]

_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")

# What a person may allow: their own machine and networks (RFC 1918, 4193, 6598).
_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    )
)

# What the standard library's is_global lets pass, or let pass in some 3.11 releases:
# addresses that carry an IPv4 address inside (a translator would reach a private one),
# relays, withdrawn ranges.
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


class BadAddress(ValueError):
    """Not an address that a page can be fetched from; the message is a sentence that
    says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart; ``host`` is ASCII in lower case without brackets, ``target``
    path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the usual one, port: what one server is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        return self.origin + self.target

    @property
    def is_local(self) -> bool:
        """Whether the host is by its very spelling one of the user's own."""
        ip = as_ip(self.host)
        return self.host == "localhost" or (
            ip is not None and classify_ip(ip) == "private"
        )


def classify_ip(ip: IPAddress) -> IPClass:
    """Whether an address is on the public internet, in a private network, or not to be
    asked at all (link-local and with it the metadata services of clouds, multicast,
    reserved, translated)."""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in net for net in _PRIVATE):
        return "private"
    if not ip.is_global or ip.is_multicast or any(ip in net for net in _NEVER):
        return "never"
    return "public"


def parse_address(url: str) -> Address:
    """Take a URL apart as a browser would, refusing what only deceives. Raises
    BadAddress."""
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
    host = _host(parts.hostname or "", bracketed="[" in parts.netloc)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~|[]") + (
        f"?{_query(parts.query)}" if parts.query else ""
    )
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], target)


def _query(query: str) -> str:
    return quote(query, safe="/%:@!$&'()*+,;=~|[]?{}")


def _host(host: str, *, bracketed: bool) -> str:
    if not host:
        raise BadAddress("The address has no host.")
    if bracketed:
        ip = as_ip(host)
        if ip is None or "%" in host:
            raise BadAddress(f"[{host}] is not an IP address.")
        return str(ip)
    name = host.removesuffix(".")
    if not name.isascii():
        try:
            # UTS 46 folds the look-alikes of dots and digits first, as browsers do.
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise BadAddress("The host is not a valid international name.") from None
    if not _HOST_NAME.match(name):
        raise BadAddress(f"{host!r} is not a valid host name.")
    return name


def as_ip(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
