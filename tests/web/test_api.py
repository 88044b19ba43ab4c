from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.torture.scale import rounds
from tests.web.canned_engine import HOSTILE, CannedEngine
from web import create_app
from web.engine_gate import EngineGate
from web.request_params import Question
from web.routes import register
from web.settings import Settings

NAMES = [
    "q",
    "limit",
    "offset",
    "site",
    "author",
    "after",
    "before",
    "sort",
    "year",
    "page",
]


def _error(response):
    body = response.get_json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    return response.status_code, body["error"]["code"]


def test_an_answer_has_the_shape_of_the_contract(client):
    body = client.get("/api/search?q=gradient&limit=2&offset=1").get_json()
    assert {name: body[name] for name in ("query", "corrected", "took_ms", "generation", "total", "confident")} == {
        "query": "gradient", "corrected": None, "took_ms": 7.9, "generation": 7, "total": 40, "confident": True,
    }  # fmt: skip
    assert [result["title"] for result in body["results"]] == [
        "Writing the gradient step by hand",
        "Momentum, with and without the formula",
    ]
    passage = body["results"][0]["passages"][0]
    assert body["results"][0]["published"] == "2024-11-28"
    assert {passage["text"][start:end] for start, end in passage["highlights"]} == {
        "gradient"
    }


def test_what_is_near_to_an_article_or_a_text_comes_in_the_form_of_results(client):
    body = client.get(
        "/api/related", query_string={"url": "http://127.0.0.1:1/posts/0/", "limit": 2}
    ).get_json()
    assert (body["url"], body["title"], body["took_ms"]) == (
        "http://127.0.0.1:1/posts/0/", "What the gradient does not say", 3.1,
    )  # fmt: skip
    searched = client.get("/api/search?q=gradient&limit=3").get_json()["results"]
    assert [set(found) for found in body["results"]] == [set(searched[0])] * 2
    similar = client.get(
        "/api/similar", query_string={"text": "the gradient\nof a loss", "limit": 1}
    ).get_json()
    assert set(similar) == {"took_ms", "results"}
    assert [found["title"] for found in similar["results"]] == [
        "What the gradient does not say"
    ]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("related?url=http://127.0.0.1:1/nothing", (404, "unknown-article")),
        ("related", (400, "bad-parameter")),
        ("related?url=", (400, "bad-parameter")),
        ("similar?text=+", (400, "bad-parameter")),
        ("similar?text=gradient&limit=0", (400, "bad-parameter")),
    ],
)
def test_what_cannot_be_compared_says_why(client, path, error):
    assert _error(client.get(f"/api/{path}")) == error


def test_facets_are_pairs(client):
    body = client.get("/api/search?q=gradient&limit=3").get_json()
    years = body["facets"]["years"]
    assert years == sorted(years)
    assert sum(count for _, count in body["facets"]["sites"]) == body["total"]


def test_a_mended_question_is_named_and_exact_takes_the_typed_one(client):
    body = client.get("/api/search?q=gradeint+step").get_json()
    assert (body["query"], body["corrected"]) == ("gradeint step", "gradient step")
    assert body["total"] == 40
    body = client.get("/api/search?q=gradeint+step&exact=1").get_json()
    assert (body["query"], body["corrected"]) == ("gradeint step", None)
    assert body["total"] < 40


def test_filters_and_order_reach_the_engine(client):
    body = client.get(
        "/api/search?q=gradient&author=zo%C3%A9&after=2021&before=2021-08&sort=newest"
    ).get_json()
    assert [result["title"] for result in body["results"]] == [
        "Le gradient n'est pas une réponse"
    ]
    newest = client.get("/api/search?q=gradient&sort=newest&limit=100").get_json()[
        "results"
    ]
    dates = [result["published"] or "" for result in newest]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == 40


def test_a_link_says_so_and_brings_its_note(client):
    (result,) = client.get("/api/search?q=gradient&site=elsewhere.example").get_json()[
        "results"
    ]
    assert (result["evidence"], result["published"]) == ("link", None)
    assert result["note"].startswith("Why a gradient is kept twice.")


def test_text_comes_back_as_it_is_and_readable(client):
    response = client.get(
        "/api/search", query_string={"q": "梯度", "site": "笔记.example"}
    )
    assert "梯度（gradient）".encode() in response.data
    hostile = client.get(
        "/api/search", query_string={"q": "gradient", "site": HOSTILE}
    ).get_json()
    assert hostile["results"][0]["site"] == HOSTILE


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "bad-parameter"),
        ("q=", 400, "empty"),
        ("q=%20%20", 400, "empty"),
        ("q=site:diary.example", 400, "nothing-to-search"),
        ("q=a%00b", 400, "control-characters"),
        ("q=a+before:soon", 400, "bad-date"),
        ("q=w&limit=0", 400, "bad-parameter"),
        ("q=w&after=soon", 400, "bad-date"),
        ("q=" + "x" * 2001, 413, "too-long"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(client, query, status, code):
    assert _error(client.get(f"/api/search?{query}")) == (status, code)


def test_errors_of_http_are_json_too(client):
    assert _error(client.get("/api/nothing")) == (404, "not-found")
    assert _error(client.post("/api/search", data={"q": "w"})) == (
        405,
        "method-not-allowed",
    )
    assert client.post("/api/search").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_unexpected_error_tells_nothing(client, caplog):
    response = client.get("/api/search?q=boom")
    assert _error(response) == (500, "internal")
    assert b"secret" not in response.data
    assert "a secret from inside" in caplog.text


def test_without_an_index_the_answer_is_503(client_without_index):
    assert _error(client_without_index.get("/api/search?q=w")) == (503, "no-index")


def test_too_many_questions_are_told_when_to_come_back(tmp_path: Path):
    client = create_app(
        Settings(index=tmp_path, per_minute=1), CannedEngine()
    ).test_client()
    client.get("/api/search?q=gradient")
    response = client.get("/api/search?q=gradient")
    assert _error(response) == (429, "too-many-questions")
    assert int(response.headers["Retry-After"]) >= 1


def test_health(client, client_without_index):
    assert client.get("/healthz").get_json() == {
        "status": "ok", "articles": 40, "passages": 1234,
        "updated": "2026-11-22T08:14:51+00:00", "model": "canned",
    }  # fmt: skip
    missing = client_without_index.get("/healthz")
    assert _error(missing) == (503, "no-index")


def test_a_busy_engine_says_when_to_come_back(engine, tmp_path: Path):
    service = EngineGate(engine, at_once=1, patience=0.01)
    app = Flask("web")
    register(app, service, answered_hosts=None)
    engine.held.clear()
    first = threading.Thread(target=service.ask, args=(Question("gradient"),))
    first.start()
    assert engine.began.wait(10)
    response = app.test_client().get("/api/search?q=gradient")
    engine.held.set()
    first.join()
    assert _error(response) == (503, "busy")
    assert int(response.headers["Retry-After"]) >= 1


@settings(
    max_examples=rounds(150, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["/", "/api/search"]),
    st.dictionaries(
        st.sampled_from(NAMES), st.one_of(st.text(), st.integers().map(str))
    ),
)
def test_no_parameters_make_it_fail(client, path, args):
    response = client.get(path, query_string=args)
    assert response.status_code in {200, 400, 413}
    assert response.is_json == (path == "/api/search")


@settings(
    max_examples=rounds(100, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=60))
def test_no_bytes_in_the_address_make_it_fail(client, raw):
    encoded = "".join(f"%{byte:02X}" for byte in raw)
    for path in (
        f"/api/search?q={encoded}",
        f"/?q=gradient&site={encoded}",
        f"/{encoded}",
    ):
        assert client.get(path).status_code < 500
