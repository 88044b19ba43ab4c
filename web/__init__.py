"""A thin face over search: a page for people, JSON for programs."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from search.hints import with_index
from web.access_log import AccessLog
from web.answers.routes import let_compose
from web.engine_gate import EngineGate, SearchEngine
from web.error_responses import RETRY_AFTER
from web.metrics.counting_gate import CountingGate
from web.metrics.routes import metrics
from web.rate_limit import limit_clients
from web.routes import register
from web.saving.desk import set_up
from web.security import HeaderFilter
from web.settings import Settings

# These signs stand only within JSON strings, where they may be written as escapes: no
# answer is markup or script. One after the other: translate() takes ten times as long.
_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class _Json(DefaultJSONProvider):
    """JSON that is readable, and means nothing to a parser of HTML or JavaScript."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **options: Any) -> str:
        text = super().dumps(obj, **options)
        for sign, escape in _ESCAPES.items():
            text = text.replace(sign, escape)
        return text


def create_app(settings: Settings, engine: SearchEngine | None = None) -> Flask:
    """Make the WSGI app; without ``engine`` it opens the index of the settings lazily."""
    if engine is None:
        # Not needed where an engine is given, and it brings numpy and faiss along.
        from search.engine import Engine
        from search.index.open import open_index

        engine = Engine(open_index(settings.index))
    app = Flask(__name__)
    app.json = _Json(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["with_index"] = partial(_hint, settings)
    gate_class = CountingGate if settings.metrics else EngineGate
    gate = gate_class(engine, at_once=settings.at_once)
    register(
        app, gate, answered_hosts=settings.answered_hosts, origins=settings.origins
    )
    let_compose(app, settings.llm)
    if settings.metrics:
        app.register_blueprint(metrics)
    # After the guards, which refuse a stranger whatever the load.
    app.before_request(partial(_turn_away, gate))
    limit_clients(app, settings.rate)
    set_up(app, settings)
    if settings.proxies:  # not for the host's name: a browser sends it as Host
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0
        )
    app.wsgi_app = HeaderFilter(app.wsgi_app)  # type: ignore[method-assign]
    if settings.log != "off":
        app.wsgi_app = AccessLog(app.wsgi_app, full=settings.log == "full")  # type: ignore[method-assign]
    return app


def _turn_away(gate: EngineGate) -> None:
    """Refuse a question that waited too long for its turn, as the server says."""
    retry_after = request.environ.get(RETRY_AFTER)
    if retry_after:
        gate.turn_away(retry_after)


def _hint(settings: Settings, text: str) -> str:
    """Complete the commands in a text, where the reader is whoever may run them."""
    # To others the page names no folder of this machine.
    if settings.is_for_its_user:
        return with_index(text, settings.index)
    return text
