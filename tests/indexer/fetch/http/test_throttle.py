import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.fetch.http.throttle import Hosts
from tests.servers import FakeTime

HOST, OTHER = "a.example", "b.example"


@pytest.fixture
def time():
    return FakeTime()


@pytest.fixture
def hosts(time):
    return Hosts(1.5, time)


def turns(hosts, *keys, **options):
    for each in keys:
        with hosts.turn(*([each] if isinstance(each, str) else each), **options):
            pass


def test_the_first_request_waits_for_nothing_and_the_next_for_the_delay(hosts, time):
    turns(hosts, HOST, HOST, HOST)
    assert time.slept == [1.5, 1.5]


def test_hosts_do_not_wait_for_each_other(hosts, time):
    turns(hosts, HOST, OTHER, "c.example")
    assert time.slept == []


def test_time_that_passed_anyway_counts(hosts, time):
    turns(hosts, HOST)
    time.now += 1.0
    turns(hosts, HOST)
    assert time.slept == [pytest.approx(0.5)]


def test_a_host_can_be_asked_without_a_pause(hosts, time):
    turns(hosts, HOST, HOST, HOST, pause=False)
    assert time.slept == []


def test_a_slower_pace_is_kept_and_a_faster_one_is_not_taken(hosts, time):
    hosts.slow_down(HOST, 10)
    hosts.slow_down(HOST, 0.1)
    turns(hosts, HOST, HOST)
    assert time.slept == [10]


def test_a_held_host_waits_even_where_no_pause_is_due(hosts, time):
    hosts.hold(HOST, 20)
    assert hosts.held(HOST) == 20
    turns(hosts, HOST, pause=False)
    assert time.slept == [20]
    assert hosts.held(HOST) == 0


def test_what_hosts_have_in_common_is_as_gentle_as_one_host(hosts, time):
    turns(
        hosts,
        *((f"{n}.pages.example", "*.pages.example", "@1.1.1.1") for n in range(20)),
    )
    turns(hosts, ("own.example", "*.own.example", "@1.1.1.1"))
    assert time.slept == [1.5] * 20


def test_a_host_s_own_pace_is_no_other_s(hosts, time):
    hosts.slow_down("slow.pages.example", 20)
    turns(
        hosts,
        *[
            (f"{n}.pages.example", "*.pages.example")
            for n in ("slow", "a", "b", "slow")
        ],
    )
    assert time.slept == [1.5, 1.5, 20 - 3.0]


def test_a_domain_that_is_held_holds_its_hosts(hosts, time):
    hosts.hold("*.pages.example", 20)
    assert hosts.held("a.pages.example", "*.pages.example") == 20
    assert hosts.held("a.example", "*.example") == 0


def test_turns_at_several_places_never_wait_in_a_circle():
    hosts = Hosts(0, FakeTime())
    done = []

    def visit(n):
        for step in range(50):
            with hosts.turn(
                f"{n}.{step % 3}.example", f"*.{step % 3}.example", f"@{(n + step) % 2}"
            ):
                done.append(n)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(visit, range(16), timeout=30))
    assert len(done) == 16 * 50


def test_no_more_than_two_at_once_while_other_hosts_go_on():
    hosts = Hosts(0, FakeTime())
    inside, release, lock = [], threading.Event(), threading.Lock()
    two_are_in = threading.Semaphore(0)

    def visit(_):
        with hosts.turn(HOST):
            with lock:
                inside.append(1)
            two_are_in.release()
            release.wait(5)
            with lock:
                inside.pop()

    with ThreadPoolExecutor(5) as pool:
        visits = [pool.submit(visit, i) for i in range(5)]
        assert two_are_in.acquire(timeout=5)
        assert two_are_in.acquire(timeout=5)
        assert not two_are_in.acquire(timeout=0.1)
        with hosts.turn(OTHER):
            assert len(inside) == 2
        release.set()
        for visit_ in visits:
            visit_.result(5)
