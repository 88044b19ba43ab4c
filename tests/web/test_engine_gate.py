from __future__ import annotations

import threading
import time

import pytest

from search.errors import ModelError, QueryError
from tests.web.canned_engine import CannedEngine
from web.engine_gate import EngineGate
from web.error_responses import Busy, Starting
from web.request_params import Question


def _ask(service):
    return service.ask(Question("gradient"))


def test_beyond_the_bound_the_answer_is_busy_and_the_place_is_given_back():
    engine = CannedEngine()
    engine.held.clear()
    service = EngineGate(engine, at_once=1, patience=0.01)
    first = threading.Thread(target=_ask, args=(service,))
    first.start()
    assert engine.began.wait(10)
    with pytest.raises(Busy):
        _ask(service)
    engine.held.set()
    first.join()
    assert _ask(service).total == 40


def test_a_question_that_fails_gives_its_place_back():
    service = EngineGate(CannedEngine(), at_once=1, patience=0.01)
    for _ in range(3):
        with pytest.raises(QueryError):
            service.ask(Question("?"))
    assert _ask(service).total == 40


def test_who_finds_the_line_full_is_turned_away_at_once():
    engine = CannedEngine()
    engine.held.clear()
    service = EngineGate(engine, at_once=1, waiting=1, patience=60)
    asking = [threading.Thread(target=_ask, args=(service,)) for _ in range(2)]
    for thread in asking:
        thread.start()
    assert engine.began.wait(10)
    deadline = time.monotonic() + 10
    while service._line._value and time.monotonic() < deadline:
        time.sleep(0.01)
    for ask in (
        lambda: _ask(service),
        lambda: service.similar("gradient", 1),
        service.coverage,
        lambda: service.article("http://127.0.0.1:1/posts/0/"),
    ):
        with pytest.raises(Busy):
            ask()
    engine.held.set()
    for thread in asking:
        thread.join()
    assert _ask(service).total == 40


def test_long_texts_leave_a_place_to_questions():
    engine = CannedEngine()
    service = EngineGate(engine, at_once=2, patience=0.01)
    engine.held.clear()
    first = threading.Thread(target=service.similar, args=("gradient", 1))
    first.start()
    assert engine.began.wait(10)
    with pytest.raises(Busy):
        service.similar("gradient", 1)
    engine.held.set()
    assert _ask(service).total == 40
    first.join()
    assert service.similar("gradient", 1).hits


def test_questions_wait_for_the_model_and_are_turned_away_where_it_takes_long():
    gate = EngineGate(CannedEngine(), at_once=1, loading_patience=0.01)
    gate.expect_model()
    assert gate.is_starting
    for ask in (gate.ask, gate.suggest):
        with pytest.raises(Starting):
            ask(Question("gradient"))
    with pytest.raises(Starting):
        gate.similar("a text", 3)
    assert gate.newest(Question(""))  # needs no model
    gate.warm()
    assert not gate.is_starting
    assert gate.ask(Question("gradient")).hits


def test_a_question_that_came_while_the_model_was_loaded_is_answered():
    gate = EngineGate(CannedEngine(), at_once=1, loading_patience=60)
    gate.expect_model()
    loading = threading.Timer(0.05, gate.warm)
    loading.start()
    assert gate.ask(Question("gradient")).hits
    loading.join()


def test_a_model_that_can_not_be_loaded_keeps_nobody_waiting():
    engine = CannedEngine()
    gate = EngineGate(engine, at_once=1, loading_patience=60)
    gate.expect_model()

    def fails():
        raise ModelError("It is broken.")

    engine.warm = fails
    with pytest.raises(ModelError):
        gate.warm()
    assert not gate.is_starting
