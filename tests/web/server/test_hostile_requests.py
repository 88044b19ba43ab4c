from __future__ import annotations

import io
import json
import logging
import re
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from tests.web.canned_engine import CannedEngine
from tests.web.hostile_requests import FORGING, FRAMINGS, WITH_BODY, request, some
from web import create_app
from web.access_log import LogFormatter
from web.server import Server
from web.settings import Settings

RECORD = re.compile(r"\{.*\}|[A-Z]+ [a-z._]+: .*|    .*", re.IGNORECASE)


@pytest.fixture(scope="module", params=[0, 1], ids=["alone", "behind a proxy"])
def served(request):
    """A server's address, and what it logs."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(LogFormatter("%(levelname)s %(name)s: %(message)s"))
    access = logging.getLogger("blogsearch.access")
    access.setLevel(logging.INFO)
    # A server that a test before this one started keeps its lines to itself.
    kept, access.propagate = access.propagate, True
    settings = Settings(port=0, log="full", proxies=request.param, per_minute=0)
    logging.getLogger().addHandler(handler)
    server = Server(create_app(settings, CannedEngine()), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield ("127.0.0.1", int(server.effective_port)), log
    finally:
        server.stop()
        thread.join(20)
        logging.getLogger().removeHandler(handler)
        access.propagate = kept


@contextmanager
def connected(at):
    with socket.create_connection(at, timeout=5) as sock:
        yield sock


def answers(at, sent):
    """All that comes back until the server ends the connection."""
    with connected(at) as sock:
        parts = []
        with suppress(ConnectionError):  # it may have answered and gone already
            sock.sendall(sent)
        with suppress(ConnectionError):
            while part := sock.recv(65536):
                parts.append(part)
        return b"".join(parts)


def status(answer):
    return int(answer[9:12])


def assert_clean(text):
    """One line a record, none of it from outside, nothing that a terminal acts upon."""
    for line in text.splitlines():
        assert RECORD.fullmatch(line), line
        assert not line.startswith(FORGING), line
    assert all(letter == "\n" or letter.isprintable() for letter in text)
    assert "Traceback" not in text


def test_no_header_and_no_address_is_an_error_of_ours_or_writes_the_log(served):
    at, log = served
    for one in some(300):
        answer = answers(at, request(*one))
        assert 200 <= status(answer) < 500, one
    assert_clean(log.getvalue())


@pytest.mark.parametrize("origin", ["http://[", "http://[\x1b[31m", "http://]["])
@pytest.mark.parametrize("path", ["/api/search?q=x", "/?q=x", "/healthz"])
def test_an_origin_that_is_none_is_foreign(client, origin, path):
    response = client.get(path, headers={"Origin": origin})
    assert response.status_code == 403
    if path != "/?q=x":
        assert response.get_json()["error"]["code"] == "foreign-page"


@pytest.mark.parametrize("form", FRAMINGS)
def test_what_may_be_read_as_two_requests_is_refused_and_ends_the_connection(
    served, form
):
    answer = answers(served[0], FRAMINGS[form])
    assert status(answer) in (400, 413, 501)
    assert answer.count(b"HTTP/1.") == 1
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize("form", WITH_BODY)
def test_nothing_behind_a_body_is_read(served, form):
    answer = answers(served[0], WITH_BODY[form])
    assert status(answer) in (200, 405)
    assert answer.count(b"HTTP/1.") == 1
    assert b"\r\nConnection: close\r\n" in answer


def test_framings_are_refused_byte_by_byte_too(served):
    for form in ("a bare LF in a header", "coding and length", "bare LFs"):
        with connected(served[0]) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionError):
                for byte in FRAMINGS[form][:200]:
                    sock.sendall(bytes([byte]))
            with suppress(ConnectionError):
                assert sock.recv(12).endswith(b" 400")


def test_honest_ways_to_ask_are_answered(served):
    at, _ = served
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    # Pipelined, with the empty line that old clients send behind a request.
    assert answers(at, ask * 5 + b"\r\n" + last).count(b"HTTP/1.1 200 OK") == 6
    old = b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n"
    assert answers(at, old + b"\r\n").count(b"HTTP/1.0 200 OK") == 1
    kept = old + b"Connection: keep-alive\r\n\r\n"
    assert answers(at, kept * 3 + old + b"\r\n").count(b"HTTP/1.0 200 OK") == 4
    whole = last.replace(b"GET /", b"GET http://localhost/")
    assert status(answers(at, whole)) == 200
    head = answers(at, last.replace(b"GET", b"HEAD"))
    assert status(head) == 200
    assert head.endswith(b"\r\n\r\n")
    star = answers(at, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")  # fmt: skip
    assert status(star) in (200, 204, 404)
    waits = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    with connected(at) as sock:
        sock.sendall(waits)
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abcd")
        assert status(sock.recv(65536)) == 405


def test_a_traceback_keeps_its_lines_and_lets_none_begin_from_outside():
    def record(failing):
        try:
            raise RuntimeError(failing)
        except RuntimeError as error:
            made = logging.getLogger("x").makeRecord
            info = (type(error), error, error.__traceback__)
            return made("x", logging.ERROR, "", 0, "at %s", (failing,), info)

    text = LogFormatter("%(levelname)s %(message)s").format(
        record(f"\x1b]0;title\x07\r{FORGING}\n{FORGING}\u202e\t\x9b31m")
    )
    first, *rest = text.split("\n")
    assert first.startswith("ERROR at ")
    assert first.count(FORGING) == 2
    assert len(rest) > 3
    assert all(line.startswith("    ") for line in rest)
    assert all(line.isprintable() for line in (first, *rest))


def test_a_line_of_the_log_is_whole_json_whatever_was_asked(served):
    at, log = served
    log.truncate(0)
    log.seek(0)
    answers(at, b"GET /%00%1b%0d%0a?q=%0a%85 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")  # fmt: skip
    # An answer comes before its line, that of the test before this one too.
    deadline = time.monotonic() + 10
    while not (
        found := [one for one in log.getvalue().split("\n")[:-1] if "u001b" in one]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (line,) = found
    assert json.loads(line.partition(": ")[2])["path"] == "/\0\x1b\r\n"
