"""One request and its response, within limits: the only door to urllib3, whose exceptions
end here."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata
from io import BytesIO

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3 import exceptions as u3

from indexer.fetch.http.dns import Resolver, TransportError
from indexer.fetch.http.headers import Headers, first_value
from indexer.fetch.http.sockets import CheckedPools, Connector, ip_of, tls_context
from indexer.fetch.http.ssrf import Address, classify_ip
from indexer.records import FetchError

NO_CONTACT = "no contact address set, see BLOGSEARCH_CONTACT"

# seconds for DNS, TCP and TLS; the rest of the deadline is for the response
_CONNECTING = 10.0
_PIECE = 1 << 16  # bytes read at a time, so at most this much is decoded beyond the cap
# bytes of an unwanted body that are cheaper to read than a new connection
_DRAINED = 1 << 14
_DRAINING = 1.0  # seconds that it may take
_DECODED = {"", "identity", "gzip", "x-gzip", "deflate"}


class Response:
    """Status and headers of a response, whose body is read on request. ``headers`` keys
    are lower-case."""

    def __init__(self, url: str, response: BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers: Headers = {
            name.lower(): tuple(response.headers.getlist(name))
            for name in response.headers
        }
        self._url = url
        self._response = response
        self._begun = False

    def read(self, most: int) -> tuple[bytes, bool]:
        """At most so many bytes of the decoded body, and whether there was more. Raises
        FetchError."""
        codings = {
            c.strip().lower()
            for v in self.headers.get("content-encoding", ())
            for c in v.split(",")
        }
        if not codings <= _DECODED:
            raise FetchError(
                self._url,
                "garbled",
                "The page is compressed in a way that was not asked for.",
            )
        self._begun = True
        body = BytesIO()  # gives its bytes without copying them
        with _translated(self._url):
            for piece in self._response.stream(_PIECE, decode_content=True):
                body.write(piece)
                if body.tell() > most:
                    body.truncate(most)
                    return body.getvalue(), True
        return body.getvalue(), False

    def finish(self) -> None:
        """Keep the connection where that costs little, close it otherwise."""
        length = first_value(self.headers, "content-length")
        small = length.isdigit() and len(length) < 9 and int(length) <= _DRAINED
        if not self._begun and (small or self.status == 304):
            try:
                if sock := getattr(self._response.connection, "sock", None):
                    sock.settimeout(_DRAINING)
                self._response.drain_conn()
            except TransportError:
                self._response.close()
        else:
            # After a whole body the connection is back in its pool already, and stays
            # open.
            self._response.close()


class HttpClient:
    """Sends requests. Safe to call from several threads.

    Proxies named in the environment are not used (through one, no private address could
    be kept out), nor .netrc; no cookie is ever kept.
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
            allowed: CheckedPools(Connector(resolver, allowed, allowance), context)
            for allowed in (False, True)
        }

    def close(self) -> None:
        for pools in self._pools.values():
            pools.clear()

    def public_ips(self, address: Address, seconds: float) -> list[str]:
        """The public IP addresses behind the host, for those who pace requests. Raises
        FetchError."""
        with _translated(address.url):
            found = self._resolver.look_up(
                address.host, address.port, seconds=min(seconds, _CONNECTING)
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
        """The response to a GET, everything about it over within ``seconds``. Raises
        FetchError."""
        pool = self._pools[allow_private].connection_from_host(
            address.host, address.port, address.scheme
        )
        headers = {
            "User-Agent": self.agent,
            "Accept": "text/html, application/xhtml+xml, application/xml, */*;q=0.8",
            "Accept-Encoding": "gzip, deflate",
            **extra,
        }
        with _translated(address.url):
            answer = _asked(
                pool, address.target, headers, ends=time.monotonic() + seconds
            )
        response = Response(address.url, answer)
        try:
            yield response
        finally:
            response.finish()


def _asked(
    pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], *, ends: float
) -> BaseHTTPResponse:
    """The response to a GET. A kept connection that the server closed before it
    answered on it says nothing of the page, so that it is asked for anew (RFC 9112,
    9.3.1); a fresh one does."""
    while True:
        made = pool.num_connections
        left = max(ends - time.monotonic(), 0.001)
        try:
            return pool.urlopen(
                "GET",
                target,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=Timeout(total=left, connect=min(left, _CONNECTING)),
            )
        except u3.ProtocolError:
            if pool.num_connections > made:
                raise


def user_agent(contact: str) -> str:
    """Who asks: software, version, and where its owner can be reached. Raises
    ValueError."""
    if not contact.isascii() or not contact.isprintable() or set("()") & set(contact):
        raise ValueError(
            "A contact address is plain ASCII without brackets: a URL or a mail address."
        )
    try:
        version = metadata.version("blogsearch")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"Blogsearch/{version} (+{contact or NO_CONTACT})"


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except TransportError as error:
        raise FetchError(url, error.reason, str(error)) from error
    except u3.TimeoutError as error:
        raise FetchError(
            url, "timeout", "The server did not answer in time."
        ) from error
    except (u3.SSLError, ssl.SSLError) as error:
        message = f"The secure connection failed: {_tls_cause(error)}."
        raise FetchError(url, "tls", message) from error
    except u3.DecodeError as error:
        raise FetchError(url, "garbled", "The page cannot be decompressed.") from error
    except u3.LocationParseError as error:
        raise FetchError(url, "bad-address", "The address cannot be read.") from error
    except (u3.HTTPError, OSError, ValueError) as error:
        raise FetchError(
            url, "connection", "The server broke off or answered with nonsense."
        ) from error


def _tls_cause(error: BaseException) -> str:
    cause = error.args[0] if error.args else error
    return (
        getattr(cause, "verify_message", "")
        or getattr(cause, "reason", "")
        or "it was broken off"
    )
