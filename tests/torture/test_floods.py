"""What a server does for honest clients while others don't behave, and when there are
too many of them."""

from __future__ import annotations

import asyncio
import functools
import re
import resource
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress

import pytest

from search.types import Article, Passage
from tests.torture.scale import FULL, rounds
from tests.web.made import made_index
from tests.web.serving import serving

HEAD = b"GET /api/search?q=%s&limit=100 HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module", autouse=True)
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Made-up articles, and a local file of 12 MB that is in the index."""
    folder = tmp_path_factory.mktemp("flood")
    large = folder / "large.txt"
    large.write_text("a line of it\n" * 1_000_000, encoding="utf-8")
    file = Article(large.as_uri(), "A large file")
    made = made_index(
        folder / "index", rounds(60, 1500), also=[(file, [Passage("large")])]
    )
    return folder / "index", made, large.as_uri()


@pytest.fixture(scope="module")
def server(index):
    told = ("--slow", "0.02", "--line-patience", str(rounds(2, 10)))
    with serving(index[0], *told, BLOGSEARCH_LOG="off") as server:
        yield server


@contextmanager
def connections(server, count):
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(server.at, timeout=30))
            for _ in range(count)
        ]


def ask(server, path):
    """Status and seconds of one honest request."""
    began = time.perf_counter()
    with urllib.request.urlopen(server.address + path, timeout=30) as answer:
        answer.read()
        return answer.status, time.perf_counter() - began


def worst(server, words, count):
    times = sorted(
        ask(server, path)[1]
        for number in range(count)
        for path in (
            "healthz",
            f"api/search?q={words[number % 50]}+{words[50 + number % 900]}",
        )
    )
    return times[int(len(times) * 0.99)]


def test_half_open_connections_and_slow_readers_leave_an_honest_client_in_peace(
    index, server
):
    """500 that never finish their request, 50 that never take their answer, 50 that
    send a byte a second."""
    _, words, large = index
    ask(server, f"api/search?q={words[0]}")
    usual = worst(server, words, rounds(5, 100))
    with (
        connections(server, 500) as half,
        connections(server, 50) as slow,
        connections(server, 50) as drips,
    ):
        for sock in half:
            sock.sendall(HEAD % b"half")
        for number, sock in enumerate(slow):
            sock.sendall(
                f"GET /file?url={large} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() if number < 10
                else HEAD % words[number].encode() + b"\r\n"
            )  # fmt: skip
        for sock in slow:
            assert sock.recv(1) == b"H"  # and no more
        over = threading.Event()

        def drip():
            while not over.wait(1.0):
                for sock in drips:
                    with suppress(OSError):
                        sock.send(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            flooded = worst(server, words, rounds(5, 300))
        finally:
            over.set()
            dripping.join()
    print(f"\np99 {usual * 1000:.0f} ms, with 600 bad clients {flooded * 1000:.0f} ms")
    assert flooded < 1.0 + usual


@pytest.mark.skipif(
    not FULL, reason="tests/web/server/test_listener.py holds the same in one process"
)
def test_few_files_shut_nobody_out(index):
    """With 250 files the server can hold fifty connections; 300 silent ones come."""
    directory, words, _ = index
    with (
        serving(directory, files=250, BLOGSEARCH_LOG="off") as server,
        connections(server, 300),
    ):
        for path in (f"api/search?q={words[0]}", "healthz", "coverage"):
            assert ask(server, path)[0] == 200


async def _one(at, path, address):
    reader, writer = await asyncio.open_connection(*at, local_addr=(address, 0))
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = (await reader.read()).decode("utf-8", "replace")
    finally:
        writer.close()
    waits = re.search(r"\r\nRetry-After: \d+\r\n", answer) is not None
    return f"{answer[9:12]}{' with Retry-After' if waits else ''}"


async def _hammer(at, paths, clients, seconds, *, address="127.0.0.1"):
    """So many connections of a client, each asking again as soon as it was answered: how
    often which answer came."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + seconds

    async def client(number):
        asked = number
        while time.monotonic() < until:
            counts[await _one(at, paths[asked % len(paths)], address)] += 1
            asked += clients

    await asyncio.gather(*map(client, range(clients)))
    return counts


def test_eight_clients_that_never_pause_are_all_answered(index, server):
    paths = [f"/api/search?q={word}" for word in index[1][:100]]
    counts = asyncio.run(_hammer(server.at, paths, 8, rounds(1, 60)))
    print(f"\n{dict(counts)}")
    assert set(counts) == {"200"}


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is an address there")
def test_one_client_with_200_connections_keeps_no_other_client_waiting(index, server):
    """Neither its questions nor its pages."""
    paths = [f"/api/search?q={word}&limit=20" for word in index[1][:150]]
    seconds = rounds(1, 60)

    async def all_at_once():
        ask = functools.partial(_hammer, server.at, seconds=seconds)
        return await asyncio.gather(
            ask(paths, 200, address="127.0.0.2"),
            ask(paths, 1),
            ask(["/coverage", "/healthz", "/related?url=https://blog0.example/0"], 1),
        )

    greedy, honest, pages = asyncio.run(all_at_once())
    print(f"\n200 connections {dict(greedy)}, one {dict(honest)}, pages {dict(pages)}")
    assert set(honest) == set(pages) == {"200"}
    # In a second they are few, and a busy machine answers one more of either.
    assert honest["200"] > rounds(1, 10) * greedy["200"] / 200
    assert pages["200"] > honest["200"] / 2


def test_a_hundredfold_overload_is_turned_away_and_leaves_no_trace(index, server):
    """200 clients that never pause, where two questions are answered at once."""
    words = index[1]
    paths = [
        f"/api/search?q={a}+{b}&limit=20"
        for a, b in zip(words[:150], words[150:300], strict=True)
    ]
    paths += [f"/api/similar?text={'+'.join(words[n : n + 40])}" for n in range(20)]
    paths += [f"/?q={word}" for word in words[:20]] + [
        "/coverage",
        "/related?url=https://blog0.example/0",
    ]
    asyncio.run(_hammer(server.at, paths, 20, rounds(1, 5)))
    before = server.memory()
    counts = asyncio.run(_hammer(server.at, paths, 200, rounds(1, 60)))
    grown = server.memory() - before
    print(f"\n{dict(counts)}, memory {before:.0f} MB and {grown:+.1f} MB")
    # A quick machine turns nobody away.
    assert {"200"} <= set(counts) <= {"200", "503 with Retry-After"}
    assert grown < 40
    recovered = [ask(server, paths[0])[0] for _ in range(5)]
    assert recovered == [200] * 5


@pytest.mark.skipif(
    not FULL, reason="tests/web/server/test_listener.py holds the same in one process"
)
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_lets_answers_in_flight_be_finished_and_takes_no_more(index, ending):
    # Tests that run under nohup would hand on that it is ignored.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    directory, words, large = index
    with serving(directory, "--slow", "0.5", BLOGSEARCH_LOG="off") as server:
        answers: list[object] = []

        def asking(path):
            with urllib.request.urlopen(server.address + path, timeout=30) as answer:
                answers.append(
                    (
                        answer.status,
                        len(answer.read()) == int(answer.headers["Content-Length"]),
                    )
                )

        paths = [
            *(f"api/search?q={word}&limit=100" for word in words[:2]),
            f"file?url={large}",
        ]
        threads = [threading.Thread(target=asking, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        with socket.create_connection(server.at) as half:
            half.sendall(HEAD % b"half")
            time.sleep(0.3)
            server.process.send_signal(ending)
            time.sleep(0.3)
            with pytest.raises(ConnectionError):
                socket.create_connection(server.at, timeout=5)
            for thread in threads:
                thread.join(30)
        assert answers == [(200, True)] * len(paths)
        assert server.process.wait(20) == 0
        assert server.process.stderr.read() == ""
