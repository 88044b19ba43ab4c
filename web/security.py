"""Guards between a browser and the app: hosts, origins, links, the headers of answers."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote, urlsplit

from flask import Response
from werkzeug.datastructures import Headers

from web.error_responses import ForeignPage, UnknownHost

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
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

# A local file is shown as text and pictures of its own: no script, no form, no request
# to anywhere.
# Browsers' own PDF viewers don't open in a sandbox.
PDF_POLICY = "script-src 'none'; frame-ancestors 'none'"
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


def _is_from_other_site(headers: Headers) -> bool:
    if headers.get("Sec-Fetch-Site") not in ("cross-site", "same-site"):
        return False
    mode, target = headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")
    return (mode, target) != ("navigate", "document")  # else it is a link


def followable(url: str) -> str:
    """Give the address where a click may lead, "" where none may.

    Only http, https and files of the index; none with a name or password in it, which
    shows one host and leads to another.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if _UNCLEAR.search(url) or "@" in parts.netloc:
        return ""
    if parts.scheme == "file":
        # A browser follows no link from a server to a file: we hand it over.
        address, mark, fragment = url.partition("#")
        return f"file?url={quote(address, safe='')}{mark}{fragment}"
    if parts.scheme in {"http", "https"} and parts.netloc:
        return url
    return ""


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


def file_policy(page: bytes) -> str:
    """Make the policy of a local HTML page: its own style sheets, by their hashes."""
    sheets = dict.fromkeys(_STYLE.findall(page.replace(b"\r\n", b"\n")))
    hashes = []
    for sheet in list(sheets)[:MOST_STYLES]:
        hashes.append(f"'sha256-{b64encode(sha256(sheet).digest()).decode()}'")
    return _FILE_POLICY.format(" ".join(hashes) or "'none'")


def _is_own(origin: str, host: str) -> bool:
    return urlsplit(origin).netloc == host.lower()
