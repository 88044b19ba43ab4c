"""Replies made to fill the memory or to hold on for ever: each ends by a cap or by the
deadline."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers import Served, raw, scripted
from tests.torture.scale import FULL, rounds

SIZE = rounds(16, 2048) << 20  # bytes of a bomb
DEADLINE = rounds(1, 30)  # seconds; 30 is what everyone has
MAX_BYTES = rounds(1, 80) << 18  # of a page; 20 MiB is what everyone has
DRIP = 0.5  # seconds between two bytes
# seconds beyond the deadline: 1 is promised, the suite may run on a loaded machine
LATE = rounds(4, 1)
MOST_MEMORY = 50 << 20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CAPPED = {"too-large", "garbled", "connection"}
LATE_REASONS = {"too-slow", "timeout"}

Talk = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Attack:
    """``ends``: how the fetch may end, FetchError's reasons or "page"."""

    talk: Talk
    ends: frozenset[str]
    article: bool = False
    scheme: str = "http"


ATTACKS: dict[str, Attack] = {}


def attack(name: str, talk: Talk, *ends: str, **more: object) -> None:
    assert name not in ATTACKS
    ATTACKS[name] = Attack(talk, frozenset(ends), **more)  # type: ignore[arg-type]


def request(sock: socket.socket) -> str:
    """The path that was asked."""
    said = b""
    while b"\r\n\r\n" not in said:
        part = sock.recv(65536)
        if not part:
            return ""
        said += part
    return said.split()[1].decode()


def says(*pieces: bytes) -> Talk:
    """Sends the pieces, and what follows of the same without end if the last is
    empty."""

    def talk(sock: socket.socket, over: threading.Event) -> None:
        request(sock)
        for piece in pieces:
            sock.sendall(piece)
        over.wait(DEADLINE + 60)

    return talk


def closes(talk: Talk) -> Talk:
    """Ends the connection as soon as all is said."""
    return lambda sock, _: talk(sock, OVER)


OVER = threading.Event()
OVER.set()


def floods(head: bytes, pieces: Iterable[bytes]) -> Talk:
    """Sends as fast as it can."""

    def talk(sock: socket.socket, over: threading.Event) -> None:
        request(sock)
        sock.sendall(head)
        for piece in pieces:
            if over.is_set():
                return
            sock.sendall(piece)

    return talk


def drips(head: bytes, pieces: Iterable[bytes]) -> Talk:
    def talk(sock: socket.socket, over: threading.Event) -> None:
        request(sock)
        sock.sendall(head)
        for piece in pieces:
            sock.sendall(piece)
            if over.wait(DRIP):
                return

    return talk


# Bombs


def compressed(size: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


GZIP = compressed(SIZE, zlib.MAX_WBITS | 16)
TWICE = gzip.compress(GZIP)
# A Zstandard frame of blocks that each say one byte 128 KiB times over (RFC 8878,
# 3.1.1.2.2).
ZSTD = (
    b"\x28\xb5\x2f\xfd\x00\x58"
    + b"\x02\x00\x10\x00" * (SIZE >> 17)
    + b"\x03\x00\x00\x00"
)
BOMBS = {
    "gzip": GZIP,
    "x-gzip": GZIP,
    "deflate": compressed(SIZE, zlib.MAX_WBITS),
    "Deflate": compressed(SIZE, -zlib.MAX_WBITS),
    "zstd": ZSTD,
    "br": b"\x1b" + bytes(1 << 20),
    "gzip, gzip": TWICE,
    "deflate, gzip": gzip.compress(compressed(SIZE, zlib.MAX_WBITS)),
    "br, gzip": TWICE,
    ", ".join(["gzip"] * 12): TWICE,
}


def bomb(
    status: bytes, coding: str, *, extra: bytes = b"", chunked: bool = False
) -> Talk:
    body = BOMBS[coding]
    head = b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nContent-Encoding: %b\r\n%b" % (
        status,
        coding.encode(),
        extra,
    )
    if chunked:
        return says(
            head
            + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body)
            + body
            + b"\r\n0\r\n\r\n"
        )
    return says(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


for coding in BOMBS:
    attack(f"200, {coding[:24]}", bomb(b"200 OK", coding), *CAPPED)
for coding in ("gzip", "gzip, gzip", "zstd"):
    attack(f"200, {coding}, chunked", bomb(b"200 OK", coding, chunked=True), *CAPPED)
    attack(f"404, {coding}", bomb(b"404 No", coding), "not-found")
    attack(
        f"404, {coding}, chunked", bomb(b"404 No", coding, chunked=True), "not-found"
    )
    attack(f"500, {coding}", bomb(b"500 Oh", coding), "server-error")
    attack(
        f"302 to file:, {coding}",
        bomb(b"302 Go", coding, extra=b"Location: file:///etc/passwd\r\n"),
        "bad-redirect",
    )


def then(first: Talk, second: bytes, *, at: str = "/") -> Talk:
    """``first`` at this path, ``second`` at all others."""

    def talk(sock: socket.socket, over: threading.Event) -> None:
        asked = sock.recv(65536, socket.MSG_PEEK).split()[1].decode()
        closes(first if asked == at else says(second))(sock, over)

    return talk


PAGE = OK + b"Content-Length: 5\r\nConnection: close\r\n\r\nhello"
for coding in ("gzip", "gzip, gzip"):
    attack(
        f"302 on to a page, {coding}",
        then(bomb(b"302 Go", coding, extra=b"Location: /on\r\n"), PAGE),
        "page",
    )
    attack(
        f"robots.txt, {coding}",
        then(bomb(b"200 OK", coding), PAGE, at="/robots.txt"),
        "page",
        "robots-unreachable",
        article=True,
    )

# Drips

attack(
    "drip: status line", drips(b"HTTP/1.1 200 ", itertools.repeat(b"O")), *LATE_REASONS
)
attack("drip: a header", drips(OK + b"X: ", itertools.repeat(b"x")), *LATE_REASONS)
attack("drip: headers", drips(OK, itertools.repeat(b"X: y\r\n")), *LATE_REASONS)
attack(
    "drip: body",
    drips(OK + b"Content-Length: 9999\r\n\r\n", itertools.repeat(b"x")),
    *LATE_REASONS,
)
attack(
    "drip: body without length",
    drips(OK + b"\r\n", itertools.repeat(b"x")),
    *LATE_REASONS,
)
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
attack("drip: chunks", drips(CHUNKED, itertools.repeat(b"1\r\nx\r\n")), *LATE_REASONS)
attack("drip: a chunk's size", drips(CHUNKED, itertools.repeat(b"0")), *LATE_REASONS)
attack(
    "drip: a chunk", drips(CHUNKED + b"ffff\r\n", itertools.repeat(b"x")), *LATE_REASONS
)
attack(
    "drip: trailers",
    drips(CHUNKED + b"5\r\nhello\r\n0\r\n", itertools.repeat(b"X: y\r\n")),
    *LATE_REASONS,
)
attack(
    "drip: 100 Continue",
    drips(b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
    *LATE_REASONS,
)
attack(
    "drip: gzip",
    drips(OK + b"Content-Encoding: gzip\r\n\r\n", (bytes([b]) for b in GZIP)),
    *LATE_REASONS,
)
attack(
    "drip: body of a 302",
    drips(
        b"HTTP/1.1 302 Go\r\nLocation: /on\r\nContent-Length: 9999\r\n\r\n",
        itertools.repeat(b"x"),
    ),
    "redirect-loop",
    *LATE_REASONS,
)
attack(
    "drip: body of a 404",
    drips(b"HTTP/1.1 404 No\r\nContent-Length: 9999\r\n\r\n", itertools.repeat(b"x")),
    "not-found",
)
attack("silence", lambda sock, over: over.wait(DEADLINE + 60), *LATE_REASONS)
attack("silence after the request", says(b""), *LATE_REASONS)
attack("silence after the head", says(OK + b"Content-Length: 9\r\n\r\n"), *LATE_REASONS)


def slow_handshake(sock: socket.socket, over: threading.Event) -> None:
    sock.recv(65536)
    sock.sendall(b"\x16\x03\x03\x40\x00")  # a record of the handshake, 16 KiB long
    while not over.wait(DRIP):
        sock.sendall(b"\x02")


attack(
    "TLS: silence",
    lambda sock, over: over.wait(DEADLINE + 60),
    "timeout",
    "tls",
    scheme="https",
)
attack("TLS: a drip", slow_handshake, "timeout", "tls", scheme="https")

# Without end

LONG = b"x" * 60_000
attack("endless: body", floods(OK + b"\r\n", itertools.repeat(LONG)), *CAPPED)
attack(
    "endless: chunks",
    floods(CHUNKED, itertools.repeat(b"ea60\r\n" + LONG + b"\r\n")),
    *CAPPED,
)
attack(
    "endless: one chunk",
    floods(CHUNKED + b"7fffffffffffffff\r\n", itertools.repeat(LONG)),
    *CAPPED,
)
attack(
    "endless: tiny chunks",
    floods(CHUNKED, itertools.repeat(b"1\r\nx\r\n" * 5_000)),
    *CAPPED,
    *LATE_REASONS,
)
attack(
    "endless: chunk of -1", floods(CHUNKED + b"-1\r\n", itertools.repeat(LONG)), *CAPPED
)
attack(
    "endless: a chunk's size", floods(CHUNKED, itertools.repeat(b"0" * 60_000)), *CAPPED
)
attack(
    "endless: a chunk's extension",
    floods(CHUNKED + b"5;", itertools.repeat(LONG)),
    *CAPPED,
)
attack(
    "endless: trailers",
    floods(CHUNKED + b"0\r\n", itertools.repeat(b"X: y\r\n" * 5_000)),
    *CAPPED,
    *LATE_REASONS,
)
attack(
    "endless: status line", floods(b"HTTP/1.1 200 ", itertools.repeat(LONG)), *CAPPED
)
attack("endless: one header", floods(OK + b"X: ", itertools.repeat(LONG)), *CAPPED)
attack(
    "endless: long headers",
    floods(OK, itertools.repeat(b"X: " + LONG + b"\r\n")),
    *CAPPED,
)
attack(
    "endless: a million headers",
    floods(OK, itertools.repeat(b"X: y\r\n" * 1_000, 1_000)),
    *CAPPED,
)
attack(
    "endless: folded header",
    floods(OK + b"X: y\r\n", itertools.repeat(b" y\r\n" * 5_000)),
    *CAPPED,
)
attack(
    "endless: 100 Continue",
    floods(b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)),
    *CAPPED,
    *LATE_REASONS,
)
attack(
    "endless: 100 with headers",
    floods(
        b"", itertools.repeat(b"HTTP/1.1 100 Continue\r\n" + b"X: y\r\n" * 90 + b"\r\n")
    ),
    *CAPPED,
    *LATE_REASONS,
)
attack(
    "endless: 103",
    floods(b"", itertools.repeat(b"HTTP/1.1 103 Early\r\n\r\n" * 1_000)),
    *CAPPED,
    *LATE_REASONS,
    "no-content",
)
attack(
    "endless: empty gzip members",
    floods(
        OK + b"Content-Encoding: gzip\r\n\r\n",
        itertools.repeat(gzip.compress(b"") * 3_000),
    ),
    *CAPPED,
    *LATE_REASONS,
)
attack(
    "endless: gzip header",
    floods(
        OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0",
        itertools.repeat(LONG),
    ),
    *CAPPED,
    *LATE_REASONS,
)


# Lies


def lie(
    name: str, *headers: bytes, body: bytes = b"hello", ends: Iterable[str] = ()
) -> None:
    attack(
        f"lie: {name}",
        floods(OK + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body, [b""]),
        *CAPPED,
        *ends,
    )


lie("negative length", b"Content-Length: -5", ends=["page"])
lie("length of 2**80", b"Content-Length: %d" % 2**80)
lie("length of a million digits", b"Content-Length: " + b"9" * 60_000, ends=["page"])
lie("length in words", b"Content-Length: many", ends=["page"])
lie("two lengths", b"Content-Length: 3", b"Content-Length: 5", ends=["page"])
lie(
    "length and chunks",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    body=b"5\r\nhello\r\n0\r\n\r\n",
    ends=["page"],
)
lie("negative chunk", b"Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n0\r\n\r\n")
lie("chunk of 2**80", b"Transfer-Encoding: chunked", body=b"%x\r\nhello" % 2**80)
lie("no chunks", b"Transfer-Encoding: chunked")
lie(
    "chunk without its end",
    b"Transfer-Encoding: chunked",
    body=b"5\r\nhelloworld\r\n0\r\n\r\n",
    ends=["page"],
)
lie(
    "chunked twice",
    b"Transfer-Encoding: chunked, chunked",
    body=b"5\r\nhello\r\n0\r\n\r\n",
    ends=["page"],
)

# Redirects


def redirects(to: Callable[[int], str]) -> Talk:
    counted = itertools.count(1)

    def talk(sock: socket.socket, over: threading.Event) -> None:
        request(sock)
        where = to(next(counted)).encode()
        sock.sendall(
            b"HTTP/1.1 302 Go\r\nConnection: close\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n"
            % where
        )

    return talk


attack("redirect: to itself", redirects(lambda n: "/"), "redirect-loop")
attack("redirect: to and fro", redirects(lambda n: f"/{n % 2}"), "redirect-loop")
attack("redirect: ever on", redirects(lambda n: f"/{n}"), "redirect-loop")
attack(
    "redirect: ever longer",
    redirects(lambda n: "/" + "x" * 9_000 * n),
    "redirect-loop",
    "connection",
)
for to in (
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "data:text/html,hello",
    "javascript:alert(1)",
    "gopher://127.0.0.1/",
    "view-source:http://127.0.0.1/",
):
    attack(f"redirect: to {to}", redirects(lambda n, to=to: to), "bad-redirect")


def run(chosen: Sequence[str], warm: str, *, at_once: int = 1) -> dict[str, Any]:
    """What a process says that visits these."""
    with ExitStack() as stack:
        urls = []
        for one in map(ATTACKS.__getitem__, chosen):
            base, _ = stack.enter_context(raw(one.talk))
            urls.append((base.replace("http", one.scheme, 1) + "/", one.article))
        asked = {
            "deadline": DEADLINE,
            "max_bytes": MAX_BYTES,
            "at_once": at_once,
            "urls": urls,
            "warm": warm,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.torture.visitor"], input=json.dumps(asked), text=True,
            capture_output=True, timeout=DEADLINE + 120, check=True,
        )  # fmt: skip
    return json.loads(done.stdout)


def wrong(name: str, visit: dict[str, object]) -> str:
    """What is not as promised, "" for nothing."""
    ended, seconds = str(visit["ended"]).split()[0], float(str(visit["seconds"]))
    if ended not in ATTACKS[name].ends:
        return f"{name}: ended as {ended}, not as {set(ATTACKS[name].ends)}"
    return f"{name}: took {seconds} s" if seconds > DEADLINE + LATE else ""


@pytest.fixture
def warm():
    with scripted({"/": Served()}) as site:
        yield site.base


@pytest.mark.skipif(FULL, reason="the long form has a process for each")
@pytest.mark.parametrize(("waiting", "at_once"), [(True, 30), (False, 3)])
def test_bombs_drips_and_floods_end_in_time_and_cost_little_memory_together(
    warm, waiting, at_once
):
    chosen = [
        name
        for name in ATTACKS
        if name.startswith(("drip", "silence", "TLS")) == waiting
    ]
    told = run(chosen, warm, at_once=at_once)
    assert [found for found in map(wrong, chosen, told["visits"]) if found] == []
    assert told["growth"] < MOST_MEMORY


@pytest.mark.skipif(not FULL, reason="takes minutes")
def test_each_bomb_drip_and_flood_ends_in_time_and_costs_little_memory(warm):
    with ThreadPoolExecutor(4) as pool:
        told = dict(
            zip(ATTACKS, pool.map(lambda name: run([name], warm), ATTACKS), strict=True)
        )
    print()
    for name, each in told.items():
        visit = each["visits"][0]
        print(
            f"{name:40} {visit['ended']:24} {visit['seconds']:6.2f} s {each['growth'] / 1e6:6.1f} MB"
        )
    assert [
        found
        for name, each in told.items()
        if (found := wrong(name, each["visits"][0]))
    ] == []
    assert {
        name: each["growth"]
        for name, each in told.items()
        if each["growth"] >= MOST_MEMORY
    } == {}
