from __future__ import annotations

import threading

import pytest

from search.errors import QueryError
from tests.web.canned_engine import CannedEngine
from web.parameters import Question
from web.problems import Busy, TooManyQuestions
from web.service import Allowance, Service


def _ask(service, address="a"):
    return service.ask(Question("gradient"), address)


def test_beyond_the_bound_the_answer_is_busy_and_the_place_is_given_back():
    engine = CannedEngine()
    engine.held.clear()
    service = Service(engine, at_once=1, patience=0.01)
    first = threading.Thread(target=_ask, args=(service,))
    first.start()
    assert engine.began.wait(10)
    with pytest.raises(Busy):
        _ask(service)
    engine.held.set()
    first.join()
    assert _ask(service).total == 40


def test_a_question_that_fails_gives_its_place_back():
    service = Service(CannedEngine(), at_once=1, patience=0.01)
    for _ in range(3):
        with pytest.raises(QueryError):
            service.ask(Question("?"), "a")
    assert _ask(service).total == 40


def test_each_address_has_its_own_allowance():
    service = Service(CannedEngine(), at_once=1, per_minute=2)
    _ask(service), _ask(service)
    with pytest.raises(TooManyQuestions) as caught:
        _ask(service)
    assert 1 <= caught.value.retry_after <= 30
    assert _ask(service, "b").total == 40


def test_an_allowance_fills_up_again_but_never_beyond_its_size():
    now = [0.0]
    allowance = Allowance(6, clock=lambda: now[0])
    for _ in range(6):
        allowance.take("a")
    with pytest.raises(TooManyQuestions) as caught:
        allowance.take("a")
    assert caught.value.retry_after == 10
    now[0] += 10
    allowance.take("a")
    now[0] += 1_000_000
    for _ in range(6):
        allowance.take("a")
    with pytest.raises(TooManyQuestions):
        allowance.take("a")


def test_many_addresses_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("web.service.MAX_ADDRESSES", 3)
    allowance = Allowance(1)
    for number in range(10):
        allowance.take(str(number))
    assert len(allowance) == 3
