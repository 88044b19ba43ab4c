"""Feeds as responses, with the links that readers may follow.

It knows neither questions nor results.
"""

from __future__ import annotations

from flask import Response, jsonify, request, url_for

from search.feeds.entries import Feed
from search.feeds.formats import ATOM_TYPE, JSON_TYPE, atom, json_feed
from web.security import followable_on_web

MAX_AGE = 600  # seconds for which a reader need not ask again


def as_atom(feed: Feed) -> Response:
    """Give a feed as Atom."""
    return _conditional(Response(atom(feed), mimetype=ATOM_TYPE))


def as_json_feed(feed: Feed) -> Response:
    """Give a feed as JSON Feed."""
    response = jsonify(json_feed(feed))
    response.mimetype = JSON_TYPE
    return _conditional(response)


def link_of(opens: str, url: str) -> str:
    """Return the link of an entry: what opens it, or the page that shows what is stored
    of it."""
    # No reader can open a file of this machine, and none should run a script.
    here = url_for("pages.article", url=url, _external=True)
    return followable_on_web(opens) or here


def _conditional(response: Response) -> Response:
    """Answer 304 where the reader has just this."""
    # Of the bytes: a run that brought nothing for this question changes none of them.
    response.add_etag()
    response.headers["Cache-Control"] = f"private, max-age={MAX_AGE}"
    response.make_conditional(request)
    return response
