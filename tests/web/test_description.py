"""The description of the API tells of every answer, and each answer that it tells of is
given."""

from __future__ import annotations

import json

import pytest

from search.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
    QueryError,
    StorageFailed,
)
from tests.web.canned_engine import CannedEngine
from web import create_app
from web.api.routes import OPENAPI
from web.engine_gate import gate_of
from web.error_responses import Busy
from web.request_params import MAX_FILTER_CHARACTERS, MAX_LIMIT, MAX_OFFSET
from web.settings import Settings

DESCRIBED = json.loads(OPENAPI.read_text(encoding="utf-8"))
SECRET = "/home/me/secret"
CODES = {
    code: int(status)
    for status, answer in DESCRIBED["components"]["responses"].items()
    for code in answer["content"]["application/json"]["schema"]["allOf"][1][
        "properties"
    ]["error"]["properties"]["code"]["enum"]
}
ASKED = {
    "bad-parameter": "/api/search?q=w&limit=0",
    "empty": "/api/search?q=+",
    "nothing-to-search": "/api/search?q=site:a.example",
    "control-characters": "/api/search?q=a%01",
    "bad-date": "/api/search?q=w&after=soon",
    "bad-language": "/api/search?q=w&lang=klingon",
    "unsupported": "/api/search?q=w+-site:a.example",
    "unknown-article": "/api/related?url=x",
    "answers-off": "/api/answer?q=w",
    "too-long": "/api/search?q=" + "x" * 2001,
}
RAISED = {
    "too-slow": QueryError("too-slow", "This takes too long."),
    "busy": Busy("Ask again."),
    "internal": RuntimeError(SECRET),
    "no-index": IndexMissing(SECRET),
    "index-damaged": IndexDamaged(SECRET),
    "index-mismatch": IndexMismatch(SECRET),
    "storage-failed": StorageFailed(SECRET),
    "index-busy": IndexBusy(SECRET),
    "model-error": ModelError(SECRET),
}


class Failing(CannedEngine):
    """Whatever it is asked, it raises one error."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def search(self, question, **told):
        raise self.error

    related = similar = search

    def status(self):
        raise self.error


def answers(code):
    """The answers to requests that come to this error, by whichever way."""
    if code in RAISED:
        client = create_app(Settings(log="off"), Failing(RAISED[code])).test_client()
        paths = (
            "/api/search?q=w",
            "/api/related?url=w",
            "/api/similar?text=w",
            "/healthz",
        )
        return [client.get(path) for path in paths]
    app = create_app(Settings(log="off", per_minute=1), CannedEngine())
    client = app.test_client()
    if code == "starting":
        gate = gate_of(app)
        gate._loading_patience = 0.01
        gate.expect_model()
        return [client.get("/api/search?q=w")]
    if code == "too-many-questions":
        client.get("/api/search?q=w")
        return [client.get("/api/search?q=w")]
    if code == "unknown-host":
        return [client.get("/api/search?q=w", headers={"Host": "evil.example"})]
    if code == "foreign-page":
        return [
            client.get("/api/search?q=w", headers={"Origin": "https://evil.example"})
        ]
    return [client.get(ASKED[code])]


@pytest.mark.parametrize("code", CODES)
def test_every_error_that_is_described_is_given(code):
    for answer in answers(code):
        assert answer.status_code == CODES[code]
        assert answer.content_type == "application/json"
        assert list(answer.get_json()) == ["error"]
        assert answer.get_json()["error"]["code"] == code
        assert (
            answer.get_json()["error"]["message"].rstrip("E")[-1] in ".RC"
            or code == "no-index"
        )
        assert ("Retry-After" in answer.headers) == (CODES[code] in (429, 503))
        assert SECRET not in answer.text


@pytest.mark.parametrize("code", [code for code in RAISED if code != "too-slow"])
def test_no_page_tells_of_folders_and_the_log_does(code, caplog):
    client = create_app(Settings(log="off"), Failing(RAISED[code])).test_client()
    for path in ("/", "/?q=w", "/related?url=w"):
        assert SECRET not in client.get(path).text
    assert (SECRET in caplog.text) == (code != "busy")


def test_the_bounds_are_those_of_the_program(client):
    asked = {
        one["name"]: one["schema"]
        for one in DESCRIBED["paths"]["/api/search"]["get"]["parameters"]
    }
    assert asked["limit"]["anyOf"][0]["maximum"] == MAX_LIMIT
    assert asked["offset"]["anyOf"][0]["maximum"] == MAX_OFFSET
    assert (
        asked["site"]["maxLength"]
        == asked["author"]["maxLength"]
        == MAX_FILTER_CHARACTERS
    )
    assert client.get("/openapi.json").get_json() == DESCRIBED


def test_every_address_for_programs_is_described(client):
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    of_programs = {
        rule for rule in rules if rule.startswith(("/api/", "/healthz", "/openapi"))
    }
    assert of_programs == set(DESCRIBED["paths"])


def test_a_model_in_a_folder_is_named_without_it():
    class There(CannedEngine):
        def status(self):
            return (
                super()
                .status()
                .__class__(1, 1, (), (), "2026", "/home/me/secret/e5-small")
            )

    client = create_app(Settings(log="off"), There()).test_client()
    assert client.get("/healthz").get_json()["model"] == "e5-small"
