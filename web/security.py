"""Guards between a browser and the app: hosts, origins, links, the headers of answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Response
from werkzeug.datastructures import Headers

from web.error_responses import ForeignPage, UnknownHost
from web.files.kinds import content_type, is_local

# Signs that browsers read otherwise than we do: controls, spaces, the backslash, and
# marks that turn the direction of writing.
_UNCLEAR = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_HOST = re.compile(
    r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?",
    re.ASCII,
)

# Everything comes from this server and nothing is inline, so text from a blog can never
# run or load anything.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a blog need not learn what was asked
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


_SCHEMES = re.compile(r"https?(?: *, *https?)*")


class HeaderFilter:
    """WSGI middleware that takes out what Flask can make no address from.

    It would fail at it before any guard is asked, and again at the page that says so.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not _is_host(environ.get("HTTP_HOST", "")):
            environ["HTTP_HOST"] = ""  # check_host refuses it
        if not _SCHEMES.fullmatch(environ.get("HTTP_X_FORWARDED_PROTO", "http")):
            del environ["HTTP_X_FORWARDED_PROTO"]
        return self._app(environ, start_response)


def _is_host(header: str) -> bool:
    try:
        header.encode("idna")  # it limits the length of names, too
    except UnicodeError:
        return False
    return _HOST.fullmatch(header) is not None


def check_host(header: str, answered: frozenset[str] | None) -> None:
    """Raise UnknownHost unless a Host header names one of these hosts (None: any)."""
    match = _HOST.fullmatch(header)
    if match is None:
        raise UnknownHost("The request's Host header is missing or malformed.")
    name = (match["v6"] or match["name"]).lower().rstrip(".")
    if answered is not None and name not in answered:
        raise UnknownHost(
            f"This server does not answer for {name}. "
            "Open it under the address it printed, or name the host in BLOGSEARCH_ALLOWED_HOSTS."
        )


def check_origin(headers: Headers, host: str, named: frozenset[str]) -> None:
    """Raise ForeignPage where a page of another site asks by itself.

    Browsers say so in their headers; a link of another site may be followed. ``named``
    are the origins that may ask, "*" for all.
    https://web.dev/articles/fetch-metadata
    """
    origin = headers.get("Origin", "").lower()
    if origin:
        is_allowed = origin in named or "*" in named or _is_own(origin, host)
    else:
        is_allowed = not _is_from_other_site(headers)
    if not is_allowed:
        raise ForeignPage(
            "Pages of other sites may not ask this server. "
            "If that one is to, name it in BLOGSEARCH_ORIGINS, as in https://blog.example."
        )


def check_own_page(headers: Headers, host: str) -> None:
    """Raise ForeignPage unless a page of this server itself sends, as browsers say it.

    For what changes something: a page of another site, named or not, may not, and what
    says nothing of where it comes from is no browser.
    """
    origin = headers.get("Origin", "").lower()
    is_own = _is_own(origin, host) if origin else _is_same_origin(headers)
    if not is_own:
        raise ForeignPage(
            "Only this server's own page may send this form. Programs save pages with a"
            " token, at /api/save."
        )


def _is_same_origin(headers: Headers) -> bool:
    return headers.get("Sec-Fetch-Site") == "same-origin"


def _is_from_other_site(headers: Headers) -> bool:
    if headers.get("Sec-Fetch-Site") not in ("cross-site", "same-site"):
        return False
    mode, target = headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")
    return (mode, target) != ("navigate", "document")  # else it is a link


def followable(url: str) -> str:
    """Give the address where a click may lead, "" where none may.

    Only http, https and local files that may be one article; none with a name or
    password in it, which shows one host and leads to another.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if _UNCLEAR.search(url) or "@" in parts.netloc:
        return ""
    address, mark, fragment = url.partition("#")
    if content_type(address):
        # A browser follows no link from a server to a file: we hand it over.
        return f"file?url={quote(address, safe='')}{mark}{fragment}"
    if parts.scheme in {"http", "https"} and parts.netloc:
        return url
    return ""


def followable_on_web(url: str) -> str:
    """Give the address where a click may lead, "" where none may or that is a file."""
    if is_local(url):
        return ""
    return followable(url)


def add_headers(response: Response) -> Response:
    """Add the security headers; questions are kept in no shared cache."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def let_read(response: Response, origin: str, named: frozenset[str]) -> Response:
    """Tell a browser that this page may read the answer, if its origin was named."""
    if "*" in named:
        response.headers["Access-Control-Allow-Origin"] = "*"
    elif named:
        response.vary.add("Origin")
        if origin.lower() in named:
            response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _is_own(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc == host.lower()
    except ValueError:  # http://[
        return False
