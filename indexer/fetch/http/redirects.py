"""The way of one request through redirects, each followed by hand and checked. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urldefrag, urljoin

from indexer.fetch.http.ssrf import Address, parse_address
from indexer.records import FetchError, Validators

Purpose = Literal["feed", "article", "robots"]

MOST_REDIRECTS = 5
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What is wanted: ``url`` without a fragment, on what conditions, and what for."""

    url: str
    validators: Validators
    purpose: Purpose
    allow_private: bool


@dataclass(slots=True)
class RedirectChain:
    """The way through redirects: where it stands, what it saw, how far it was
    permanent."""

    request: FetchRequest
    address: Address
    url: str
    moved_to: str = ""
    unbroken: bool = True
    seen: set[str] = field(default_factory=set)

    def follow(self, status: int, location: str) -> None:
        """Follow a Location header. Raises FetchError."""
        self.seen.add(self.address.url)
        try:
            # Servers send UTF-8 here, which http.client reads as Latin-1.
            location = location.encode("latin-1").decode("utf-8", "replace")
            url = urldefrag(urljoin(self.address.url, location)).url
            self.address = parse_address(url)
        except ValueError as error:  # BadAddress too
            message = f"The server redirects to something that is not fetched: {str(error).rstrip('.')}."
            raise FetchError(
                self.request.url, "bad-redirect", message, status=status
            ) from None
        self.url = self.address.url
        if self.url in self.seen or len(self.seen) > MOST_REDIRECTS:
            raise FetchError(
                self.request.url,
                "redirect-loop",
                "The redirects lead nowhere.",
                status=status,
            )
        self.unbroken = self.unbroken and status in _PERMANENT
        if self.unbroken:
            self.moved_to = self.url

    def conditional_headers(self) -> dict[str, str]:
        """The validators, as headers, at the address that served them."""
        known = self.request.validators
        if (known.url or self.request.url) not in (self.url, self.address.url):
            return {}
        wanted = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in wanted.items() if value}
