"""The readers of responses: a page, no change, or the reason why there is neither.

They ask for nothing more, and keep nothing.
"""

from __future__ import annotations

from datetime import datetime

from indexer.fetch.http import headers
from indexer.fetch.http.connection_pools import Response
from indexer.fetch.http.redirects import RedirectChain
from indexer.fetch.http.status import is_fetchable_type, refused_status
from indexer.records import FetchError, NotModified, Page, Validators
from indexer.text.robots_directives import AGENT

# Seconds, for a server that asks for fewer requests and not when to go on.
DEFAULT_PAUSE = 3600.0
ROBOTS_BYTES = 500 * 1024  # RFC 9309, 2.5: at least so much is to be read


def read_page(chain: RedirectChain, response: Response, max_bytes: int) -> Page:
    """Read the body as what was asked for. Raises FetchError."""
    kind, charset = headers.content_type(response.headers)
    directives = headers.robots_directives(response.headers, AGENT)
    if chain.request.purpose == "robots":
        body, _ = response.read(min(ROBOTS_BYTES, max_bytes))
    else:
        body = _read_body(chain, response, kind, max_bytes=max_bytes)
    return Page(
        url=chain.request.url,
        final_url=chain.url,
        body=body,
        moved_to=chain.moved_to,
        status=response.status,
        content_type=kind,
        charset=charset,
        validators=chain.marked(
            headers.validators_or_date(response.headers, chain.url)
        ),
        noindex=directives.noindex,
        nosnippet=directives.nosnippet,
        max_age=headers.max_age(response.headers),
    )


def _read_body(
    chain: RedirectChain, response: Response, kind: str, *, max_bytes: int
) -> bytes:
    request = chain.request
    # Refused by its headers alone: a film behind a link costs neither side anything.
    if not is_fetchable_type(kind, article=request.purpose == "article"):
        message = f"This is no page but {kind}."
        raise FetchError(request.url, "unsupported-type", message)
    body, has_more = response.read(max_bytes)
    if has_more:
        message = f"The page is larger than {max_bytes / 1e6:.0f} MB."
        raise FetchError(request.url, "too-large", message)
    return body


def not_modified(chain: RedirectChain, response: Response) -> NotModified:
    """Return the answer that nothing has changed, with old validators or new ones."""
    old = chain.request.validators
    new = headers.validators(response.headers, chain.url)
    kept = Validators(
        new.etag or old.etag, new.last_modified or old.last_modified, chain.url
    )
    age = headers.max_age(response.headers)
    return NotModified(chain.request.url, chain.moved_to, chain.marked(kept), age)


def refusal(chain: RedirectChain, response: Response, now: datetime) -> FetchError:
    """Return the meaning of a status that gives no page, and the pause asked for."""
    if chain.is_logged_in and response.status in (401, 403):
        return chain.not_accepted(response.status)
    reason, message = refused_status(response.status)
    wait = None
    if response.status in (429, 503):
        wait = headers.retry_after(response.headers, now)
    if wait is None and response.status == 429:
        wait = DEFAULT_PAUSE
    error = FetchError(
        chain.request.url, reason, message, status=response.status, retry_after=wait
    )
    error.seen = headers.validators_or_date(response.headers, chain.url)
    return error
