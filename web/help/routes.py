"""The route of the page on operators, which works without scripts."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from web.engine_gate import gate_of
from web.help.operators import operators
from web.search_links import asked_fields, search_url

helping = Blueprint("help", __name__)


@helping.get("/help")
def show() -> ResponseReturnValue:
    """Show all operators, with examples that this index can answer."""
    newest = gate_of(current_app).overview().newest
    # Of a question of its own, not of the filters of the last one.
    return render_template(
        "operators_page.html",
        asked=dict.fromkeys(asked_fields(), ""),
        operators=[
            (one, search_url(q=one.question) if one.question else "")
            for one in operators(newest)
        ],
    )
