from __future__ import annotations

import threading
from collections import Counter
from itertools import groupby

import pytest

from web.server.lanes import Kind, Lane, TurnQueue, kind_of


class Turn:
    """A request that is answered when the gate is opened."""

    def __init__(self, client, number=0, *, done=None, gate=None):
        self.client, self.number = client, number
        self._done, self._gate = done, gate
        self.is_refused = False

    def service(self):
        self._gate.wait(10)
        self._done.append((self.client, self.number))

    def turn_away(self):
        self.is_refused = True

    def cancel(self):
        self._done.append("cancelled")


def queue_of(*clients):
    queue = TurnQueue()
    for number, client in enumerate(clients):
        queue.append(Turn(client, number))
    return queue


def order(queue):
    taken = [queue.popleft() for _ in range(len(queue))]
    return "".join(turn.client for turn in taken), [turn.number for turn in taken]


def test_clients_take_turns_and_each_is_served_in_the_order_in_which_it_asked():
    clients, numbers = order(queue_of(*"aaaaabac"))
    assert clients == "abcaaaaa"
    assert numbers == [0, 5, 7, 1, 2, 3, 4, 6]


def test_a_new_client_comes_next_but_one_however_much_another_asks():
    queue = queue_of(*"a" * 200, "b")
    assert queue.ahead_of("b") == 3
    assert queue.ahead_of("c") == 2
    assert queue.ahead_of("a") == 201
    assert order(queue)[0].index("b") == 1


def test_where_too_many_wait_the_greediest_loses_its_last_request():
    queue = queue_of(*"abbbc")
    turn = queue.pop_greediest()
    assert (turn.client, turn.number) == ("b", 3)
    assert order(queue)[0] == "abcb"


def test_a_line_holds_no_client_that_waits_no_more():
    queue = queue_of(*"ab")
    assert order(queue)[0] == "ab"
    assert len(queue) == 0
    assert not queue._lines


def lane(threads=1, *, most=100):
    """A lane whose threads are all taken until ``gate`` is set, and what it did."""
    gate, done = threading.Event(), []
    made = Lane(threads, most=most)

    def put(client, number=0):
        return made.put(Turn(client, number, done=done, gate=gate))

    for _ in range(threads):
        put("first")
    while len(made.queue):
        pass
    return made, put, gate, done


def test_a_full_line_gives_back_the_greediest_ones_last():
    made, put, gate, done = lane(most=3)
    assert [put("a", n) for n in range(3)] == [None] * 3
    assert put("b").client == "a"
    assert put("a", 9).number == 9
    gate.set()
    made.shutdown(cancel_pending=False)
    assert [client for client, _ in groupby(client for client, _ in done)]


def test_two_hundred_of_one_client_leave_every_other_turn_to_another():
    made, put, gate, done = lane(most=500)
    for number in range(200):
        put("greedy", number)
    for number in range(5):
        put("honest", number)
    gate.set()
    while len(done) < 206:
        pass
    made.shutdown()
    assert Counter(client for client, _ in done[1:11]) == {"greedy": 5, "honest": 5}


def test_the_time_to_come_back_is_that_of_those_who_wait():
    made, put, gate, _ = lane(2, most=2000)
    made._seconds = 0.5
    assert made.seconds_for("a") == 1  # at least a second
    for number in range(40):
        put("a", number)
    assert made.seconds_for("a") == 10
    assert made.seconds_for("b") == 1
    for number in range(1000):
        put("a", number)
    assert made.seconds_for("a") == 60  # the estimate says nothing any more
    gate.set()
    assert len(made.take_all()) > 0
    made.shutdown()


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/", "q=x", Kind.QUESTION), ("/", "a=b&q=x", Kind.QUESTION), ("/", "%71=x", Kind.QUESTION),
        ("/", "", Kind.PAGE), ("/", "q=", Kind.PAGE), ("/", "site=q", Kind.PAGE), ("/", "aq=1", Kind.PAGE),
        ("/api/search", "", Kind.QUESTION), ("/api/similar", "text=x", Kind.TEXT), ("/api/suggest", "q=x", Kind.PAGE),
        ("/healthz", "q=x", Kind.PAGE), ("/article", "url=x&q=y", Kind.PAGE), ("/api/related", "url=x", Kind.PAGE),
        ("/static/page.css", "", Kind.PAGE), ("*", "", Kind.PAGE),
        ("/answer", "q=x", Kind.ANSWER), ("/api/answer", "q=x", Kind.ANSWER), ("/answers", "q=x", Kind.PAGE),
    ],
)  # fmt: skip
def test_only_questions_wait_for_questions(path, query, kind):
    assert kind_of(path, query) is kind
