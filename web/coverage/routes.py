"""The route of the coverage report."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from web.coverage.view import source_view, totals
from web.engine_gate import gate_of
from web.search_links import asked_fields

coverage = Blueprint("coverage", __name__)


@coverage.get("/coverage")
def report() -> ResponseReturnValue:
    """Show the coverage report of each source."""
    reports = gate_of(current_app).coverage()
    return render_template(
        "coverage.html",
        asked=asked_fields(),
        totals=totals(reports),
        sources=list(map(source_view, reports)),
    )
