"""The routes that take something: the page /add with its form, and POST /api/save.

Nothing is fetched or indexed here: the indexer does, when it takes the request in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from search.text.urls import canonical
from web.error_responses import NotSaved
from web.saving.bookmarklet import bookmarklet
from web.saving.desk import Desk, desk_of
from web.saving.run_view import moment, run_view
from web.saving.sent import LONGEST, checked, sent_request
from web.search_links import asked_fields
from web.security import check_own_page

PREFILLED = ("url", "title", "note", "tags")
# Browsers would else send "null" as the origin of the page's own form.
OWN_REFERRER = {"Referrer-Policy": "same-origin"}
CLOSED = (
    "Nothing can be saved from this page. Whoever runs this server can open it, with"
    " BLOGSEARCH_WRITE=1, to all who may open the page."
)

saving = Blueprint("saving", __name__)


@saving.get("/add")
def add_page() -> ResponseReturnValue:
    """Show the form, the recipes and the last run."""
    return _page(_open_desk(), request.args)


@saving.post("/add")
def add() -> ResponseReturnValue:
    """Take what the form sends, and lead back to the page."""
    check_own_page(request.headers, request.environ.get("HTTP_HOST", ""))
    desk = _open_desk()
    fields = {name: request.form.get(name, "") for name in PREFILLED}
    kind: Literal["save", "follow"] = "save"
    if request.form.get("kind") == "follow":
        kind = "follow"
    try:
        desk.leave(checked(kind, fields))
    except NotSaved as error:
        # With what was typed, which would be lost otherwise.
        return _page(desk, request.form, desk.complete(str(error))), error.status
    return redirect(url_for("saving.add_page", done=kind, _anchor="run"), 303)


def _page(desk: Desk, given: Mapping[str, str], problem: str = "") -> Response:
    filled = {name: given.get(name, "")[: LONGEST["url"]] for name in PREFILLED}
    text = render_template(
        "add.html",
        asked=asked_fields(),
        given=filled,
        kind=given.get("kind", "save"),
        problem=problem,
        done=request.args.get("done", ""),
        is_filled=any(filled.values()),
        bookmarklet=bookmarklet(url_for("saving.add_page", _external=True)),
        api=url_for("saving.save_page", _external=True),
        run=run_view(desk),
        moment=moment,
    )
    response = Response(text)
    response.headers.update(OWN_REFERRER)
    response.headers["Cache-Control"] = "no-store"
    return response


@saving.get("/add/run")
def run_state() -> ResponseReturnValue:
    """Show the last run alone, for the page to look at again."""
    page = render_template("last_run.html", run=run_view(_open_desk()), moment=moment)
    return page, {"Cache-Control": "no-store"}


@saving.post("/api/save")
def save_page() -> Response:
    """Take a page from a program that has the token."""
    desk = desk_of(current_app)
    # First: of who has none nothing is read.
    desk.require_token(request.headers.get("Authorization", ""))
    saved = sent_request(request)
    desk.leave(saved)
    look_at = url_for("pages.article", url=canonical(saved.url), _external=True)
    response = jsonify(saved=saved.url, tags=list(saved.tags), look_at=look_at)
    # SingleFile takes any other answer than 200 and 201 for a failure.
    response.status_code = 201 if request.files else 202
    response.headers["Location"] = look_at
    return response


def _open_desk() -> Desk:
    desk = desk_of(current_app)
    if not desk.settings.may_write:
        raise NotSaved(403, "saving-off", CLOSED)
    desk.require_place()
    return desk
