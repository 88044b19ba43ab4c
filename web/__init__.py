"""A thin face over search: a page for people, JSON for programs."""

from __future__ import annotations

from flask import Flask

from web.service import SearchEngine, Service
from web.settings import Settings
from web.views import register


def create_app(settings: Settings, engine: SearchEngine | None = None) -> Flask:
    """The WSGI app; without an ``engine`` it reads the index in ``settings.index_dir``, at the first call."""
    if engine is None:
        # Not needed where an engine is given, and it brings numpy and faiss along.
        from search.engine import Engine

        engine = Engine(settings.index_dir)
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    register(
        app,
        Service(engine, at_once=settings.at_once, per_minute=settings.per_minute),
        settings.answered_hosts,
    )
    return app
