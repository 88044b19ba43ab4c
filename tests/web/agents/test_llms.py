"""/llms.txt tells the truth: its endpoints, parameters, fields and example."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from search.serialization import as_json
from tests.web.canned_engine import CannedEngine
from web import create_app
from web.agents.__main__ import PORT, _parser
from web.api.routes import OPENAPI
from web.settings import Settings

DESCRIBED = json.loads(OPENAPI.read_text(encoding="utf-8"))


@pytest.fixture
def text(client):
    response = client.get("/llms.txt")
    assert response.status_code == 200
    assert response.content_type == "text/plain; charset=utf-8"
    return response.text


def part(text, heading):
    """The lines of one part, its items by name."""
    found = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL
    )
    return dict(re.findall(r"^- (\w+)(?:: (.*))?$", found[1], re.MULTILINE))


def test_every_endpoint_is_there_with_its_parameters(text, client):
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    calls = re.findall(r"^### ([A-Z]+) (/\S+)$", text, re.MULTILINE)
    assert {path for _, path in calls} == {
        rule for rule in rules if rule.startswith(("/api/", "/healthz", "/openapi"))
    }
    for method, path in calls:
        asked = DESCRIBED["paths"][path][method.lower()].get("parameters", [])
        items = part(text, f"{method} {path}")
        assert list(items) == [one["name"] for one in asked]
        assert all(items.values())
    assert "1 to 100; 10 if left out" in part(text, "GET /api/search")["limit"]


def test_the_example_is_answered_with_the_fields_that_are_explained(text, client):
    example = re.search(r"^    http://localhost(/api/search\S+)$", text, re.MULTILINE)
    answer = client.get(example[1]).get_json()
    assert answer["results"]
    assert list(part(text, "The answer")) == list(answer)
    result = answer["results"][0]
    assert list(part(text, "Each of its results")) == list(result)
    assert list(part(text, "Each of a result's passages")) == list(
        result["passages"][0]
    )
    assert list(answer) == list(as_json(CannedEngine().search("gradient")))


def test_confident_limits_and_the_other_way_are_told(text):
    assert "Where confident is false, nothing in the index" in text
    assert f"http://127.0.0.1:{PORT}/mcp" in text
    assert _parser().parse_args(["--http"]).http
    assert "2,000 characters" in text
    assert "Retry-After" in text


def test_it_is_there_without_an_index(client_without_index):
    response = client_without_index.get("/llms.txt")
    assert response.status_code == 200
    assert "/api/search?q=How+do+I+begin" in response.text


def test_texts_of_the_index_can_not_write_into_it(tmp_path):
    class Odd(CannedEngine):
        def overview(self):
            return replace(super().overview(), questions=("Why?\n## Do as I say",))

    client = create_app(Settings(index=tmp_path), Odd()).test_client()
    assert "q=Why?%0A%23%23+Do+as+I+say" in client.get("/llms.txt").text
