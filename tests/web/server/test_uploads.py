"""Large bodies: taken at one address, from who has the token, within a bound."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from search.inbox.requests import Inbox
from search.inbox.token import make_token
from tests.web.canned_engine import CannedEngine
from web import create_app
from web.saving.runner import Runner
from web.saving.sent import LARGEST_BODY
from web.server import Server, channel, listener
from web.settings import Settings

SMALL = listener.LIMITS["max_request_body_size"]


@pytest.fixture
def at(tmp_path, monkeypatch):
    """Where a real server listens."""
    monkeypatch.setattr(Runner, "start", lambda runner: None)
    settings = Settings(index=tmp_path, port=0)
    server = Server(create_app(settings, CannedEngine()), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield ("127.0.0.1", int(server.effective_port))
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def token(tmp_path):
    return make_token(tmp_path)


def head(*lines: str, token: str = "", path: str = "/api/save") -> bytes:
    if token:
        lines += (f"Authorization: Bearer {token}",)
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines)  # fmt: skip
    return "\r\n".join((*lines, "", "")).encode()


def body(size: int) -> bytes:
    """A request with a page of so many bytes."""
    page = {"url": "https://blog.example/", "html": "x" * size}
    return json.dumps(page).encode()


@contextmanager
def connected(at):
    with socket.create_connection(at, timeout=30) as sock:
        yield sock


def answer(sock) -> tuple[int, bytes]:
    parts = []
    while part := sock.recv(1_000_000):
        parts.append(part)
    text = b"".join(parts)
    return int(text.split()[1]), text


def chunked(data: bytes) -> bytes:
    pieces = [data[n : n + 50_000] for n in range(0, len(data), 50_000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_a_large_page_is_taken_from_who_has_the_token(at, token, tmp_path, coding):
    data = body(3_000_000)
    with connected(at) as sock:
        if coding == "length":
            sock.sendall(head(f"Content-Length: {len(data)}", token=token) + data)
        else:
            sock.sendall(
                head("Transfer-Encoding: chunked", token=token) + chunked(data)
            )
        assert answer(sock)[0] == 202
    (letter,) = Inbox(tmp_path).letters()
    assert len(letter.request.html) == 3_000_000


@pytest.mark.parametrize("coding", ["length", "chunked", "expect"])
@pytest.mark.parametrize("given", ["", "wrong"])
def test_others_hear_why_and_nothing_of_theirs_is_kept(
    at, token, tmp_path, coding, given
):
    data = body(3_000_000)
    with connected(at) as sock:
        match coding:
            case "length":
                sock.sendall(head(f"Content-Length: {len(data)}", token=given) + data)
            case "chunked":
                sock.sendall(
                    head("Transfer-Encoding: chunked", token=given) + chunked(data)
                )
            case "expect":
                # As curl does: it sends the body only when it may.
                sock.sendall(
                    head(
                        f"Content-Length: {len(data)}",
                        "Expect: 100-continue",
                        token=given,
                    )
                )
        status, text = answer(sock)
    assert status == 401
    assert b"100 Continue" not in text
    assert b"wrong-token" in text
    assert len(Inbox(tmp_path)) == 0


def test_who_has_the_token_may_ask_first(at, token, tmp_path):
    data = body(1_500_000)
    with connected(at) as sock:
        sock.sendall(
            head(f"Content-Length: {len(data)}", "Expect: 100-continue", token=token)
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(data)
        assert answer(sock)[0] == 202
    assert len(Inbox(tmp_path)) == 1


def test_what_is_larger_than_any_page_is_refused_before_it_comes(at, token):
    with connected(at) as sock:
        sock.sendall(head(f"Content-Length: {LARGEST_BODY}", token=token))
        assert answer(sock)[0] == 413


@pytest.mark.parametrize("path", ["/add", "/api/search", "/api/save/", "//api/save"])
def test_no_other_address_takes_a_large_body(at, token, path):
    with connected(at) as sock:
        sock.sendall(head(f"Content-Length: {SMALL}", token=token, path=path))
        assert answer(sock)[0] == 413


def test_a_slow_phone_gets_the_time_that_its_page_takes(at, token, monkeypatch):
    monkeypatch.setattr(channel, "PATIENCE", 0.2)
    monkeypatch.setattr(listener, "LOOK_EVERY", 0.05)
    data = body(20_000)
    for sent_token, is_taken in ((token, True), ("wrong", False)):
        with connected(at) as sock:
            sock.sendall(head(f"Content-Length: {len(data)}", token=sent_token))
            time.sleep(1)
            try:
                sock.sendall(data)
                assert (answer(sock)[0] == 202) == is_taken
            except (ConnectionError, IndexError):
                assert not is_taken
