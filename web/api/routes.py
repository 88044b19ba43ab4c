"""The routes for programs: /api/…, /healthz and the description of both.

Each reads its parameters, asks the engine gate once and writes JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from search.serialization import as_json, related_as_json, similar_as_json
from web.api.suggestions import suggestions_as_json, typed_question
from web.engine_gate import gate_of
from web.request_params import api_question, nearest_query
from web.search_links import asked_fields

# Beside the package, where people look for it.
OPENAPI = Path(__file__).parents[1] / "openapi.json"

api = Blueprint("api", __name__)


@api.get("/api/search")
def search() -> ResponseReturnValue:
    """Answer one question as JSON."""
    return jsonify(as_json(gate_of(current_app).ask(api_question(request.args))))


@api.get("/api/suggest")
def suggest() -> ResponseReturnValue:
    """Suggest articles for what has been typed so far."""
    answer = gate_of(current_app).suggest(typed_question(request.args))
    return jsonify(suggestions_as_json(answer, asked_fields()))


@api.get("/api/related")
def related() -> ResponseReturnValue:
    """List other articles on the subject of one as JSON."""
    found = gate_of(current_app).related(*nearest_query(request.args, "url"))
    return jsonify(related_as_json(found))


@api.get("/api/similar")
def similar() -> ResponseReturnValue:
    """List the articles nearest to a text as JSON."""
    found = gate_of(current_app).similar(*nearest_query(request.args, "text"))
    return jsonify(similar_as_json(found))


@api.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Count what is indexed; 503 and the reason where no question can be answered,
    "starting" until the model is loaded."""
    return gate_of(current_app).health()


@api.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Describe the API (OpenAPI 3.1)."""
    return jsonify(json.loads(OPENAPI.read_text(encoding="utf-8")))
