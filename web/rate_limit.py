"""The rate limit: requests a minute that one client may make."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from web.error_responses import TooManyQuestions

FREE = frozenset(
    {
        "static",
        "api.healthz",
        "api.openapi",
        "embedding.embed_script",
        "installing.manifest",
        "metrics.page",
        "pages.opensearch",
    }
)
SUGGEST = "api.suggest"
# Suggestions that are allowed beside each question: the page asks for one at most each
# 350 ms, so that somebody who types without a pause needs 171 a minute.
SUGGESTIONS_A_QUESTION = 3
# A composed answer keeps a language model busy for as long as many questions the engine,
# and may cost money.
QUESTIONS_AN_ANSWER = 10
ANSWERS = frozenset({"answers.stream", "answers.page"})
# Characters of a pasted text that cost about as much as one question.
CHARACTERS_A_QUESTION = 500


def limit_clients(app: Flask, per_minute: int) -> None:
    """Refuse a client's requests beyond ``per_minute``; a long text counts as several,
    and suggestions are counted apart from what was asked."""
    questions = ApplicationLimit(
        f"{per_minute} per minute",
        scope="questions",
        exempt_when=lambda: request.endpoint in FREE or request.endpoint == SUGGEST,
        cost=lambda: min(per_minute, _cost()),
        on_breach=_refuse,
    )
    suggestions = ApplicationLimit(
        f"{per_minute * SUGGESTIONS_A_QUESTION} per minute",
        scope="suggestions",
        exempt_when=lambda: request.endpoint != SUGGEST,
        on_breach=_refuse,
    )
    Limiter(
        lambda: client_of(request.remote_addr or ""),
        app=app,
        application_limits=[questions, suggestions],
        storage_uri="memory://",
    )


def client_of(address: str) -> str:
    """Tell clients apart by address; all 2^64 addresses of an IPv6 network are one."""
    host = address.strip()
    # Some proxies name the port too.
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


def client_behind(address: str, forwarded: str, proxies: int) -> str:
    """Tell who asks through so many proxies, each of which adds to X-Forwarded-For whom
    it was asked by."""
    named = forwarded.split(",")
    if proxies and len(named) >= proxies and named[-proxies].strip():
        address = named[-proxies]
    return client_of(address)


def _cost() -> int:
    if request.endpoint in ANSWERS:
        return QUESTIONS_AN_ANSWER
    return 1 + len(request.args.get("text", "")) // CHARACTERS_A_QUESTION


def _refuse(limit: RequestLimit) -> None:
    raise TooManyQuestions(max(1, limit.reset_at - int(time.time())))
