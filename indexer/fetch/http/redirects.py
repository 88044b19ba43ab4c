"""A request and the chain of redirects that it is led through, each one checked.

It sends nothing: the fetcher asks for each address that the chain comes to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urldefrag, urljoin

from indexer.fetch.http.logins import Logins
from indexer.fetch.http.ssrf import Address, parse_address
from indexer.records import FetchError, Validators

Purpose = Literal["feed", "article", "robots"]

MOST_REDIRECTS = 5  # RFC 9309, 2.3.1.2: at least so many for robots.txt
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
SENT = "sent"  # of validators: with a login
# Pages to which sites redirect those whose login has run out.
_LOGIN_PAGE = re.compile(
    r"/(?:(?:wp|user|member|account)s?[-_])?(?:log|sign)[-_]?in(?:[/.?#]|$)", re.I
)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A page that is wanted: ``url`` without a fragment, its conditions and purpose.

    ``allow_private``: its host may be in the user's own network, and no other.
    """

    url: str
    validators: Validators
    purpose: Purpose
    allow_private: bool


@dataclass(slots=True)
class RedirectChain:
    """The way of one request through redirects.

    ``address`` and ``url`` are where it stands, ``seen`` where it was before, ``host``
    where it began. ``moved_to`` is the last address that permanent redirects alone led
    to. ``is_logged_in``: a login was sent to where it stands, ``has_left``: it stands, or
    stood, at another server than the first.
    """

    request: FetchRequest
    address: Address
    url: str
    moved_to: str = ""
    is_permanent: bool = True
    seen: set[str] = field(default_factory=set)
    host: str = field(init=False)
    is_logged_in: bool = False
    has_left: bool = False

    def __post_init__(self) -> None:
        self.host = self.address.host

    @property
    def allow_private(self) -> bool:
        """True where the address it stands at may be in the user's own network.

        What a person allows one host no other gets by a redirect.
        """
        return self.request.allow_private and self.address.host == self.host

    def follow(self, status: int, location: str) -> None:
        """Go on to where a Location header points. Raises FetchError."""
        self.seen.add(self.address.url)
        origin, self.address = self.address.origin, self._target(status, location)
        self.url = self.address.url
        if self.is_logged_in and _LOGIN_PAGE.search(self.address.target):
            raise self.not_accepted(status)
        # What leads back may do so in another's name.
        self.has_left = self.has_left or self.address.origin != origin
        # Cookies are not kept, so an address seen before can only lead here again.
        if self.url in self.seen or len(self.seen) > MOST_REDIRECTS:
            message = "The redirects lead nowhere."
            raise FetchError(self.request.url, "redirect-loop", message, status=status)
        self.is_permanent = self.is_permanent and status in _PERMANENT
        if self.is_permanent:
            self.moved_to = self.url

    def _target(self, status: int, location: str) -> Address:
        try:
            # Servers send UTF-8 here, which http.client reads as Latin-1.
            text = location.encode("latin-1").decode("utf-8", "replace")
            return parse_address(urldefrag(urljoin(self.address.url, text)).url)
        except ValueError as error:  # BadAddress is one
            cause = str(error).rstrip(".")
            message = f"The server redirects to something that is not fetched: {cause}."
            raise FetchError(
                self.request.url, "bad-redirect", message, status=status
            ) from None

    def login_headers(
        self, logins: Logins, *, allow_private: bool
    ) -> Mapping[str, str]:
        """Return the header of the login at the server that was asked; none on a way
        that has left it, nor for a robots.txt, which is for everybody."""
        headers: Mapping[str, str] = {}
        if self.request.purpose != "robots" and not self.has_left:
            headers = logins.headers_for(self.address, allow_private=allow_private)
        self.is_logged_in = bool(headers)
        return headers

    def marked(self, validators: Validators) -> Validators:
        """Return validators with the note that a login was sent for them, if so."""
        return replace(validators, login=SENT if self.is_logged_in else "")

    def not_accepted(self, status: int) -> FetchError:
        """Return the error for a login that the server takes no longer."""
        message = (
            f"The login for {self.host} is not accepted, or not any more ({status}); "
            "renew it where your logins are kept."
        )
        return FetchError(self.request.url, "unauthorized", message, status=status)

    def conditional_headers(self) -> dict[str, str]:
        """Return the validators as headers, at the address that served them only; of a
        page with a login where one is sent now."""
        known = self.request.validators
        if (known.login == SENT) is not self.is_logged_in:
            return {}
        served_by = known.url or self.request.url
        if served_by not in (self.url, self.address.url):
            return {}
        wanted = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in wanted.items() if value}
