"""A host that is down told from a network that is."""

from __future__ import annotations

import socket
import time

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http import network
from indexer.fetch.http.network import CONTROL, Network
from indexer.fetch.http.ssrf import parse_address
from indexer.records import FetchError


class Names:
    """A resolver that finds only some names, and remembers which it was asked."""

    def __init__(self, *found: str, code: int = socket.EAI_NONAME) -> None:
        self.found, self.code, self.asked = found, code, []

    def __call__(self, host, port):
        self.asked.append(host)
        if host in (*self.found, "127.0.0.1"):  # an address names itself
            return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
        raise socket.gaierror(self.code, "none")


@pytest.fixture
def route(monkeypatch):
    """Whether this machine knows a way out; here it does, whatever runs the tests."""
    ways = {"out": True}
    monkeypatch.setattr(network, "has_route", lambda: ways["out"])
    return ways


def reason_of(url: str, names: Names, known: Network, **options) -> str:
    limits = Limits(delay=0, backoff=0.01, tries=2)
    with HttpFetcher(limits, resolve=names) as fetcher:
        fetcher.network = known
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(url, **options)
    return caught.value.reason


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_where_no_name_is_found_there_is_no_network(route, code):
    names = Names(code=code)
    known = Network(names)
    assert reason_of("https://blog.example/feed", names, known) == "no-network"
    assert names.asked == ["blog.example", CONTROL]
    # From then on nobody is asked.
    assert reason_of("https://other.example/feed", names, known) == "no-network"
    assert len(names.asked) == 2
    assert known.is_down


def test_one_host_that_is_not_found_is_no_missing_network(route):
    names = Names(CONTROL)
    known = Network(names)
    for host in ("one.example", "two.example"):
        assert reason_of(f"https://{host}/", names, known) == "no-such-host"
    assert names.asked.count(CONTROL) == 1
    assert not known.is_down


def test_without_a_way_out_a_name_that_is_remembered_does_not_help(route):
    route["out"] = False
    names = Names(CONTROL)
    known = Network(names)
    assert reason_of("https://one.example/", names, known) == "no-network"


def test_a_server_on_this_machine_tells_nothing_of_the_network(route):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    route["out"] = False
    known = Network(Names())
    url = f"http://127.0.0.1:{port}/"
    assert reason_of(url, Names(), known, allow_private=True) == "connection"
    assert not known.is_down


def test_an_answer_is_never_a_missing_network(route):
    route["out"] = False
    address = parse_address("https://one.example/")
    answered = FetchError("u", "connection", "It broke off.", status=500)
    unread = FetchError("u", "garbled", "It is compressed.")
    known = Network(Names())
    for error in (answered, unread):
        assert not known.explains(error, address, named=True)


def test_a_link_to_a_reserved_name_tells_nothing_but_a_feed_there_does(route):
    names = Names()
    known = Network(names)
    url = "https://notes.example/post"
    assert reason_of(url, names, known, article=True) == "no-such-host"
    assert CONTROL not in names.asked
    assert reason_of(url, names, known) == "no-network"


def test_a_resolver_that_says_nothing_is_not_waited_for(route, monkeypatch):
    monkeypatch.setattr(network, "CONTROL_SECONDS", 0.05)
    known = Network(lambda host, port: time.sleep(5))
    error = FetchError("u", "timeout", "It was not resolved in time.")
    assert known.explains(error, parse_address("https://one.example/"), named=True)


def test_a_way_out_is_told_without_sending_anything():
    assert network.has_route() in (True, False)
