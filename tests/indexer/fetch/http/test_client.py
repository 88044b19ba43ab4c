import gzip
import tracemalloc
import zlib

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.records import FetchError
from tests.servers import Served, drip, names, raw, scripted

DEADLINE = 0.6  # seconds
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture
def fetcher():
    with HttpFetcher(Limits(deadline=DEADLINE, max_bytes=1 << 20, tries=1)) as it:
        yield it


def refusal(fetcher, url):
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, allow_private=True)
    return caught.value


def compressed(size, wbits):
    packer = zlib.compressobj(1, zlib.DEFLATED, wbits)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


@pytest.fixture(scope="module")
def bomb():
    """64 MB of zeros in 0.3 MB."""
    return compressed(64 << 20, zlib.MAX_WBITS | 16)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "gzip, gzip"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_bomb_is_stopped_with_little_memory(bomb, encoding, chunked):
    body = {
        "gzip, gzip": gzip.compress(bomb),
        "deflate": compressed(64 << 20, zlib.MAX_WBITS),
    }.get(encoding, bomb)
    headers = (("Content-Type", "text/html"), ("Content-Encoding", encoding))
    pages = {"/": Served(body, headers=headers, chunked=chunked)}
    with (
        HttpFetcher(Limits(deadline=20, max_bytes=1 << 20, tries=1)) as fetcher,
        scripted(pages) as site,
    ):
        tracemalloc.start()
        try:
            error = refusal(fetcher, site.base)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (error.reason, error.permanent) == ("too-large", True)
    assert peak < 10 << 20  # bytes


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_cap_is_on_decoded_bytes_and_exact(fetcher, size):
    body = gzip.compress(bytes(size))
    with scripted({"/": Served(body, headers=(("Content-Encoding", "gzip"),))}) as site:
        if size <= 1 << 20:
            assert len(fetcher.fetch(site.base, allow_private=True).body) == size
        else:
            assert refusal(fetcher, site.base).reason == "too-large"


def test_an_encoding_that_was_not_asked_for_is_refused(fetcher):
    with scripted(
        {"/": Served(b"\x0b\x02", headers=(("Content-Encoding", "br"),))}
    ) as site:
        assert refusal(fetcher, site.base).reason == "garbled"


def test_a_body_that_is_not_what_it_says_is_garbled(fetcher):
    with scripted(
        {"/": Served(b"plain text", headers=(("Content-Encoding", "gzip"),))}
    ) as site:
        assert refusal(fetcher, site.base).reason == "garbled"


MANY = 60  # pieces 0.05 s apart: five times the deadline, after which each reply would be whole
SLOW = {
    "body": [HEAD + b"Content-Length: 60\r\n\r\n", *[b"x"] * MANY],
    "chunks": [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        *[b"1\r\nx\r\n"] * MANY,
        b"0\r\n\r\n",
    ],
    "chunk size": [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        *[b"0"] * MANY,
        b"\r\n\r\n",
    ],
    "headers": [HEAD + b"X: ", *[b"x"] * MANY, b"\r\nContent-Length: 0\r\n\r\n"],
    "status line": [b"HTTP/1.1 200 ", *[b"x"] * MANY, b"\r\nContent-Length: 0\r\n\r\n"],
    "continues": [
        *[b"HTTP/1.1 100 Continue\r\n\r\n"] * MANY,
        HEAD + b"Content-Length: 0\r\n\r\n",
    ],
}


@pytest.mark.parametrize("part", SLOW)
def test_bytes_that_drip_in_do_not_prolong_the_deadline(fetcher, part):
    # Without a true deadline the reply would come through whole, and nothing would be
    # raised.
    with raw(drip(SLOW[part])) as (base, _):
        error = refusal(fetcher, base)
    assert (error.reason, error.permanent) == ("too-slow", False)


def test_an_unwanted_body_is_not_waited_for_either(fetcher):
    sent = []

    def pieces():
        yield b"HTTP/1.1 404 No\r\nContent-Length: 60\r\n\r\n"
        for number in range(MANY):
            sent.append(number)
            yield b"x"

    with raw(drip(pieces())) as (base, _):
        assert refusal(fetcher, base).reason == "not-found"
        assert len(sent) < MANY


def test_a_silent_server_times_out(fetcher):
    with raw(lambda sock, over: over.wait(10)) as (base, connections):
        error = refusal(fetcher, base)
    assert (error.reason, error.permanent) == ("timeout", False)
    assert len(connections) == 1


def test_the_deadline_covers_all_redirects_together(fetcher):
    pages = iter(range(100))

    def slowly(sock, over):
        sock.recv(65536)
        over.wait(0.3)
        sock.sendall(
            b"HTTP/1.1 302 Go\r\nLocation: /%d\r\nConnection: close\r\n\r\n"
            % next(pages)
        )

    with raw(slowly) as (base, connections):
        error = refusal(fetcher, base)
    assert error.reason in ("too-slow", "timeout")
    assert len(connections) < 5


def test_the_deadline_covers_the_robots_of_the_hosts_that_redirects_lead_to():
    hosts = names(**{f"host{n}_example": "127.0.0.1" for n in range(6)})

    def slowly(sock, over):
        said = sock.recv(65536).decode()
        host = int(said.partition("Host: host")[2][0])
        if "robots.txt" in said:
            over.wait(0.4)
            sock.sendall(
                b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        to = f"Location: http://host{host + 1}.example:{port}/" if host < 5 else "X: y"
        sock.sendall(
            f"HTTP/1.1 302 Go\r\n{to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )

    limits = Limits(delay=0, deadline=DEADLINE, tries=1, allow_private=True)
    with (
        raw(slowly) as (base, connections),
        HttpFetcher(limits, resolve=hosts) as fetcher,
    ):
        port = base.rpartition(":")[2]
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(
                f"http://host0.example:{port}/", article=True, allow_private=True
            )
    assert caught.value.reason in ("too-slow", "timeout")
    assert len(connections) < 12  # two a host, all of them in 2.4 seconds


def test_headers_without_end_are_cut_off(fetcher):
    def flood(sock, over):
        sock.recv(65536)
        sock.sendall(HEAD)
        while not over.is_set():
            sock.sendall(b"X-More: " + b"x" * 60_000 + b"\r\n")

    with raw(flood) as (base, _):
        assert refusal(fetcher, base).reason in ("connection", "too-large")


def test_bytes_that_decode_to_nothing_are_counted_too(fetcher):
    empty = gzip.compress(b"") * 20_000  # 0.4 MB a time, never a byte of text

    def flood(sock, over):
        sock.recv(65536)
        sock.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n")
        while not over.is_set():
            sock.sendall(empty)

    with raw(flood) as (base, _):
        assert refusal(fetcher, base).reason in ("too-large", "too-slow")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        HEAD + b"Content-Length: 10\r\n\r\nhalf",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_server_that_breaks_off_or_talks_nonsense(fetcher, sent):
    def talk(sock, over):
        sock.recv(65536)
        sock.sendall(sent)

    with raw(talk) as (base, _):
        error = refusal(fetcher, base)
    assert (error.reason, error.permanent) == ("connection", False)


def test_a_timeout_is_tried_again_where_the_host_has_answered():
    def talk(sock, over):
        sock.recv(65536)
        if len(connections) != 2:
            close = b"Connection: close\r\nContent-Length: 2\r\n\r\nok"
            sock.sendall(HEAD + close)
            return
        over.wait(10)

    limits = Limits(deadline=0.5, tries=2, backoff=0.01)
    with raw(talk) as (base, connections), HttpFetcher(limits) as fetcher:
        for count in (1, 3):
            assert fetcher.fetch(base, allow_private=True).body == b"ok"
            assert len(connections) == count


def answers_once_a_connection(sock, over):
    """Says that the connection stays open, and closes it at the next question."""
    sock.recv(65536)
    sock.sendall(HEAD + b"Content-Length: 5\r\n\r\nhello")
    sock.recv(65536)


def test_a_kept_connection_that_the_server_gave_up_is_not_held_against_the_page():
    with (
        HttpFetcher(Limits(deadline=5, tries=1)) as fetcher,
        raw(answers_once_a_connection) as (base, seen),
    ):
        for path in ("/robots", "/1", "/2"):
            assert fetcher.fetch(f"{base}{path}", allow_private=True).body == b"hello"
        assert len(seen) == 3  # each page has one of its own in the end


def test_a_fresh_connection_that_is_closed_without_an_answer_is_not_tried_again(
    fetcher,
):
    with raw(lambda sock, over: sock.recv(65536)) as (base, seen):
        assert refusal(fetcher, f"{base}/").reason == "connection"
        assert len(seen) == 1
