"""The fetcher among servers that say nothing: requests, counted where they arrive."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http import client, sockets
from indexer.fetch.http.server_memory import ServerMemory
from indexer.fetch.lost_time import LostTime
from indexer.records import FetchError, RobotsCopy, Validators
from tests.servers import FakeClock, Served, names, raw, scripted, silent

QUICK = Limits(delay=0, deadline=0.8, short=0.1, tries=3, backoff=0.01)


def reason(fetcher, url, *, article=True) -> str:
    try:
        fetcher.fetch(url, article=article, allow_private=True)
    except FetchError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("article", [True, False])
def test_a_host_that_says_nothing_is_asked_once_in_a_run(article):
    with silent() as ([base], asked), HttpFetcher(QUICK) as fetcher:
        urls = [f"{base}/{n}" for n in range(5)]
        first, *rest = [reason(fetcher, url, article=article) for url in urls]
        assert first == ("robots-unreachable" if article else "timeout")
        assert rest == ["silent-host"] * 4
        assert asked() == [base]


def test_a_host_that_refuses_is_not_asked_again():
    with silent() as ([base], _):
        pass  # nobody listens there now
    with HttpFetcher(QUICK) as fetcher:
        reasons = [reason(fetcher, base, article=False) for _ in range(2)]
    assert reasons == ["connection", "silent-host"]


def test_hosts_of_one_silent_domain_are_not_asked_one_after_the_other():
    hosts = {f"n{n}_evil_example": "127.0.0.1" for n in range(40)}
    with (
        silent() as ([base], asked),
        HttpFetcher(QUICK, resolve=names(**hosts)) as fetcher,
    ):
        urls = [base.replace("127.0.0.1", f"n{n}.evil.example") for n in range(40)]
        reasons = [reason(fetcher, url) for url in urls]
        assert reasons == ["robots-unreachable"] * 3 + ["put-off"] * 37
        assert len(asked()) == 3


def test_hosts_behind_one_silent_address_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(client, "classify_ip", lambda ip: "public")
    monkeypatch.setattr(sockets, "classify_ip", lambda ip: "public")
    hosts = {f"n{n}_example": "127.0.0.1" for n in range(40)}
    with (
        silent() as ([base], asked),
        HttpFetcher(QUICK, resolve=names(**hosts)) as fetcher,
        ThreadPoolExecutor(24) as pool,
    ):
        urls = [base.replace("127.0.0.1", f"n{n}.example") for n in range(40)]
        reasons = Counter(pool.map(lambda url: reason(fetcher, url), urls))
        # Two were under way at once when the third fell silent.
        assert len(asked()) <= 4
    assert set(reasons) == {"robots-unreachable", "put-off"}
    assert reasons["put-off"] >= 36


def test_a_resolver_that_says_nothing_is_asked_for_few_names_of_a_domain():
    asked, over = [], threading.Event()

    def resolve(host, port):
        asked.append(host)
        over.wait(10)
        raise TimeoutError

    with HttpFetcher(QUICK, resolve=resolve) as fetcher:
        reasons = [reason(fetcher, f"http://n{n}.evil.example/") for n in range(20)]
    over.set()
    assert reasons == ["robots-unreachable"] * 3 + ["put-off"] * 17
    assert len(asked) == 3


def test_redirects_to_a_silent_host_are_followed_once():
    with silent() as ([base], asked), scripted() as site, HttpFetcher(QUICK) as fetcher:
        there = (("Location", f"{base}/"),)
        for number in range(5):
            site.pages[f"/{number}"] = Served(b"", 302, there)
        reasons = [reason(fetcher, f"{site.base}/{n}") for n in range(5)]
        assert reasons == ["robots-unreachable"] + ["silent-host"] * 4
        assert asked() == [base]
        # The host that redirects has answered, and is asked as before.
        site.pages["/page"] = Served()
        assert reason(fetcher, f"{site.base}/page") == ""


def test_robots_that_are_silent_cost_one_try_though_pages_would_answer():
    def talk(sock, over):
        if b"/robots.txt" in sock.recv(65536):
            over.wait(10)

    with raw(talk) as (base, connections), HttpFetcher(QUICK) as fetcher:
        reasons = [reason(fetcher, f"{base}/{n}") for n in range(4)]
    assert reasons == ["robots-unreachable"] + ["silent-host"] * 3
    assert len(connections) == 1


def test_a_host_that_answered_in_an_earlier_run_has_the_whole_deadline():
    def talk(sock, over):
        sock.recv(65536)
        over.wait(0.3)
        sock.sendall(
            b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    with raw(talk) as (base, _):
        memory = ServerMemory()
        with HttpFetcher(QUICK, memory=memory) as fetcher:
            assert reason(fetcher, f"{base}/") == "robots-unreachable"
        memory.robots[f"{base}/robots.txt"] = RobotsCopy(None, Validators())
        with HttpFetcher(QUICK, memory=memory) as fetcher:
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(f"{base}/", article=True, allow_private=True)
            assert caught.value.status == 404


def test_a_host_whose_pages_come_in_bytes_is_left_after_a_few():
    def talk(sock, over):
        if b"/robots.txt" in sock.recv(65536):
            sock.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n")
            sock.sendall(b"Connection: close\r\n\r\n")
            return
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while not over.wait(0.05):
            sock.sendall(b"x")

    limits = replace(QUICK, deadline=0.2, tries=1)
    with raw(talk) as (base, connections), HttpFetcher(limits) as fetcher:
        reasons = [reason(fetcher, f"{base}/{n}") for n in range(6)]
    assert reasons == ["too-slow"] * 2 + ["put-off"] * 4
    assert len(connections) == 3


def test_a_server_that_only_asks_for_pauses_costs_its_source_their_time():
    clock, budget = FakeClock(), LostTime(100)
    pause = Served(b"", 503, (("Retry-After", "50"),))
    with (
        scripted({"/a": pause, "/b": Served()}) as site,
        HttpFetcher(QUICK, clock=clock) as fetcher,
    ):
        with budget.counted(["a"]):
            assert reason(fetcher, f"{site.base}/b") == ""
            assert reason(fetcher, f"{site.base}/a") == "server-error"
        assert site.paths == ["/robots.txt", "/b", "/a", "/a", "/a"]
        assert not budget.is_spent(["a"])  # two pauses, less what each answer may take
        with budget.counted(["a"]):
            assert reason(fetcher, f"{site.base}/a") == "server-error"
        assert budget.is_spent(["a"])
