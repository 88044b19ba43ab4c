"""The routes of feeds: the newest articles that answer a question, or pass filters.

A feed has those above the cut-off alone: what only may answer is no news.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for

from web.engine_gate import gate_of
from web.feeds.entries import Feed, article_entries, hit_entries
from web.feeds.formats import ATOM_TYPE, JSON_TYPE, atom, json_feed
from web.request_params import page_question
from web.search_links import answering, asked_fields, search_url, without_empty

ENTRIES = 30  # articles of a feed
MAX_AGE = 600  # seconds for which a reader need not ask again

feeds = Blueprint("feeds", __name__)


@feeds.get("/search.atom")
def search_atom() -> Response:
    """Give the newest results as Atom."""
    feed = _feed("feeds.search_atom")
    return _conditional(Response(atom(feed), mimetype=ATOM_TYPE))


@feeds.get("/search.json")
def search_json() -> Response:
    """Give the newest results as JSON Feed."""
    response = jsonify(json_feed(_feed("feeds.search_json")))
    response.mimetype = JSON_TYPE
    return _conditional(response)


def feed_links() -> list[tuple[str, str]]:
    """Return type and address of the feeds of what was asked here."""
    values = _asked()
    return [
        (ATOM_TYPE, url_for("feeds.search_atom", **values)),
        (JSON_TYPE, url_for("feeds.search_json", **values)),
    ]


def _asked() -> dict[str, Any]:
    # A feed is sorted by date, and has neither pages nor weaker matches.
    kept = asked_fields() | {"sort": "", "weaker": ""}
    return without_empty(kept)


def _feed(endpoint: str) -> Feed:
    # Where web/routes.py has put it.
    gate = gate_of(current_app)
    asked = asked_fields()
    question = replace(
        page_question(request.args), sort="newest", limit=ENTRIES, offset=0
    )
    if question.text.strip():
        answer = gate.ask(question)
        entries = hit_entries(answer.hits[: answering(answer)], _read_here)
    else:
        entries = article_entries(gate.newest(question), _read_here)
    home = url_for("pages.home", _external=True)
    return Feed(
        title=f"{asked['q'].strip() or asked['site'] or 'Newest'} – Blogsearch",
        address=url_for(endpoint, _external=True, **_asked()),
        home=home.rstrip("/") + search_url(sort="newest"),
        entries=entries,
    )


def _read_here(url: str) -> str:
    return url_for("pages.article", url=url, _external=True)


def _conditional(response: Response) -> Response:
    """Answer 304 where the reader has just this."""
    # Of the bytes: a run that brought nothing for this question changes none of them.
    response.add_etag()
    response.headers["Cache-Control"] = f"private, max-age={MAX_AGE}"
    response.make_conditional(request)
    return response
