import pytest

from indexer.fetch.http.politeness import LONGEST_WAIT, Politeness
from indexer.fetch.http.server_memory import LONGEST_PAUSE, ServerMemory
from indexer.fetch.http.ssrf import parse_address
from indexer.records import FetchError
from tests.servers import FakeClock

A = parse_address("https://a.pages.example/")
B = parse_address("https://b.pages.example/")
LOCAL = parse_address("http://127.0.0.1:8000/")


def politeness(clock, memory=None):
    return Politeness(
        1.5, clock=clock, memory=memory or ServerMemory(),
        public_ips=lambda address, seconds: [],
    )  # fmt: skip


def asks_for(seconds, status):
    return FetchError("u", "rate-limited", "No.", status=status, retry_after=seconds)


def visit(polite, address, *, allow_private=False):
    with polite.turn(
        address, allow_private=allow_private, seconds=1, check=lambda: None
    ):
        pass


def test_hosts_of_one_domain_wait_for_each_other_and_ones_own_does_not():
    clock = FakeClock()
    polite = politeness(clock)
    for address in (A, B, A):
        visit(polite, address)
    assert clock.slept == [1.5, 1.5]
    for _ in range(3):
        visit(polite, LOCAL, allow_private=True)
    assert clock.slept == [1.5, 1.5]


@pytest.mark.parametrize(("status", "others_too"), [(429, True), (503, False)])
def test_a_pause_is_for_the_domain_or_the_host(status, others_too):
    polite = politeness(FakeClock())
    polite.keep_pause(A, asks_for(LONGEST_WAIT + 1, status))
    with pytest.raises(FetchError, match="not over yet") as caught:
        polite.refuse_if_paused(A)
    assert caught.value.retry_after == pytest.approx(LONGEST_WAIT + 1)
    if others_too:
        with pytest.raises(FetchError):
            polite.refuse_if_paused(B)
    else:
        polite.refuse_if_paused(B)


def test_a_short_pause_is_waited_for():
    clock = FakeClock()
    polite = politeness(clock)
    polite.keep_pause(A, asks_for(LONGEST_WAIT, 503))
    polite.refuse_if_paused(A)
    visit(polite, A)
    assert clock.slept == [LONGEST_WAIT]


def test_a_pause_lasts_into_the_next_run_but_not_for_years():
    clock, memory = FakeClock(), ServerMemory()
    politeness(clock, memory).keep_pause(A, asks_for(10 * 365 * 86400, 503))
    politeness(clock, memory).keep_pause(B, FetchError("u", "gone", "No.", status=410))
    assert list(memory.pauses) == [A.host]
    clock.now += 3600
    with pytest.raises(FetchError) as caught:
        politeness(clock, memory).refuse_if_paused(A)
    left = LONGEST_PAUSE.total_seconds() - 3600
    assert caught.value.retry_after == pytest.approx(left, abs=1)
