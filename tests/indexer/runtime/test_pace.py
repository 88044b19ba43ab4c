"""The pace of a run: what is said of it, when, and how steadily."""

import pytest

from indexer.runtime.pace import SAID_AFTER, SAID_EVERY, Pace, time_left


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def said_of(pace: Pace, clock: Clock, *, batches: int, seconds: float) -> list[str]:
    """Return what is said while batches of 10 articles with 70 passages end."""
    said = []
    for _ in range(batches):
        clock.now += seconds
        pace.embed(70)
        for _ in range(10):
            pace.advance()
            said.append(pace.said())
    return said


def test_a_short_run_says_nothing():
    clock = Clock()
    pace = Pace(100, clock)
    said = said_of(pace, clock, batches=3, seconds=SAID_AFTER / 4)
    assert set(said) == {""}


def test_passages_a_second_and_the_time_left_are_of_the_last_minutes():
    clock = Clock()
    pace = Pace(1000, clock)
    slow = said_of(pace, clock, batches=30, seconds=20.0)
    assert slow[-1].startswith("4 passages/s, about 2")
    fast = said_of(pace, clock, batches=60, seconds=5.0)
    assert fast[-1] == "14 passages/s, less than a minute left"


def test_a_sentence_stands_a_while():
    clock = Clock()
    pace = Pace(10_000, clock)
    said_of(pace, clock, batches=1, seconds=SAID_AFTER)
    first = pace.said()
    clock.now += SAID_EVERY / 2
    pace.embed(10_000)
    pace.advance()
    assert pace.said() == first
    clock.now += SAID_EVERY
    assert pace.said() != first


def test_nothing_is_foretold_of_more_than_was_to_do_or_of_none_done():
    clock = Clock()
    pace = Pace(5, clock)
    clock.now += SAID_AFTER
    assert pace.said() == ""
    assert said_of(pace, clock, batches=2, seconds=60.0)[-1] == "1 passages/s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "less than a minute left"),
        (60.0, "about a minute left"),
        (91.0, "about 2 minutes left"),
        (12.4 * 60, "about 12 minutes left"),
        (89 * 60, "about 89 minutes left"),
        (91 * 60, "about 2 hours left"),
        (20 * 3600, "about 20 hours left"),
    ],
)
def test_time_left_is_no_finer_than_can_be_known(seconds, said):
    assert time_left(seconds) == said
