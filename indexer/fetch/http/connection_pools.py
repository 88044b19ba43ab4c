"""Connections to servers and the responses that come over them: the only door to urllib3.

Its exceptions end here. No redirect is followed, no proxy used, no cookie kept.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import Any

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager, Timeout
from urllib3 import exceptions as u3
from urllib3.connection import HTTPConnection, HTTPSConnection

from indexer.fetch.http.dns import TransportError
from indexer.fetch.http.headers import Headers, first_value
from indexer.fetch.http.sockets import BudgetSocket, Connector
from indexer.fetch.http.ssrf import Address
from indexer.records import FetchError

# Seconds for DNS, TCP and TLS; the rest of the deadline is for the response.
CONNECT_SECONDS = 10.0

_AT_ONCE = 2  # connections a host, as many as the throttle gives turns
# Hosts whose connections are kept open: two each, well below 256 descriptors.
_MOST_POOLS = 64
_LEAST_SECONDS = 0.001  # urllib3 refuses a time limit of 0
_PIECE = 1 << 16  # bytes read at a time, so at most this much is decoded beyond the cap
# Bytes of an unwanted body that are cheaper to read than a new connection, and the
# seconds that it may take.
_DRAINED = 1 << 14
_DRAIN_SECONDS = 1.0
# Content encodings that urllib3 undoes without further packages, "" for none.
_DECODED = {"", "identity", "gzip", "x-gzip", "deflate"}


class Response:
    """The status and headers of a response, whose body is read on request.

    The keys of ``headers`` are in lower case.
    """

    def __init__(self, url: str, response: BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers: Headers = {
            name.lower(): tuple(response.headers.getlist(name))
            for name in response.headers
        }
        self._url = url
        self._response = response
        self._is_begun = False

    def read(self, most: int) -> tuple[bytes, bool]:
        """Return up to so many bytes of the decoded body, and True if there was more.

        Raises FetchError.
        """
        encodings = ",".join(self.headers.get("content-encoding", ())).lower()
        if not {encoding.strip() for encoding in encodings.split(",")} <= _DECODED:
            message = "The page is compressed in a way that was not asked for."
            raise FetchError(self._url, "garbled", message)
        self._is_begun = True
        body = BytesIO()  # gives its bytes without copying them
        with translated_errors(self._url):
            for piece in self._response.stream(_PIECE, decode_content=True):
                body.write(piece)
                if body.tell() > most:
                    body.truncate(most)
                    return body.getvalue(), True
        return body.getvalue(), False

    def finish(self) -> None:
        """Keep the connection where that costs little, close it otherwise."""
        if self._is_begun or not self._is_small():
            # After a whole body the connection is back in its pool already, and stays
            # open.
            self._response.close()
            return
        try:
            sock = getattr(self._response.connection, "sock", None)
            if sock:
                sock.settimeout(_DRAIN_SECONDS)
            self._response.drain_conn()
        except TransportError:
            self._response.close()

    def _is_small(self) -> bool:
        if self.status == 304:  # has no body, whatever its Content-Length says
            return True
        length = first_value(self.headers, "content-length")
        # So many digits are no length that is worth reading as a number.
        return length.isdigit() and len(length) < 9 and int(length) <= _DRAINED


class _CheckedConnection(HTTPConnection):
    """An HTTP connection whose socket a Connector opens."""

    def __init__(self, *args: Any, connector: Connector, **kwargs: Any) -> None:
        self._connector = connector
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        seconds = self.timeout
        # urllib3 also knows a default timeout, which would be none.
        if not isinstance(seconds, int | float):
            raise TypeError("a connection needs a time limit")
        return self._connector.connect(
            self.host, self.port, seconds=seconds, options=self.socket_options
        )

    def connect(self) -> None:
        super().connect()
        # Set here because TLS puts another socket in the place of the one that was
        # connected.
        if isinstance(self.sock, BudgetSocket):
            self.sock.allowance = self._connector.allowance


class _CheckedTLSConnection(_CheckedConnection, HTTPSConnection):
    """The same over TLS: the certificate is checked against the name, not the IP."""


class ConnectionPools(PoolManager):
    """Connections that are kept open, two a host, and requests over them.

    ``context`` gives the TLS context, and is called when it is first needed.
    """

    def __init__(
        self, connector: Connector, context: Callable[[], ssl.SSLContext]
    ) -> None:
        super().__init__(num_pools=_MOST_POOLS, maxsize=_AT_ONCE, retries=False)
        self._connector = connector
        self._context = context

    def _new_pool(self, scheme: str, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, *args, **kwargs)
        connection: Any = partial(_CheckedConnection, connector=self._connector)
        if scheme == "https":
            connection = partial(
                _CheckedTLSConnection,
                connector=self._connector,
                ssl_context=self._context(),
            )
        pool.ConnectionCls = connection
        return pool

    def get(
        self, address: Address, headers: Mapping[str, str], *, seconds: float
    ) -> Response:
        """Return the response to a GET; finish it afterwards. Raises FetchError."""
        pool = self.connection_from_host(address.host, address.port, address.scheme)
        ends = time.monotonic() + seconds
        with translated_errors(address.url):
            response = _send(pool, address.target, headers, ends=ends)
        return Response(address.url, response)


def _send(
    pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], *, ends: float
) -> BaseHTTPResponse:
    # A kept connection that the server closed before it answered says nothing of the
    # page, which is asked for again (RFC 9112, 9.3.1); a fresh one does.
    while True:
        opened = pool.num_connections
        left = max(ends - time.monotonic(), _LEAST_SECONDS)
        try:
            return pool.urlopen(
                "GET",
                target,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=Timeout(total=left, connect=min(left, CONNECT_SECONDS)),
            )
        except u3.ProtocolError:
            if pool.num_connections > opened:
                raise


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """Raise as FetchError whatever goes wrong while a page is fetched."""
    try:
        yield
    except TransportError as error:
        raise FetchError(url, error.reason, str(error)) from error
    except u3.TimeoutError as error:
        message = "The server did not answer in time."
        raise FetchError(url, "timeout", message) from error
    except (u3.SSLError, ssl.SSLError) as error:
        message = f"The secure connection failed: {_tls_cause(error)}."
        raise FetchError(url, "tls", message) from error
    except u3.DecodeError as error:
        raise FetchError(url, "garbled", "The page cannot be decompressed.") from error
    except u3.LocationParseError as error:
        raise FetchError(url, "bad-address", "The address cannot be read.") from error
    except (u3.HTTPError, OSError, ValueError) as error:
        message = "The server broke off or answered with nonsense."
        raise FetchError(url, "connection", message) from error


def _tls_cause(error: BaseException) -> str:
    cause = error.args[0] if error.args else error
    # The message of a certificate that failed, or OpenSSL's word for anything else.
    known = getattr(cause, "verify_message", "") or getattr(cause, "reason", "")
    return known or "it was broken off"
