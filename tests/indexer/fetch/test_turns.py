"""Whose turn it is: sources share the threads, and a host that is new holds one."""

from indexer.fetch.turns import Turns


def turns(**tasks):
    """Sources to the hosts of their tasks, which are "source host number"."""
    listed = [
        f"{source} {host} {number}"
        for source, hosts in tasks.items()
        for number, host in enumerate(hosts)
    ]
    return Turns(
        listed,
        address=lambda task: f"https://{task.split()[1]}.example/",
        sources=lambda task: task.split()[0].split("+"),
    )


def taken(these, count):
    return [these.take() for _ in range(count)]


def sources_of(taken):
    return [turn.source for turn in taken]


def test_sources_take_turns_however_many_hosts_one_has():
    these = turns(many=[f"m{n}" for n in range(50)], few=["f1", "f2"], one=["o"])
    assert sources_of(taken(these, 7)) == [
        *("many", "few", "one"),
        *("many", "few"),
        *("many", "many"),
    ]


def test_who_holds_threads_waits_for_those_who_hold_none():
    these = turns(slow=[f"s{n}" for n in range(50)], quick=["q"] * 9)
    begun = taken(these, 8)
    assert sources_of(begun) == ["slow", "quick", *["slow"] * 6]
    for _ in range(8):
        these.end(begun[1])
        begun[1] = these.take()
        assert begun[1].source == "quick"


def test_a_host_has_one_task_begun_until_its_first_has_ended():
    these = turns(a=["h"] * 5, b=["other"])
    first, other = taken(these, 2)
    assert (first.source, other.source) == ("a", "b")
    these.end(first)
    second, third = taken(these, 2)
    assert [turn.task for turn in (first, second, third)] == ["a h 0", "a h 1", "a h 2"]
    assert these.most_at_once == 4


def test_what_several_sources_list_is_taken_for_the_one_with_fewest_begun():
    these = turns(**{"slow": ["s1", "s2", "h"], "slow+quick": ["h", "h"]})
    begun = taken(these, 3)
    assert sources_of(begun) == ["slow", "slow", "slow"]
    these.end(begun[2])  # at the shared host
    assert sources_of(taken(these, 2)) == ["quick", "quick"]


def test_after_the_end_there_is_no_turn():
    these = turns(a=["h"])
    assert these.count == 1
    these.end(these.take())
    assert these.take() is None
    these = turns(a=["h"] * 3)
    these.close()
    assert these.take() is None
