"""Decisions: what is fetched now and when the next try is due. The clock is an
argument."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.ledger.schedule import (
    FIRST_GAP,
    LONGEST_GAP,
    is_due,
    is_past,
    next_look,
    next_try,
    schedule,
    timestamp,
)
from indexer.records import PageRecord
from tests.torture.scale import rounds

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URL = "https://a.example/1"
few = settings(max_examples=rounds(100, 1000), deadline=None)
moments = st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)


def record(state="good", **fields):
    return PageRecord(URL, state, **({"article": URL, "item_hash": "h"} | fields))


def test_a_new_address_is_fetched():
    assert is_due("h", None, NOW)


@pytest.mark.parametrize("state", ["good", "partial", "failed", "gone"])
def test_what_is_not_due_is_left_alone_unless_its_source_changed_it(state):
    known = record(
        state, due=timestamp(NOW + timedelta(hours=1)), reason="server-error"
    )
    assert not is_due("h", known, NOW)
    assert is_due("other", known, NOW)
    assert is_due("h", known, NOW + timedelta(hours=1))


def test_a_moment_that_a_wrong_clock_noted_holds_nothing_up():
    """Nothing waits longer than 60 days; in the year 2099 is no server that asked for
    it."""
    for state in ("good", "failed", "gone"):
        assert is_due("h", record(state, due="2099-01-01T00:00:00+00:00"), NOW)
    assert is_past("2099-01-01T00:00:00+00:00", NOW)
    assert is_past(timestamp(NOW), NOW)
    assert not is_past(timestamp(NOW + LONGEST_GAP), NOW)


@given(moments, st.sampled_from(["h", "other"]))
@few
def test_what_the_user_forgot_is_never_fetched(now, digest):
    assert not is_due(digest, record("forgotten", due="", reason="forgotten"), now)


@given(st.integers(1, 50), st.booleans())
@few
def test_gaps_grow_up_to_a_bound(attempts, permanent):
    gap = next_try(attempts, NOW, permanent=permanent) - NOW
    longer = next_try(attempts + 1, NOW, permanent=permanent) - NOW
    assert FIRST_GAP <= gap <= longer <= LONGEST_GAP
    assert longer > gap or gap == LONGEST_GAP
    assert next_try(attempts, NOW, permanent=True) >= next_try(
        attempts, NOW, permanent=False
    )
    assert next_look(attempts, NOW) <= next_look(attempts + 1, NOW) <= NOW + LONGEST_GAP


@given(st.floats(0, 1e12), st.integers(1, 20))
@few
def test_a_server_that_asks_for_a_pause_gets_it_within_reason(seconds, attempts):
    due = next_try(attempts, NOW, permanent=False, retry_after=seconds)
    assert due >= next_try(attempts, NOW, permanent=False)
    assert due - NOW >= min(timedelta(seconds=seconds), LONGEST_GAP)
    assert due - NOW <= LONGEST_GAP


def test_a_temporary_failure_is_tried_again_within_hours_and_a_lasting_one_within_days():
    assert next_try(1, NOW, permanent=False) == NOW + timedelta(hours=1)
    assert next_try(2, NOW, permanent=False) == NOW + timedelta(hours=4)
    assert next_try(1, NOW, permanent=True) == NOW + timedelta(days=1)


def test_attempts_count_what_ended_alike_in_a_row():
    first = schedule(record("failed"), None, NOW, permanent=False)
    second = schedule(record("failed"), first, NOW, permanent=False)
    good = schedule(record("good"), second, NOW, permanent=False)
    again = schedule(record("good"), good, NOW, permanent=False)
    broken = schedule(record("failed"), again, NOW, permanent=False)
    assert [r.attempts for r in (first, second, good, again, broken)] == [1, 2, 1, 2, 1]
    assert not is_due("h", second, NOW + timedelta(hours=3.9))
    assert is_due("h", second, NOW + timedelta(hours=4))


@given(st.sampled_from(["good", "failed", "partial"]), moments, st.booleans())
@few
def test_whatever_was_just_tried_is_not_due(state, now, permanent):
    made = schedule(record(state), None, now, permanent=permanent)
    assert not is_due("h", made, now + timedelta(minutes=59))
    assert is_due("h", made, now + LONGEST_GAP + timedelta(seconds=1))
