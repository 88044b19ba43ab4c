"""What stands between a browser and the app: whom it answers, and the headers on every
answer."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Response
from werkzeug.datastructures import Headers

from web.error_responses import ForeignPage, UnknownHost

_HOST = re.compile(
    r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?",
    re.ASCII,
)

# Everything comes from here and nothing is inline, so text from a blog can never run or
# load anything.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# A local file is shown as text and pictures of its own: no script, no form, no request
# to anywhere.
PDF_POLICY = "script-src 'none'; frame-ancestors 'none'"  # browsers' own viewers don't open in a sandbox
_FILE_POLICY = (
    "sandbox; default-src 'none'; style-src {}; img-src data:; frame-ancestors 'none'"
)
_STYLE = re.compile(rb"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
MOST_STYLES = 40  # style sheets of one page; the header has to stay short

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a blog need not learn what was asked
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def check_host(header: str, answered: frozenset[str] | None) -> None:
    """UnknownHost unless this Host header is well-formed and names one of the answered
    hosts (None: any)."""
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
    """ForeignPage where another site's page asks by itself, which a browser says; its
    links may be followed.

    ``named`` are the origins that may ask, "*" for all.
    https://web.dev/articles/fetch-metadata
    """
    origin = headers.get("Origin", "").lower()
    if origin and (origin in named or "*" in named or _is_own(origin, host)):
        return
    is_foreign = headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")
    is_link = (
        headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )
    if origin or (is_foreign and not is_link):
        raise ForeignPage(
            "Pages of other sites may not ask this server. "
            "If that one is to, name it in BLOGSEARCH_ORIGINS, as in https://blog.example."
        )


def add_headers(response: Response) -> Response:
    """The security headers; what was asked is kept in no shared cache."""
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


def file_policy(page: bytes) -> str:
    """The policy for a local HTML page: of styles only the sheets that are written in
    it, by their hashes."""
    sheets = dict.fromkeys(
        found.replace(b"\r\n", b"\n") for found in _STYLE.findall(page)
    )
    hashes = [
        f"'sha256-{b64encode(sha256(sheet).digest()).decode()}'" for sheet in sheets
    ]
    return _FILE_POLICY.format(" ".join(hashes[:MOST_STYLES]) or "'none'")


def _is_own(origin: str, host: str) -> bool:
    return urlsplit(origin).netloc == host.lower()
