"""The fetcher of pages and feeds: conditional, polite, within limits.

Only this folder speaks HTTP. The fetcher follows redirects, tries again what may pass,
and waits for its turn; a single request is client.py's, a response responses.py's.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Self
from urllib.parse import urldefrag

from indexer.fetch.http import headers, responses
from indexer.fetch.http.client import HttpClient, user_agent
from indexer.fetch.http.clock import Clock, SystemClock
from indexer.fetch.http.deadline import Deadline
from indexer.fetch.http.dns import ResolveHost, Resolver, resolve_with_system
from indexer.fetch.http.fetch_robots import RobotsReader
from indexer.fetch.http.logins import Logins
from indexer.fetch.http.network import NO_NETWORK, Network
from indexer.fetch.http.politeness import Politeness, may_pass
from indexer.fetch.http.redirects import (
    REDIRECT_STATUSES,
    FetchRequest,
    Purpose,
    RedirectChain,
)
from indexer.fetch.http.robots import RobotsCache
from indexer.fetch.http.server_memory import ServerMemory
from indexer.fetch.http.silent_hosts import SilentHosts
from indexer.fetch.http.ssrf import Address, BadAddress, parse_address
from indexer.fetch.http.throttle import DELAY
from indexer.fetch.lost_time import lose
from indexer.records import FetchError, NotModified, Page, Validators

_LEAST_SECONDS = 0.001  # for a request whose turn came just before its deadline
# Seconds beyond its deadline by which a request was not late but this program stopped, as
# a suspended job or laptop is: sockets keep the deadline to some milliseconds.
STOOD_STILL = 5.0
# Each pause before a try is twice the one before, and takes a random part of that more or
# less: those who failed together should not come back together.
_BACKOFF_FACTOR = 2
_JITTER = (0.75, 1.5)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a fetcher.

    ``delay``: seconds between requests to a host that is not local. ``deadline``:
    seconds for each try at a page with all its redirects; its host's robots.txt has as
    many. ``max_bytes``: of a decoded body; the largest feeds measured have 1.4 MB.
    ``tries``: of what may pass, where the host has answered before. ``short``: seconds
    for the robots.txt of a host that never has. ``backoff``: seconds before the second
    try.
    ``allow_private``: whatever is asked may be in the user's own network.
    """

    delay: float = DELAY
    deadline: float = 30.0
    max_bytes: int = 20 << 20
    short: float = 10.0
    tries: int = 3
    backoff: float = 2.0
    allow_private: bool = False


class HttpFetcher:
    """The Fetcher that goes out. Keep one for a whole run, and close it after.

    It keeps open connections, robots.txt and each host's next turn. ``contact`` is the
    page or mail address that the servers are given. ``resolve`` finds a host's
    addresses. ``clock`` is for the waiting between requests, never for the deadline.
    ``memory`` is what former runs learnt of the servers; this run adds to it. Where
    ``network`` is set, errors tell a host that is down from a network that is.
    ``logins`` are sent to their own hosts.
    """

    network: Network | None = None
    logins = Logins()

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
        self._client = HttpClient(
            user_agent(contact),
            max_bytes=self._limits.max_bytes,
            resolver=Resolver(resolve, clock=self._clock.monotonic),
        )
        self._memory = memory = memory or ServerMemory()
        self._politeness = Politeness(
            self._limits.delay,
            clock=self._clock,
            memory=memory,
            public_ips=self._client.public_ips,
        )
        self._silent = SilentHosts(
            tries=self._limits.tries, group_of=self._politeness.group_of
        )
        reader = RobotsReader(self._fetch_with_retries, memory, self._clock)
        self._robots = RobotsCache(reader.read)
        self._requests = 0
        self._counting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wake those who wait (FetchError "stopped") and close idle connections."""
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
        purpose: Purpose = "article" if article else "feed"
        request = FetchRequest(
            urldefrag(url).url,
            validators or Validators(),
            purpose,
            allow_private,
        )
        try:
            return replace(self._fetch_with_retries(request), url=url)
        except FetchError as error:
            # A copy, for what is known of a robots.txt is raised in many threads.
            raise error.about(url) from error

    def sitemaps(self, site: str, *, allow_private: bool = False) -> Sequence[str]:
        """See SiteFetcher."""
        try:
            address = parse_address(site)
        except BadAddress as error:
            raise FetchError(site, "bad-address", str(error)) from None
        is_allowed = allow_private or self._limits.allow_private
        return self._robots.sitemaps(address, allow_private=is_allowed)

    @property
    def requests(self) -> int:
        """See SiteFetcher."""
        return self._requests

    def _fetch_with_retries(self, request: FetchRequest) -> Page | NotModified:
        pause = self._limits.backoff
        for _ in range(1, self._limits.tries):
            try:
                return self._try(request)
            except FetchError as error:
                if not may_pass(error):
                    raise
                # The throttle keeps the pause that a server asks for.
                if error.retry_after is None:
                    jitter = random.uniform(*_JITTER)  # noqa: S311 - no secret
                    self._clock.sleep(pause * jitter)
                pause *= _BACKOFF_FACTOR
        return self._try(request)

    def _try(self, request: FetchRequest) -> Page | NotModified:
        try:
            chain = RedirectChain(request, parse_address(request.url), request.url)
        except BadAddress as error:
            raise FetchError(request.url, "bad-address", str(error)) from None
        network = self.network
        if network is None:
            return self._follow_redirects(request, chain)
        # Where nothing answers, each host is not waited for in its turn.
        if network.is_down and not chain.address.is_local:
            raise FetchError(request.url, "no-network", NO_NETWORK)
        try:
            return self._follow_redirects(request, chain)
        except FetchError as error:
            named = request.purpose == "feed"
            if network.explains(error, chain.address, named=named):
                raise FetchError(request.url, "no-network", NO_NETWORK) from error
            raise

    def _follow_redirects(
        self, request: FetchRequest, chain: RedirectChain
    ) -> Page | NotModified:
        """Send one request after another. The deadline leaves out the waiting for a
        turn."""
        deadline = Deadline(self._seconds(request, chain.address))
        try:
            while deadline.left > 0:
                answer = self._ask(chain, deadline)
                if answer is not None:
                    lose(deadline.used, answered=True)
                    return answer
            raise FetchError(request.url, "too-slow", "The redirects took too long.")
        except FetchError as error:
            # A pause that was waited for, and for nothing, is lost as well.
            seconds = deadline.used + deadline.paused
            lose(seconds, answered=error.status is not None)
            raise

    def _seconds(self, request: FetchRequest, address: Address) -> float:
        """Return the seconds for one try at a page."""
        # A host that answered once, in whatever run, may be slow today.
        is_first = (
            request.purpose == "robots" and request.url not in self._memory.robots
        )
        if is_first and not self._silent.has_answered(address):
            return min(self._limits.short, self._limits.deadline)
        return self._limits.deadline

    def _ask(
        self, chain: RedirectChain, deadline: Deadline
    ) -> Page | NotModified | None:
        """Ask where the chain has come to, and note whether its host answers."""
        address = chain.address
        self._silent.refuse(address)
        if chain.request.purpose == "article":
            self._check_robots(chain, deadline)
        self._politeness.refuse_if_paused(address)
        deadline.paused += self._politeness.paused_for(address)
        try:
            answer = self._ask_in_turn(chain, deadline)
        except FetchError as error:
            self._silent.note(address, error)
            raise
        self._silent.note(address)
        return answer

    def _ask_in_turn(
        self, chain: RedirectChain, deadline: Deadline
    ) -> Page | NotModified | None:
        request = chain.request
        with deadline.counted():
            turn = self._politeness.turn(
                chain.address,
                allow_private=self._allows_private(chain),
                seconds=deadline.left,
                check=partial(self._silent.refuse, chain.address),
            )
        with turn:
            if self._closed.is_set():
                message = "The run was ended before the page was fetched."
                raise FetchError(request.url, "stopped", message)
            seconds = max(deadline.left, _LEAST_SECONDS)
            try:
                with deadline.counted():
                    return self._send(chain, seconds)
            except FetchError:
                # Nothing takes longer than it may, unless this program stood still.
                if deadline.left > -STOOD_STILL:
                    raise
            deadline.left = seconds
            with deadline.counted():
                return self._send(chain, seconds)

    def _check_robots(self, chain: RedirectChain, deadline: Deadline) -> None:
        """Raise FetchError unless robots.txt lets us in; keep the delay it asks for."""
        address, private = chain.address, self._allows_private(chain)
        # The robots.txt of the hosts on the way must not prolong it without end; that of
        # the first has a deadline of its own.
        with deadline.counted() if chain.seen else nullcontext():
            is_allowed = self._robots.allows(address, allow_private=private)
        if not is_allowed:
            message = "The site's robots.txt asks not to fetch this page."
            raise FetchError(chain.request.url, "robots", message)
        delay = self._robots.crawl_delay(address, allow_private=private)
        self._politeness.slow_down(address, delay)

    def _allows_private(self, chain: RedirectChain) -> bool:
        return chain.allow_private or self._limits.allow_private

    def _send(self, chain: RedirectChain, seconds: float) -> Page | NotModified | None:
        """Send one request; None when it was redirected, which the chain then shows."""
        private = self._allows_private(chain)
        login = chain.login_headers(self.logins, allow_private=private)
        conditions = chain.conditional_headers()
        with self._counting:
            self._requests += 1
        with self._client.get(
            chain.address,
            {**conditions, **login},
            seconds=seconds,
            allow_private=private,
        ) as response:
            self._silent.hear(chain.address)
            location = headers.first_value(response.headers, "location")
            if response.status in REDIRECT_STATUSES and location:
                chain.follow(response.status, location)
                return None
            if response.status == 304 and conditions:
                return responses.not_modified(chain, response)
            if response.status in (200, 203):
                return responses.read_page(chain, response, self._limits.max_bytes)
            error = responses.refusal(chain, response, self._clock.utc_now())
            self._politeness.keep_pause(chain.address, error)
            raise error
