"""The time that sources lose: on silent hosts all of it, on honest ones none."""

from indexer.fetch.lost_time import FAIR_SECONDS, GAINED_SECONDS, LostTime, lose


def charge(budget, sources, seconds, *, answered=False):
    with budget.counted(sources):
        lose(seconds, answered=answered)


def test_what_nothing_came_of_is_lost():
    budget = LostTime(30)
    charge(budget, ["a", "b"], 20)
    assert not budget.is_spent(["a"])
    charge(budget, ["a"], 10)
    assert budget.is_spent(["a"])
    # What another source lists as well is still asked for.
    assert not budget.is_spent(["a", "b"])
    assert not budget.is_spent([])


def test_a_large_honest_blog_loses_nothing():
    budget = LostTime(1)
    for _ in range(1000):
        charge(budget, ["a"], FAIR_SECONDS, answered=True)
    assert not budget.is_spent(["a"])
    charge(budget, ["a"], FAIR_SECONDS + 1, answered=True)
    assert budget.is_spent(["a"])


def test_each_page_adds_to_what_may_be_lost():
    budget = LostTime(10)
    for _ in range(10):
        budget.gain(["a"])
    charge(budget, ["a"], 10 + 9 * GAINED_SECONDS)
    assert not budget.is_spent(["a"])
    charge(budget, ["a"], GAINED_SECONDS)
    assert budget.is_spent(["a"])


def test_what_an_exception_ends_is_lost_as_well():
    budget = LostTime(10)
    try:
        with budget.counted(["a"]):
            lose(10, answered=False)
            raise ZeroDivisionError
    except ZeroDivisionError:
        assert budget.is_spent(["a"])
