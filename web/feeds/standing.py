"""The routes of standing questions: what the last runs noted as new for each.

Nothing is noted here.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, current_app, url_for

from search.feeds.entries import Feed, hit_entry
from web.engine_gate import gate_of
from web.feeds.responses import as_atom, as_json_feed, link_of
from web.feeds.routes import ENTRIES
from web.search_links import search_url

standing = Blueprint("standing", __name__)


@standing.get("/watch/<name>.atom")
def watch_atom(name: str) -> Response:
    """Give what is new for a standing question as Atom."""
    return as_atom(_feed(name, "standing.watch_atom"))


@standing.get("/watch/<name>.json")
def watch_json(name: str) -> Response:
    """Give what is new for a standing question as JSON Feed."""
    return as_json_feed(_feed(name, "standing.watch_json"))


def watched() -> list[tuple[str, str, str]]:
    """Return the text of each standing question, the page with all that answers it,
    newest first, and its feed."""
    return [
        (
            one.text,
            search_url(q=one.text, sort="newest"),
            url_for("standing.watch_atom", name=one.name),
        )
        for one in gate_of(current_app).standing().questions
    ]


def _feed(name: str, endpoint: str) -> Feed:
    gate = gate_of(current_app)
    # First, so that a name that isn't known takes no place at the engine.
    asked = gate.standing().question(name)
    home = url_for("pages.home", _external=True)
    return Feed(
        title=f"New for: {asked.text} – Blogsearch",
        address=url_for(endpoint, name=name, _external=True),
        home=home.rstrip("/") + search_url(q=asked.text, sort="newest"),
        entries=tuple(
            # By the time of the note, so that a reader shows old posts as new too.
            replace(hit_entry(hit, link_of), noted=noted.at)
            for noted, hit in gate.noted(asked, limit=ENTRIES)
        ),
    )
