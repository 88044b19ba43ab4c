"""What stands between a browser and the app: the Host check and the headers on every answer."""

from __future__ import annotations

import re

from flask import Response

from web.problems import UnknownHost

_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)

# Everything comes from here and nothing is inline, so text from a blog can never run or load anything.
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

# A local file is shown as text and pictures of its own: no script, no form, no request to anywhere.
PDF_POLICY = "script-src 'none'; frame-ancestors 'none'"  # browsers' own viewers don't open in a sandbox
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a blog need not learn what was asked
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def check_host(header: str, answered: frozenset[str] | None) -> None:
    """UnknownHost unless this Host header is well-formed and names one of the answered hosts (None: any)."""
    match = _HOST.fullmatch(header)
    if match is None:
        raise UnknownHost("The request's Host header is missing or malformed.")
    name = (match["v6"] or match["name"]).lower().rstrip(".")
    if answered is not None and name not in answered:
        raise UnknownHost(
            f"This server does not answer for {name}. "
            "Open it under the address it printed, or name the host in BLOGSEARCH_ALLOWED_HOSTS."
        )


def add_headers(response: Response) -> Response:
    """The security headers; what was asked is kept in no shared cache."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
