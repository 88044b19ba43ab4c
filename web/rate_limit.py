"""The rate limit: requests a minute that one client may make."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit

from web.error_responses import TooManyQuestions

SAVE = "saving.save_page"
# Wrong tokens a minute from one client, wherever it listens: a person who mistypes one
# needs fewer, and nobody guesses 256 bits.
WRONG_TOKENS = 10
FREE = frozenset(
    {
        "static",
        "api.healthz",
        "api.openapi",
        "embedding.embed_script",
        "installing.manifest",
        "metrics.page",
        "pages.opensearch",
        "saving.run_state",
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
    """Refuse a client's requests beyond ``per_minute`` (0: any number); a long text
    counts as several, and suggestions are counted apart from what was asked. Of wrong
    tokens only a few are taken in any case."""
    tokens = ApplicationLimit(
        f"{WRONG_TOKENS} per minute",
        scope="tokens",
        exempt_when=lambda: request.endpoint != SAVE,
        deduct_when=lambda response: response.status_code == 401,
        on_breach=_refuse,
    )
    limits: list[str | Callable[[], str] | ApplicationLimit] = [tokens]
    if per_minute:
        limits += _limits_of_questions(per_minute)
    Limiter(
        lambda: client_of(request.remote_addr or ""),
        app=app,
        application_limits=limits,
        storage_uri="memory://",
    )


def _limits_of_questions(per_minute: int) -> list[ApplicationLimit]:
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
    return [questions, suggestions]


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
