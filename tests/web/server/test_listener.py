from __future__ import annotations

import json
import logging
import re
import resource
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest

from web import create_app
from web.server import Server, channel, listener
from web.server.lanes import Kind
from web.settings import Settings

HEAD = b"GET /api/search?q=gradient HTTP/1.1\r\nHost: localhost\r\n"
LARGE = 12_000_000  # bytes: more than the system's buffers of a connection hold


@pytest.fixture
def large(tmp_path, engine):
    """The address of a large local file that is in the index."""
    path = tmp_path / "large.txt"
    path.write_bytes(b"x" * LARGE)
    engine.hits[0] = replace(engine.hits[0], url=path.as_uri())
    return f"/file?url={path.as_uri()}"


@contextmanager
def running(engine, **told):
    settings = Settings(port=0, **told)
    server = Server(create_app(settings, engine), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, ("127.0.0.1", int(server.effective_port)), thread
    finally:
        engine.held.set()
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


def get(at, path):
    with socket.create_connection(at, timeout=20) as sock:
        sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        parts = []
        while part := sock.recv(1_000_000):
            parts.append(part)
        return b"".join(parts)


def questions_in(server):
    """Count the questions that came and are not answered yet."""
    waiting = [channel.requests[:1] for channel in server.active_channels.values()]
    return sum(request.path == "/api/search" for [request] in filter(None, waiting))


def is_ended(sock):
    sock.settimeout(0.1)
    try:
        return sock.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    "way",
    ["silent", "half a head", "head by bytes", "body by bytes", "after an answer"],
)
def test_a_client_that_never_comes_to_an_end_is_cut_off(engine, monkeypatch, way):
    monkeypatch.setattr(channel, "PATIENCE", 0.5)
    monkeypatch.setattr(listener, "LOOK_EVERY", 0.1)
    with running(engine) as (_, at, _), socket.create_connection(at) as sock:
        began = time.monotonic()
        if way != "silent":
            sock.sendall(HEAD)
        if way == "body by bytes":
            sock.sendall(b"Content-Length: 9000\r\n\r\n")
        if way == "after an answer":
            sock.sendall(b"\r\n")
            assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        while not is_ended(sock):
            assert time.monotonic() - began < 10
            if "bytes" in way:
                with suppress(ConnectionError):
                    sock.sendall(b"x")


def test_a_client_that_takes_nothing_is_cut_off_and_one_that_takes_it_slowly_is_not(
    engine, large, monkeypatch
):
    monkeypatch.setattr(channel, "PATIENCE", 0.3)
    monkeypatch.setattr(listener, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(channel, "SLOWEST", 3 * LARGE)
    with running(engine) as (server, at, _), socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(at)
        sock.sendall(f"GET {large} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        began = time.monotonic()
        assert sock.recv(12) == b"HTTP/1.1 200"
        while server.active_channels:
            assert time.monotonic() - began < 10
            time.sleep(0.05)
    monkeypatch.setattr(channel, "SLOWEST", LARGE / 60)
    with running(engine) as (_, at, _), socket.create_connection(at) as sock:
        sock.sendall(
            f"GET {large} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        taken = len(sock.recv(100))
        time.sleep(1.5)
        sock.settimeout(20)
        while part := sock.recv(1_000_000):
            taken += len(part)
    assert taken > LARGE


def test_who_waits_longest_makes_room_where_all_places_are_taken(engine, monkeypatch):
    monkeypatch.setattr(listener, "CONNECTIONS", 20)
    with running(engine) as (_, at, _), ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(at)) for _ in range(30)]
        assert get(at, "/healthz").startswith(b"HTTP/1.1 200")
        ended = [number for number, sock in enumerate(silent) if is_ended(sock)]
        assert ended == list(range(len(ended)))
        assert 10 <= len(ended) <= 12


def test_there_are_no_more_connections_than_files_allow(monkeypatch):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 300))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert listener._connections() == 75  # each may take a file as well
    assert asked == [(300, 300)]


def test_stopped_it_finishes_what_was_asked_and_takes_no_more(engine, large):
    answers = {}

    def ask(path):
        answers[path] = get(at, path)

    with running(engine, threads=8) as (server, at, thread), ExitStack() as stack:
        engine.held.clear()
        paths = [f"/api/search?q=gradient&limit={n}" for n in range(1, 6)]
        asking = [threading.Thread(target=ask, args=(path,)) for path in paths]
        for one in asking:
            one.start()
        assert engine.began.wait(10)
        slow, half, idle = (
            stack.enter_context(socket.create_connection(at, timeout=20))
            for _ in range(3)
        )
        slow.sendall(
            f"GET {large} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        taken = len(slow.recv(12))
        half.sendall(HEAD)
        idle.sendall(HEAD + b"\r\n")
        deadline = time.monotonic() + 10
        while questions_in(server) < 6:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.stop()
        while server.accepting and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        with pytest.raises(ConnectionError):
            socket.create_connection(at, timeout=5)
        assert thread.is_alive()
        while part := slow.recv(1_000_000):
            taken += len(part)
        engine.held.set()
        for one in asking:
            one.join(20)
        assert is_ended(half)
        thread.join(20)
    assert taken > LARGE
    for path in paths:
        results = json.loads(answers[path].partition(b"\r\n\r\n")[2])["results"]
        assert len(results) == int(path[-1])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX <script>: 1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: secret\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"GET /" + b"x" * 140_000 + b" HTTP/1.1\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n<b>\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
    ],
)  # fmt: skip
def test_what_is_no_request_is_answered_in_our_words_with_our_headers(
    address, sent, status
):
    at = re.search(r"//([\d.]+):(\d+)", address).groups()
    with socket.create_connection(at, timeout=20) as sock:
        sock.sendall(sent)
        with suppress(OSError):  # it may have answered and gone
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionError):
            while part := sock.recv(65536):
                answer += part
    head, _, body = answer.decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.{head[7]} {status} ")
    assert "Content-Security-Policy: default-src 'none'" in head
    assert "X-Content-Type-Options: nosniff" in head
    assert "Referrer-Policy: no-referrer" in head
    assert "Server:" not in head
    for word in (
        "waitress",
        "secret",
        "<script>",
        "<b>",
        "Traceback",
        "131072",
        "python",
    ):
        assert word.lower() not in answer.decode().lower()
    assert body.endswith((".\n", "</html>\n", "</html>"))


def test_requests_are_logged_without_addresses_and_questions_unless_told(
    engine, caplog
):
    caplog.set_level(logging.INFO, "blogsearch.access")

    def lines():
        deadline = time.monotonic() + 10
        while len(caplog.records) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        return [json.loads(record.getMessage()) for record in caplog.records]

    with running(engine) as (_, at, _):
        get(at, "/api/search?q=gradient+secret")
        get(at, "/nothing%0A%22%1b[31m" + "x" * 500)
        get(at, "/static/page.css")
        with socket.create_connection(at) as sock:
            sock.sendall(b"NONSENSE\r\n\r\n")
            assert b" 400 " in sock.recv(65536)
        logged = lines()
    assert [(one["method"], one["path"], one["status"]) for one in logged] == [
        ("GET", "/api/search", 200), ("GET", ('/nothing\n"\x1b[31m' + "x" * 500)[:200], 404),
        ("GET", "/static/page.css", 200), ("", "", 400),
    ]  # fmt: skip
    assert all(
        set(one) == {"time", "method", "path", "status", "ms", "bytes"}
        for one in logged
    )
    assert all(
        one["ms"] >= 0 and one["bytes"] > 0 and one["time"].endswith("+00:00")
        for one in logged
    )
    assert "secret" not in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert all(record.getMessage().isprintable() for record in caplog.records)


def test_addresses_and_questions_are_logged_where_that_was_asked_for(engine, caplog):
    caplog.set_level(logging.INFO, "blogsearch.access")
    app = create_app(Settings(log="full"), engine)
    spoofed = {"X-Forwarded-For": "203.0.113.9"}
    with app.test_client().get(
        "/api/search?q=gradient+secret", headers=spoofed
    ) as answer:
        assert answer.data
    line = json.loads(caplog.records[0].getMessage())
    assert (line["address"], line["query"]) == ("127.0.0.1", "q=gradient+secret")
    caplog.clear()
    with create_app(Settings(log="off"), engine).test_client().get("/") as answer:
        assert answer.data
    assert not caplog.records


def ask_all(at, count, stack):
    """So many questions, each on a connection of its own."""
    asked = [
        stack.enter_context(socket.create_connection(at, timeout=20))
        for _ in range(count)
    ]
    for sock in asked:
        sock.sendall(HEAD + b"Connection: close\r\n\r\n")
    return asked


def until(is_so):
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def statuses(asked):
    found = []
    for sock in asked:
        answer = sock.recv(65536)
        found.append(int(answer[9:12]))
        assert (found[-1] == 503) == (b"\r\nRetry-After: " in answer)
    return found


def test_more_than_fit_the_line_are_turned_away_at_once_and_pages_are_not(
    engine, monkeypatch
):
    monkeypatch.setattr(listener, "CONNECTIONS", 20)
    engine.held.clear()
    with running(engine) as (server, at, _), ExitStack() as stack:
        asked = ask_all(at, 2, stack)
        line = server._lanes[Kind.QUESTION].queue
        until(lambda: engine.asked == 2)
        asked += ask_all(at, 14, stack)
        until(lambda: len(line) == 10)
        assert statuses(asked[12:]) == [503] * 4
        assert get(at, "/coverage").startswith(b"HTTP/1.1 200")
        engine.held.set()
        assert statuses(asked[:12]) == [200] * 12


def test_who_waits_too_long_for_a_turn_is_told_when_to_come_back(engine, monkeypatch):
    monkeypatch.setattr(channel, "LINE_PATIENCE", 0.2)
    engine.held.clear()
    with running(engine) as (_, at, _), ExitStack() as stack:
        asked = ask_all(at, 2, stack)
        until(lambda: engine.asked == 2)
        asked += ask_all(at, 3, stack)
        time.sleep(0.4)
        engine.held.set()
        assert statuses(asked) == [200, 200, 503, 503, 503]
        assert statuses(ask_all(at, 1, stack)) == [200]
    assert engine.asked == 3


def test_a_question_whose_client_has_left_is_not_answered(engine, monkeypatch):
    monkeypatch.setattr(channel, "SHORT_WAIT", 0.0)
    engine.held.clear()
    with running(engine) as (server, at, _), ExitStack() as stack:
        ask_all(at, 2, stack)
        until(lambda: engine.asked == 2)
        with ExitStack() as leaving:
            ask_all(at, 5, leaving)
            until(lambda: len(server._lanes[Kind.QUESTION].queue) == 5)
        asked = ask_all(at, 1, stack)
        until(lambda: len(server._lanes[Kind.QUESTION].queue) == 6)
        engine.held.set()
        assert statuses(asked) == [200]
    assert engine.asked == 3


def test_those_whose_turn_does_not_come_before_the_end_are_told(engine, monkeypatch):
    monkeypatch.setattr(listener, "GRACE", 1.2)
    engine.held.clear()
    with running(engine) as (server, at, _), ExitStack() as stack:
        asked = ask_all(at, 4, stack)
        until(lambda: engine.asked == 2)
        server.stop()
        assert sorted(statuses(asked[2:])) == [503, 503]
