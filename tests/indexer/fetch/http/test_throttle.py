import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.fetch.http.throttle import Throttle
from tests.servers import FakeClock

HOST, OTHER = "a.example", "b.example"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def throttle(clock):
    return Throttle(1.5, clock)


def turns(throttle, *keys, **options):
    for each in keys:
        with throttle.turn(*([each] if isinstance(each, str) else each), **options):
            pass


def test_the_first_request_waits_for_nothing_and_the_next_for_the_delay(
    throttle, clock
):
    turns(throttle, HOST, HOST, HOST)
    assert clock.slept == [1.5, 1.5]


def test_hosts_do_not_wait_for_each_other(throttle, clock):
    turns(throttle, HOST, OTHER, "c.example")
    assert clock.slept == []


def test_time_that_passed_anyway_counts(throttle, clock):
    turns(throttle, HOST)
    clock.now += 1.0
    turns(throttle, HOST)
    assert clock.slept == [pytest.approx(0.5)]


def test_a_host_can_be_asked_without_a_pause(throttle, clock):
    turns(throttle, HOST, HOST, HOST, spaced=False)
    assert clock.slept == []


def test_a_slower_pace_is_kept_and_a_faster_one_is_not_taken(throttle, clock):
    throttle.slow_down(HOST, 10)
    throttle.slow_down(HOST, 0.1)
    turns(throttle, HOST, HOST)
    assert clock.slept == [10]


def test_a_held_host_waits_even_where_no_pause_is_due(throttle, clock):
    throttle.pause(HOST, 20)
    assert throttle.paused_for(HOST) == 20
    turns(throttle, HOST, spaced=False)
    assert clock.slept == [20]
    assert throttle.paused_for(HOST) == 0


def test_what_hosts_have_in_common_is_as_gentle_as_one_host(throttle, clock):
    turns(
        throttle,
        *((f"{n}.pages.example", "*.pages.example", "@1.1.1.1") for n in range(20)),
    )
    turns(throttle, ("own.example", "*.own.example", "@1.1.1.1"))
    assert clock.slept == [1.5] * 20


def test_a_host_s_own_pace_is_no_other_s(throttle, clock):
    throttle.slow_down("slow.pages.example", 20)
    turns(
        throttle,
        *[
            (f"{n}.pages.example", "*.pages.example")
            for n in ("slow", "a", "b", "slow")
        ],
    )
    assert clock.slept == [1.5, 1.5, 20 - 3.0]


def test_a_domain_that_is_held_holds_its_hosts(throttle, clock):
    throttle.pause("*.pages.example", 20)
    assert throttle.paused_for("a.pages.example", "*.pages.example") == 20
    assert throttle.paused_for("a.example", "*.example") == 0


def test_turns_at_several_places_never_wait_in_a_circle():
    throttle = Throttle(0, FakeClock())
    done = []

    def visit(n):
        for step in range(50):
            with throttle.turn(
                f"{n}.{step % 3}.example", f"*.{step % 3}.example", f"@{(n + step) % 2}"
            ):
                done.append(n)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(visit, range(16), timeout=30))
    assert len(done) == 16 * 50


def test_no_more_than_two_at_once_while_other_hosts_go_on():
    throttle = Throttle(0, FakeClock())
    inside, release, lock = [], threading.Event(), threading.Lock()
    two_are_in = threading.Semaphore(0)

    def visit(_):
        with throttle.turn(HOST):
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
        with throttle.turn(OTHER):
            assert len(inside) == 2
        release.set()
        for visit_ in visits:
            visit_.result(5)
