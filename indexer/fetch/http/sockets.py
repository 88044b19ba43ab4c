"""Sockets that keep to a time limit, to a number of bytes, and to permitted addresses.

Three things that urllib3 and requests leave open are closed here, at the one place
where a name becomes a socket. The time limit covers the whole exchange (theirs begins
again with every byte received). Every address that DNS gives is checked, and the
checked one is connected to. What arrives is counted before anything reads it.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

import certifi

from indexer.fetch.http.dns import Resolver, TransportError
from indexer.fetch.http.ssrf import IPAddress, classify_ip

# Tried in turn; a host with more is not better reached by the fifth.
_MOST_ADDRESSES = 4
_LEAST_SECONDS = 0.001  # 0 would mean a socket that does not wait at all


class BudgetSocket(socket.socket):
    """A socket whose time limit covers all that is received, not every single receive.

    ``settimeout(seconds)`` opens a budget that lasts until the next call. urllib3 calls
    it when it sends a request and when it begins to read the response, with what is
    left of the total, so the budget covers status line, headers and body together.
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
            message = "The server was still sending when the time was up."
            return TransportError("too-slow", message)
        return TransportError("timeout", "The server did not answer in time.")


class _BudgetTLSSocket(BudgetSocket, ssl.SSLSocket):
    """The same over TLS; the order of the bases puts the budget above decryption."""


@dataclass(frozen=True, slots=True)
class Connector:
    """An opener of sockets to permitted addresses only.

    ``allowance`` is the bytes that may be received for one request.
    """

    resolver: Resolver
    allow_private: bool
    allowance: int

    def connect(
        self, host: str, port: int, *, seconds: float, options: Any
    ) -> socket.socket:
        """Return a connected socket whose timeout is what is left of ``seconds``.

        ``options`` are the arguments of each setsockopt. Raises TransportError.
        """
        ends = time.monotonic() + seconds
        found = self.resolver.look_up(host, port, seconds=seconds)
        candidates = self._permitted(host, found)
        failure = TransportError("timeout", f"{host} did not answer in time.")
        for position, (family, kind, protocol, _, where) in enumerate(candidates):
            left = ends - time.monotonic()
            if left <= 0:
                break
            sock = BudgetSocket(family, kind, protocol)
            try:
                for option in options or ():
                    sock.setsockopt(*option)
                # A dead first address (often IPv6) must leave time for the next.
                sock.settimeout(left / (len(candidates) - position))
                sock.connect(where)
                sock.settimeout(max(ends - time.monotonic(), _LEAST_SECONDS))
                return sock
            except TimeoutError:
                sock.close()
            except OSError as error:
                sock.close()
                message = f"{host} could not be connected to: {error.strerror}."
                failure = TransportError("connection", message)
        # The host may have moved since its name was looked up.
        self.resolver.forget(host, port)
        raise failure

    def _permitted(self, host: str, found: list[Any]) -> list[Any]:
        if self.allow_private:
            wanted = {"public", "private"}
        else:
            wanted = {"public"}
        classes = [classify_ip(ip_of(entry)) for entry in found]
        permitted = [
            entry
            for entry, ip_class in zip(found, classes, strict=True)
            if ip_class in wanted
        ]
        if permitted:
            return permitted[:_MOST_ADDRESSES]
        message = f"{host} is a reserved address, never fetched."
        if "private" in classes:
            message = (
                f"{host} is in a private network; "
                "if it is your own, allow it with --allow-private."
            )
        raise TransportError("private-address", message)


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the system's certificates and certifi's.

    Those of the system include SSL_CERT_FILE.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    # The system's may include an authority of the user's own, and may be missing.
    context.load_default_certs()
    context.sslsocket_class = _BudgetTLSSocket
    return context


def ip_of(entry: Any) -> IPAddress:
    """Return the IP address in one of socket.getaddrinfo's tuples."""
    address, _, _ = entry[4][0].partition("%")  # what follows is an IPv6 zone
    return ipaddress.ip_address(address)
