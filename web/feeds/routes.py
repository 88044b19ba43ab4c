"""The routes of feeds: the newest articles that answer a question, or pass filters.

A feed has those above the cut-off alone: what only may answer is no news.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from search.feeds.entries import Feed, article_entries, hit_entries
from search.feeds.formats import ATOM_TYPE, JSON_TYPE
from web.engine_gate import gate_of
from web.feeds.responses import as_atom, as_json_feed, link_of
from web.request_params import page_question
from web.search_links import answering, asked_fields, search_url, without_empty

ENTRIES = 30  # articles of a feed

feeds = Blueprint("feeds", __name__)


@feeds.get("/search.atom")
def search_atom() -> Response:
    """Give the newest results as Atom."""
    return as_atom(_feed("feeds.search_atom"))


@feeds.get("/search.json")
def search_json() -> Response:
    """Give the newest results as JSON Feed."""
    return as_json_feed(_feed("feeds.search_json"))


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
        entries = hit_entries(answer.hits[: answering(answer)], link_of)
    else:
        entries = article_entries(gate.newest(question), link_of)
    home = url_for("pages.home", _external=True)
    # Where it is of no question, it is of what the filters leave.
    named = [asked["q"].strip(), asked["site"], asked["tag"], asked["collection"]]
    return Feed(
        title=f"{next(filter(None, named), 'Newest')} – Blogsearch",
        address=url_for(endpoint, _external=True, **_asked()),
        home=home.rstrip("/") + search_url(sort="newest"),
        entries=entries,
    )
