"""/llms.txt: for a program that reads, the way to ask over HTTP.

Endpoints, parameters and fields are those of openapi.json, so that it tells nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for

from search.errors import BlogsearchError
from web.api.routes import OPENAPI
from web.engine_gate import EngineGate, gate_of

agents = Blueprint("agents", __name__)

# Asked where the index has no heading to make a question of.
QUESTION = "How do I begin?"
# The parts of an answer to a question that are explained.
EXPLAINED = ("Answer", "Result", "Passage")


@agents.get("/llms.txt")
def llms() -> Response:
    """Tell how to ask this server over HTTP, as plain text (llmstxt.org)."""
    described = json.loads(OPENAPI.read_text(encoding="utf-8"))
    gate = gate_of(current_app)
    text = render_template(
        "llms.txt",
        home=url_for("pages.home", _external=True).rstrip("/"),
        example=url_for(
            "api.search", q=_example_question(gate), limit=3, _external=True
        ),
        endpoints=list(_endpoints(described)),
        fields={
            name: list(_fields(described["components"]["schemas"][name]))
            for name in EXPLAINED
        },
    )
    return Response(text, mimetype="text/plain")


def _example_question(gate: EngineGate) -> str:
    """Choose a question that this index may answer."""
    with suppress(BlogsearchError):
        for question in gate.overview().questions:
            return question
    return QUESTION


def _endpoints(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            yield {
                "call": f"{method.upper()} {path}",
                "about": " ".join(
                    one[key].rstrip(".") + "."
                    for key in ("summary", "description")
                    if one.get(key)
                ),
                "parameters": [
                    (asked["name"], _about(asked))
                    for asked in one.get("parameters", [])
                ],
            }


def _about(asked: Mapping[str, Any]) -> str:
    """Say what a parameter is, and its bounds."""
    # A parameter without a value is as none: the description allows for that.
    schema = asked["schema"].get("anyOf", [asked["schema"]])[0]
    bounds = []
    if asked.get("required"):
        bounds.append("required")
    if "maximum" in schema:
        bounds.append(f"{schema['minimum']} to {schema['maximum']}")
    if "maxLength" in schema:
        bounds.append(f"at most {schema['maxLength']} characters")
    if "enum" in schema:
        bounds.append(", ".join(str(one) for one in schema["enum"] if one != ""))
    if "default" in asked["schema"]:
        bounds.append(f"{asked['schema']['default']} if left out")
    about = asked.get("description", "")
    return f"{about} ({'; '.join(bounds)})" if bounds else about


def _fields(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, one in schema["properties"].items():
        yield name, one.get("description", "")
