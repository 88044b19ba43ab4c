from __future__ import annotations

import threading

import pytest

from search.errors import IndexMissing, ModelError, QueryError
from tests.web.canned_engine import CannedEngine
from web.engine_gate import EngineGate
from web.error_responses import Busy, Starting, error_response_for
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


def test_what_needs_no_model_does_not_wait_for_questions():
    engine = CannedEngine()
    engine.held.clear()
    gate = EngineGate(engine, at_once=1, patience=60)
    asking = [threading.Thread(target=_ask, args=(gate,)) for _ in range(3)]
    for thread in asking:
        thread.start()
    assert engine.began.wait(10)
    post = "http://127.0.0.1:1/posts/0/"
    assert gate.coverage()
    assert gate.article(post)
    assert gate.related(post, 3).hits
    assert gate.newest(Question(""))
    with pytest.raises(Busy):  # it computes, but doesn't wait either
        gate.suggest(Question("gradient"))
    engine.held.set()
    for thread in asking:
        thread.join()


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


def test_where_there_is_no_index_nobody_waits_for_its_model_until_there_is_one():
    engine = CannedEngine(missing=True)
    gate = EngineGate(engine, at_once=1, loading_patience=60)
    gate.expect_model()
    with pytest.raises(IndexMissing):
        gate.warm()
    for ask in (
        lambda: _ask(gate),
        lambda: gate.similar("gradient", 1),
        lambda: gate.suggest(Question("gradient")),
        gate.health,
    ):
        with pytest.raises(IndexMissing):
            ask()
    engine.missing = False
    assert gate.health()[1] == 503  # it is there, and its model not yet
    loading = threading.Timer(0.05, gate.warm)
    loading.start()
    assert _ask(gate).hits
    assert gate.health()[1] == 200
    loading.join()


def test_who_waited_too_long_is_told_when_to_come_back():
    gate = EngineGate(CannedEngine(), at_once=1)
    with pytest.raises(Busy) as busy:
        gate.turn_away(7)
    assert error_response_for(busy.value).retry_after == 7
    gate.expect_model()
    with pytest.raises(Starting):
        gate.turn_away(7)


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
