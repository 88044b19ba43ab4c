"""The rate limit: how many requests a client may make in a minute."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit

from web.error_responses import TooManyQuestions

FREE = frozenset({"static", "pages.healthz", "pages.openapi", "pages.opensearch"})
LETTERS_A_QUESTION = 500  # of a pasted text; that takes about as long as a question


def limit_clients(app: Flask, per_minute: int) -> None:
    """Answer each client so many questions a minute and no more; a long text counts as
    several."""
    Limiter(
        lambda: client_of(request.remote_addr or ""),
        app=app,
        application_limits=[f"{per_minute} per minute"],
        application_limits_exempt_when=lambda: request.endpoint in FREE,
        application_limits_cost=lambda: min(per_minute, _cost()),
        storage_uri="memory://",
        on_breach=_refuse,
    )


def client_of(address: str) -> str:
    """Whose an address is: an IPv6 one is any of the 2^64 of one customer. Some proxies
    name the port too."""
    host = address.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        known = ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))


def _cost() -> int:
    return 1 + len(request.args.get("text", "")) // LETTERS_A_QUESTION


def _refuse(limit: RequestLimit) -> None:
    raise TooManyQuestions(max(1, limit.reset_at - int(time.time())))
