"""The route /metrics, which there is only where BLOGSEARCH_METRICS says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, current_app

from search.console import version
from search.errors import BlogsearchError
from web.engine_gate import EngineGate, gate_of
from web.metrics.counting_gate import CountingGate
from web.metrics.exposition import CONTENT_TYPE, Metric, Sample, exposition

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def page() -> Response:
    """Give all figures in the text format of Prometheus."""
    gate = gate_of(current_app)
    found = [_gauge("build_info", 1, "The version that runs.", version=version())]
    if isinstance(gate, CountingGate):
        found += gate.counts.metrics()
    found += _index_metrics(gate)
    return Response(exposition(found), content_type=CONTENT_TYPE)


def _index_metrics(gate: EngineGate) -> Iterator[Metric]:
    loaded = _gauge(
        "model_loaded", not gate.is_starting, "1 once questions wait for no model."
    )
    try:
        gate.require_sound()
        status, sources = gate.status(), gate.coverage()
    except BlogsearchError:
        # Whoever scrapes is to see just that, and the rest of the figures.
        yield _gauge("index_readable", 0, READABLE)
        yield loaded
        return
    yield _gauge("index_readable", 1, READABLE)
    yield loaded
    yield _gauge("articles", status.articles, "Articles in the index.")
    yield _gauge("passages", status.passages, "Passages in the index.")
    yield _gauge("sources", len(sources), "Sources in the last coverage report.")
    failed = sum(bool(source.error) for source in sources)
    yield _gauge("sources_failed", failed, "Sources that the last run could not read.")
    changed = datetime.fromisoformat(status.updated).timestamp()
    yield _gauge(
        "updated_timestamp_seconds",
        changed,
        "Unix time of the last run that changed the index.",
    )


READABLE = "1 where the index can be read; 0 where there is none, or it is damaged."


def _gauge(name: str, value: float, about: str, **labels: str) -> Metric:
    return Metric(f"blogsearch_{name}", "gauge", about, (Sample(value, labels),))
