"""Connections that keep to a budget and to permitted addresses: urllib3's, with sockets
of our own.

Three things that urllib3 and requests leave open are closed here, at the one place
where a name becomes a socket: the time limit covers the whole exchange (theirs begins
anew with every byte received), every address that DNS gives is checked and the checked
one is connected to, and what arrives is counted before anything reads it.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import certifi
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from indexer.fetch.http.dns import Resolver, TransportError
from indexer.fetch.http.ssrf import IPAddress, classify_ip

# tried in turn; a host with more is not better reached by the fifth
_MOST_ADDRESSES = 4
# hosts whose connections are kept open: two each, well below 256 descriptors
_MOST_POOLS = 64


class _BudgetSocket(socket.socket):
    """A socket on which ``settimeout(seconds)`` opens a budget for all that is received
    until the next call, where a plain socket would grant the seconds to every single
    receive.

    urllib3 calls it when it sends a request and when it begins to read the response, with
    what is left of the total, so the budget covers status line, headers and body
    together.
    """

    _ends: float | None = None
    _received = 0
    allowance = 1 << 20  # bytes as sent, headers and framing included

    def settimeout(self, value: float | None, /) -> None:
        self._ends = None if value is None else time.monotonic() + value
        self._received = 0
        super().settimeout(value)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self._ends is not None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise self._late()
            super().settimeout(left)
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise self._late() from None
        self._received += count
        if self._received > self.allowance:
            raise TransportError("too-large", "The server sent more than is read.")
        return count

    def _late(self) -> TransportError:
        if self._received:
            return TransportError(
                "too-slow", "The server was still sending when the time was up."
            )
        return TransportError("timeout", "The server did not answer in time.")


class _BudgetTLSSocket(_BudgetSocket, ssl.SSLSocket):
    """The same over TLS; the base classes' order puts the budget above the
    decryption."""


@dataclass(frozen=True, slots=True)
class Connector:
    """Opens sockets to permitted addresses only; ``allowance`` is bytes received an
    exchange."""

    resolver: Resolver
    allow_private: bool
    allowance: int

    def connect(
        self, host: str, port: int, *, seconds: float, options: Any
    ) -> socket.socket:
        """A connected socket whose timeout is what is left of ``seconds``. Raises
        TransportError."""
        ends = time.monotonic() + seconds
        candidates = self._permitted(
            host, self.resolver.look_up(host, port, seconds=seconds)
        )
        failure = TransportError("timeout", f"{host} did not answer in time.")
        for position, (family, kind, protocol, _, where) in enumerate(candidates):
            left = ends - time.monotonic()
            if left <= 0:
                break
            sock = _BudgetSocket(family, kind, protocol)
            try:
                for option in options or ():
                    sock.setsockopt(*option)
                # A dead first address (often IPv6) must leave time for the next.
                sock.settimeout(left / (len(candidates) - position))
                sock.connect(where)
                sock.settimeout(max(ends - time.monotonic(), 0.001))
                return sock
            except TimeoutError:
                sock.close()
            except OSError as error:
                sock.close()
                failure = TransportError(
                    "connection", f"{host} could not be connected to: {error.strerror}."
                )
        self.resolver.forget(host, port)  # it may have moved
        raise failure

    def _permitted(self, host: str, found: list[Any]) -> list[Any]:
        wanted = {"public", "private"} if self.allow_private else {"public"}
        permitted = [entry for entry in found if classify_ip(ip_of(entry)) in wanted]
        if permitted:
            return permitted[:_MOST_ADDRESSES]
        kinds = {classify_ip(ip_of(entry)) for entry in found}
        if "private" in kinds:
            raise TransportError(
                "private-address",
                f"{host} is in a private network; if it is your own, allow it with --allow-private.",
            )
        raise TransportError(
            "private-address", f"{host} is a reserved address, never fetched."
        )


class _CheckedConnection(HTTPConnection):
    """An HTTP connection opened by a Connector."""

    def __init__(self, *args: Any, connector: Connector, **kwargs: Any) -> None:
        self._dialler = connector
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout
        if not isinstance(seconds, int | float):
            raise TypeError("a connection needs a time limit")
        return self._dialler.connect(
            self.host, self.port, seconds=seconds, options=self.socket_options
        )

    def connect(self) -> None:
        super().connect()
        # Set here because TLS puts another socket in the place of the one that was
        # dialled.
        if isinstance(self.sock, _BudgetSocket):
            self.sock.allowance = self._dialler.allowance


class _CheckedTLSConnection(_CheckedConnection, HTTPSConnection):
    """The same over TLS: the certificate is checked against the name, not the
    address."""


class CheckedPools(PoolManager):
    """urllib3's pools with dialled connections: no proxies, no redirects, two
    connections a host."""

    def __init__(
        self, connector: Connector, context: Callable[[], ssl.SSLContext]
    ) -> None:
        super().__init__(num_pools=_MOST_POOLS, maxsize=2, retries=False)
        self._dialler = connector
        self._context = context

    def _new_pool(self, scheme: str, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, *args, **kwargs)
        connection: Any = partial(_CheckedConnection, connector=self._dialler)
        if scheme == "https":
            connection = partial(
                _CheckedTLSConnection,
                connector=self._dialler,
                ssl_context=self._context(),
            )
        pool.ConnectionCls = connection
        return pool


def tls_context() -> ssl.SSLContext:
    """Trusts the system's certificates (SSL_CERT_FILE included) and those that certifi
    carries."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    context.sslsocket_class = _BudgetTLSSocket
    return context


def ip_of(entry: Any) -> IPAddress:
    """The IP address in one of socket.getaddrinfo's tuples."""
    return ipaddress.ip_address(entry[4][0].partition("%")[0])
