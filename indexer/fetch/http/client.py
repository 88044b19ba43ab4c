"""An HTTP client for single GET requests, each within a time limit and a size.

It follows no redirect and repeats nothing: the fetcher decides on that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata

from indexer.fetch.http.connection_pools import (
    CONNECT_SECONDS,
    ConnectionPools,
    Response,
    translated_errors,
)
from indexer.fetch.http.dns import Resolver
from indexer.fetch.http.sockets import Connector, ip_of, tls_context
from indexer.fetch.http.ssrf import Address, classify_ip

NO_CONTACT = "no contact address set, see BLOGSEARCH_CONTACT"
# Pages and feeds come under other types too, hence */*. Only encodings that
# connection_pools.py can undo are asked for.
_HEADERS = {
    "Accept": "text/html, application/xhtml+xml, application/xml, */*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}


class HttpClient:
    """A sender of GET requests. Safe to call from several threads.

    Proxies named in the environment are not used (through one, no private address could
    be kept out), nor .netrc; no cookie is ever kept. ``max_bytes`` is of a decoded body.
    """

    def __init__(self, agent: str, *, max_bytes: int, resolver: Resolver) -> None:
        self.agent = agent
        self._resolver = resolver
        # Made once and when it is first needed: reading all certificates takes 40 ms.
        context = lru_cache(maxsize=1)(tls_context)
        # Framing may double the bytes; what is beyond is not a body but an attack on
        # the reader.
        allowance = 2 * max_bytes + (1 << 20)
        # Two sets of pools, for a connection allowed in one call must not serve
        # another.
        self._pools = {
            allowed: ConnectionPools(Connector(resolver, allowed, allowance), context)
            for allowed in (False, True)
        }

    def close(self) -> None:
        for pools in self._pools.values():
            pools.clear()

    def public_ips(self, address: Address, seconds: float) -> list[str]:
        """Return the public IP addresses behind the host. Raises FetchError."""
        with translated_errors(address.url):
            found = self._resolver.look_up(
                address.host, address.port, seconds=min(seconds, CONNECT_SECONDS)
            )
        return [str(ip) for ip in map(ip_of, found) if classify_ip(ip) == "public"]

    @contextmanager
    def get(
        self,
        address: Address,
        extra: Mapping[str, str],
        *,
        seconds: float,
        allow_private: bool,
    ) -> Iterator[Response]:
        """Yield the response to a GET with ``extra`` headers. Raises FetchError.

        Everything about it is over within ``seconds``.
        """
        headers = {"User-Agent": self.agent, **_HEADERS, **extra}
        response = self._pools[allow_private].get(address, headers, seconds=seconds)
        try:
            yield response
        finally:
            response.finish()


def user_agent(contact: str) -> str:
    """Return the User-Agent: software, version, and where its owner can be reached.

    Raises ValueError for a contact that would break the header.
    """
    if not contact.isascii() or not contact.isprintable() or set("()") & set(contact):
        raise ValueError(
            "A contact address is plain ASCII without brackets: a URL or a mail address."
        )
    try:
        version = metadata.version("blogsearch")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"Blogsearch/{version} (+{contact or NO_CONTACT})"
