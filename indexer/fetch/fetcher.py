"""Pages and feeds from the network: conditional, polite, bounded. Nothing else here
speaks HTTP.

addresses    which addresses may be asked        hosts       whose turn it is
names        looked up, and for how long         servers  which hosts are one server
connections  sockets that keep to a budget       robots      what a site's owner wants
exchange     one request and its response           headers     what a response says
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Self
from urllib.parse import urldefrag

from indexer.fetch.http import headers, redirects
from indexer.fetch.http.client import HttpClient, Response, user_agent
from indexer.fetch.http.clock import Clock, SystemClock
from indexer.fetch.http.dns import ResolveHost, Resolver, resolve_with_system
from indexer.fetch.http.redirects import FetchRequest, Purpose, RedirectChain
from indexer.fetch.http.robots import RobotsCache
from indexer.fetch.http.server_memory import ServerMemory
from indexer.fetch.http.shared_servers import SharedServers, registered_domain
from indexer.fetch.http.ssrf import Address, BadAddress, parse_address
from indexer.fetch.http.status import is_readable, refused_status
from indexer.fetch.http.throttle import Throttle
from indexer.records import (
    Fetcher,
    FetchError,
    NotModified,
    Page,
    RobotsCopy,
    SiteFetcher,
    Validators,
)
from indexer.text.robots_directives import AGENT

__all__ = [
    "FetchError",
    "Fetcher",
    "HttpFetcher",
    "Limits",
    "NotModified",
    "Page",
    "SiteFetcher",
    "Validators",
]

# seconds, for a server that asks for fewer requests and not when to go on
DEFAULT_PAUSE = 3600.0
LONGEST_WAIT = 60.0  # seconds of Retry-After that are waited for; a longer wait is the ledger's affair
FRESH_ROBOTS = timedelta(days=1)  # at most, whatever its server says (RFC 9309, 2.4)
ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least so much is to be read

_PASSING_REASONS = {"timeout", "connection", "dns", "rate-limited", "server-error"}
_PASSING_STATUSES = {None, 408, 429, 500, 502, 503, 504}
# Failures to read robots.txt that hold for the page itself, and so are told as they
# are.
_TOLD_AS_THEY_ARE = {"bad-address", "private-address", "no-such-host", "tls", "stopped"}


@dataclass(frozen=True, slots=True)
class Limits:
    """``delay``: seconds between requests to a host that is not local. ``deadline``:
    seconds for a page with all its redirects, each try anew; its host's robots.txt has
    as many. ``max_bytes``: of a decoded body; the largest feeds measured have 1.4 MB.
    ``tries``: of what may pass. ``backoff``: seconds before the second try.
    ``allow_private``: whatever is asked may be in the user's own network."""

    delay: float = 1.0
    deadline: float = 30.0
    max_bytes: int = 20 << 20
    tries: int = 3
    backoff: float = 2.0
    allow_private: bool = False


class HttpFetcher:
    """The Fetcher that goes out. Keep one for a whole run, and close it after: it holds
    open connections, robots.txt and each host's next turn.

    ``contact`` is the page or mail address told to the servers. ``resolve`` finds a
    host's addresses; ``clock`` is for the waiting between requests, never for the
    deadline. ``memory`` is what former runs knew of the servers, and takes up what is
    learnt now.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        contact: str = "",
        resolve: ResolveHost = resolve_with_system,
        clock: Clock | None = None,
        memory: ServerMemory | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._closed = threading.Event()
        self._clock = clock or SystemClock(self._closed)
        resolver = Resolver(resolve, clock=self._clock.monotonic)
        self._client = HttpClient(
            user_agent(contact), max_bytes=self._limits.max_bytes, resolver=resolver
        )
        self._throttle = Throttle(self._limits.delay, self._clock)
        self._shared_servers = SharedServers(self._client.public_ips)
        self._robots = RobotsCache(self._read_robots)
        self._memory = memory if memory is not None else ServerMemory()
        for key, seconds in self._memory.current_pauses(self._clock.utc_now()).items():
            self._throttle.pause(key, seconds)
        self._requests = 0
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wake those who wait (they get FetchError "stopped") and close idle
        connections."""
        self._closed.set()
        self._client.close()

    def fetch(
        self,
        url: str,
        validators: Validators | None = None,
        *,
        article: bool = False,
        allow_private: bool = False,
    ) -> Page | NotModified:
        """See Fetcher."""
        private = allow_private or self._limits.allow_private
        purpose: Purpose = "article" if article else "feed"
        request = FetchRequest(
            urldefrag(url).url, validators or Validators(), purpose, private
        )
        try:
            return replace(self._fetch_with_retries(request), url=url)
        except FetchError as error:
            # A copy, for what is known of a robots.txt is raised in many threads.
            raise error.about(url) from error

    def sitemaps(self, site: str, *, allow_private: bool = False) -> Sequence[str]:
        """See SiteFetcher."""
        try:
            private = allow_private or self._limits.allow_private
            return self._robots.sitemaps(parse_address(site), allow_private=private)
        except BadAddress as error:
            raise FetchError(site, "bad-address", str(error)) from None

    @property
    def requests(self) -> int:
        """See SiteFetcher."""
        return self._requests

    def _fetch_with_retries(self, request: FetchRequest) -> Page | NotModified:
        """Try, and try what may pass again, later each time."""
        for attempt in range(1, self._limits.tries + 1):
            try:
                return self._follow(request)
            except FetchError as error:
                passing = (
                    error.reason in _PASSING_REASONS
                    and error.status in _PASSING_STATUSES
                )
                if (
                    not passing
                    or attempt == self._limits.tries
                    or (error.retry_after or 0) > LONGEST_WAIT
                ):
                    raise
                if error.retry_after is None:
                    # The jitter keeps those who failed together from coming back
                    # together.
                    self._clock.sleep(
                        self._limits.backoff
                        * 2 ** (attempt - 1)
                        * random.uniform(0.75, 1.5)  # noqa: S311 - no secret
                    )
        raise AssertionError("unreachable: the last try returns or raises")

    def _follow(self, request: FetchRequest) -> Page | NotModified:
        """One try, through all redirects, within the deadline (waiting for a turn not
        counted)."""
        try:
            chain = RedirectChain(request, parse_address(request.url), request.url)
        except BadAddress as error:
            raise FetchError(request.url, "bad-address", str(error)) from None
        left = self._limits.deadline
        while left > 0:
            began = monotonic()
            if request.purpose == "article":
                self._check_robots(chain.address, request)
            if chain.seen:  # the robots.txt of the hosts on the way are no grounds to go on for ever
                left -= monotonic() - began
            self._refuse_if_paused(chain.address)
            began = monotonic()
            turn = self._turn(chain.address, request, left)
            left -= monotonic() - began
            with turn:
                if self._closed.is_set():
                    raise FetchError(
                        request.url,
                        "stopped",
                        "The run was ended before the page was fetched.",
                    )
                began = monotonic()
                outcome = self._send(chain, max(left, 0.001))
            if outcome is not None:
                return outcome
            left -= monotonic() - began
        raise FetchError(request.url, "too-slow", "The redirects took too long.")

    def _turn(
        self, address: Address, request: FetchRequest, seconds: float
    ) -> AbstractContextManager[None]:
        """A turn to wait for: at the host, and at what it has in common with others."""
        if request.allow_private and address.is_local:
            return self._throttle.turn(address.origin, spaced=False)
        return self._throttle.turn(
            *self._shared_servers.throttle_keys(address, seconds=seconds)
        )

    def _send(self, chain: RedirectChain, seconds: float) -> Page | NotModified | None:
        """One request; None when it was redirected, which the chain then shows."""
        extra, private = chain.conditional_headers(), chain.request.allow_private
        with self._counting:
            self._requests += 1
        with self._client.get(
            chain.address, extra, seconds=seconds, allow_private=private
        ) as response:
            location = headers.first_value(response.headers, "location")
            if response.status in redirects.REDIRECT_STATUSES and location:
                chain.follow(response.status, location)
                return None
            if response.status == 304 and extra:
                return _not_modified(chain, response)
            if response.status in (200, 203):
                return self._page(chain, response)
            raise self._refusal(chain, response)

    def _page(self, chain: RedirectChain, response: Response) -> Page:
        kind, charset = headers.content_type(response.headers)
        if chain.request.purpose == "robots":
            body, _ = response.read(min(ROBOTS_BYTES, self._limits.max_bytes))
        else:
            # Refused by its headers alone: a film behind a link costs neither side
            # anything.
            if not is_readable(kind, article=chain.request.purpose == "article"):
                raise FetchError(
                    chain.request.url,
                    "unsupported-type",
                    f"This is no page but {kind}.",
                )
            body, more = response.read(self._limits.max_bytes)
            if more:
                size = f"{self._limits.max_bytes / 1e6:.0f} MB"
                raise FetchError(
                    chain.request.url, "too-large", f"The page is larger than {size}."
                )
        asked = headers.robots_directives(response.headers, AGENT)
        return Page(
            url=chain.request.url,
            final_url=chain.url,
            body=body,
            moved_to=chain.moved_to,
            status=response.status,
            content_type=kind,
            charset=charset,
            validators=headers.validators_or_date(response.headers, chain.url),
            noindex=asked.noindex,
            nosnippet=asked.nosnippet,
            max_age=headers.max_age(response.headers),
        )

    def _refusal(self, chain: RedirectChain, response: Response) -> FetchError:
        """What a status other than success means; a host that says Retry-After is
        held."""
        status = response.status
        reason, message = refused_status(status)
        wait = (
            headers.retry_after(response.headers, self._clock.utc_now())
            if status in (429, 503)
            else None
        )
        if wait is None and status == 429:
            wait = DEFAULT_PAUSE
        if wait is not None:
            # 429 counts what one client asks of all that the server's owner has, 503 is
            # one site's trouble.
            key = _keys(chain.address)[status == 429]
            self._throttle.pause(key, wait)
            self._memory.pause(key, wait, self._clock.utc_now())
        seen = headers.validators_or_date(response.headers, chain.url)
        return FetchError(
            chain.request.url,
            reason,
            message,
            status=status,
            retry_after=wait,
            seen=seen,
        )

    def _refuse_if_paused(self, address: Address) -> None:
        wait = self._throttle.paused_for(*_keys(address))
        if wait > LONGEST_WAIT:
            message = "The server asked for a pause that is not over yet."
            raise FetchError(address.url, "rate-limited", message, retry_after=wait)

    def _check_robots(self, address: Address, request: FetchRequest) -> None:
        """Raise FetchError unless robots.txt lets us in; keep the delay that it asks
        for."""
        if not self._robots.allows(address, allow_private=request.allow_private):
            raise FetchError(
                request.url,
                "robots",
                "The site's robots.txt asks not to fetch this page.",
            )
        self._throttle.slow_down(
            _keys(address)[0],
            self._robots.crawl_delay(address, allow_private=request.allow_private),
        )

    def _read_robots(self, url: str, allow_private: bool) -> str:
        """RFC 9309, 2.3.1: no file, no rules; a file that can't be had now forbids all
        for now."""
        copy = self._memory.robots.get(url)
        if copy is not None and copy.fresh_until > self._clock.utc_now().isoformat():
            return copy.text or ""
        try:
            page = self._fetch_with_retries(
                FetchRequest(
                    url, copy.seen if copy else Validators(), "robots", allow_private
                )
            )
            if isinstance(page, NotModified) and (copy is None or copy.text is None):
                # there was none: one has come whose date is older
                page = self._fetch_with_retries(
                    FetchRequest(url, Validators(), "robots", allow_private)
                )
        except FetchError as error:
            if error.reason in _TOLD_AS_THEY_ARE:
                raise
            if (
                error.status is not None
                and error.status < 500
                and error.reason != "rate-limited"
            ):
                self._memory.robots[url] = RobotsCopy(None, error.seen)
                return ""
            message = f"The site's robots.txt could not be read. {error}"
            raise FetchError(
                url,
                "robots-unreachable",
                message,
                status=error.status,
                retry_after=error.retry_after,
            ) from error
        if isinstance(page, NotModified):
            text = copy.text or "" if copy else ""
        else:
            text = page.body.decode("utf-8", "replace")
        fresh = self._clock.utc_now() + min(
            timedelta(seconds=page.max_age or 0), FRESH_ROBOTS
        )
        self._memory.robots[url] = RobotsCopy(
            text, page.validators, fresh.isoformat(timespec="seconds")
        )
        return text


def _keys(address: Address) -> tuple[str, str]:
    """Under what a host, and its domain, take turns and are held."""
    if address.is_local:
        return address.origin, address.origin
    return address.host, f"*.{registered_domain(address.host)}"


def _not_modified(chain: RedirectChain, response: Response) -> NotModified:
    old = chain.request.validators
    new = headers.validators(response.headers, chain.url)
    kept = Validators(
        new.etag or old.etag, new.last_modified or old.last_modified, chain.url
    )
    age = headers.max_age(response.headers)
    return NotModified(chain.request.url, chain.moved_to, kept, age)
