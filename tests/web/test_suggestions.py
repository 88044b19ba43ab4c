"""Suggestions while a question is typed: which articles, which words of them, and what
they may cost."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.types import Highlight, HitPassage, ShownBlock
from tests.web.canned_engine import CannedEngine
from web import create_app
from web.api.suggestions import LONGEST, excerpt
from web.engine_gate import EngineGate
from web.error_responses import Busy
from web.request_params import Question
from web.settings import Settings


def suggested(client, path):
    return client.get(f"/api/suggest?{path}").get_json()["suggestions"]


def test_each_has_a_title_a_line_and_the_link_to_its_answer(client):
    found = suggested(client, "q=gradient")
    assert len(found) == 5
    first = found[0]
    assert first["title"] == "What the gradient does not say"
    assert first["url"] == "http://127.0.0.1:1/posts/0/#step"
    marked = {first["quote"][start:end] for start, end in first["highlights"]}
    assert marked == {"gradient"}
    assert all(len(one["quote"]) <= LONGEST + 1 for one in found)


def test_the_filters_of_the_page_hold(client):
    found = suggested(
        client, "q=gradient&site=diary.example&year=2015&page=3&sort=newest"
    )
    assert [one["site"] for one in found] == ["diary.example"] * 3


@pytest.mark.parametrize("path", ["q=unsure+gradient", "q=zzz"])
def test_nothing_is_suggested_where_nothing_answers(client, path):
    assert suggested(client, path) == []


def test_weaker_matches_and_articles_nobody_can_open_are_left_out(client, engine):
    ask = engine.search
    engine.search = lambda *q, **told: replace(ask(*q, **told), total=2)
    assert len(suggested(client, "q=gradient")) == 2
    engine.search, engine.hits = ask, engine.hits[8:9]  # a link to javascript:
    assert suggested(client, "q=gradient") == []


def test_it_waits_for_no_place_and_leaves_the_last_to_questions():
    engine = CannedEngine()
    gate = EngineGate(engine, at_once=2, patience=5)
    engine.held.clear()
    typed = Question("gradient")
    typing = threading.Thread(target=gate.suggest, args=[typed])
    typing.start()
    assert engine.began.wait(5)
    with pytest.raises(Busy):
        gate.suggest(typed)
    engine.held.set()
    typing.join(5)
    assert gate.suggest(typed).hits


def test_a_question_is_answered_beside_a_suggestion_and_goes_before_it():
    engine = CannedEngine()
    engine.held.clear()
    app = create_app(Settings(log="off", at_once=1), engine)
    asking = threading.Thread(target=app.test_client().get, args=["/?q=gradient"])
    asking.start()
    assert engine.began.wait(5)
    refused = app.test_client().get("/api/suggest?q=gradient")
    engine.held.set()
    asking.join(5)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]


ANSWER = "It is the pentosans that hold the water, and so the crumb stays sticky to the knife."


@pytest.mark.parametrize(
    ("text", "told", "line"),
    [
        (f"Rye is odd. {ANSWER}", {"answer": Highlight(12, 12 + len(ANSWER))}, ANSWER),
        (f"Rye is odd. {ANSWER}", {}, f"Rye is odd. {ANSWER}"),
        # A first mark far along: the line begins with its sentence.
        (f"{'Rye is odd. ' * 8}{ANSWER}", {"highlights": (Highlight(106, 115),)}, ANSWER),
        # It ends with its block, unless that is too short.
        (f"{ANSWER}\nx = 1", {"blocks": (ShownBlock(0, len(ANSWER), "paragraph"),)}, f"{ANSWER}…"),
        ("Three:\nwater", {"blocks": (ShownBlock(0, 6, "paragraph"),)}, "Three: water"),
        ("ab " * 100, {}, ("ab " * 53).strip() + "…"),
        ("黑麦" * 100, {}, "黑麦" * 80 + "…"),
    ],
)  # fmt: skip
def test_the_line_begins_where_the_answer_does(text, told, line):
    assert (
        excerpt(HitPassage(text, "", "", **{"highlights": (), **told}, score=1))[0]
        == line
    )


@given(st.lists(st.sampled_from(["ab", "c", ".", "\n", "黑麦"]), max_size=300))
def test_a_line_is_short_and_marks_the_same_words(words):
    text = " ".join(words)
    marks = tuple(Highlight(*found.span()) for found in re.finditer("ab", text))
    line, spans = excerpt(HitPassage(text, "", "", marks, 1.0))
    assert len(line) <= LONGEST + 1
    assert "\n" not in line
    assert len(spans) == line.count("ab")
    assert {line[start:end] for start, end in spans} <= {"ab"}
