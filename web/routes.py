"""The pages for people; the folders beside this module have further routes.

Each reads its parameters, asks the engine gate once and renders the answer.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from web.agents.llms import agents
from web.answers.routes import answers, compose_form
from web.api.routes import api
from web.article_view import MOST_NOTES, article_view, opening_address
from web.coverage.routes import coverage
from web.embedding.routes import embedding
from web.engine_gate import EngineGate, gate_of
from web.error_responses import (
    ErrorResponse,
    FileUnavailable,
    error_response_for,
)
from web.facet_links import FILTERS, active_filters, facet_links
from web.feeds.routes import feed_links, feeds
from web.feeds.standing import standing, watched
from web.files.kinds import content_type
from web.files.response import NOT_HELD, file_response
from web.help.routes import helping
from web.hit_view import PageContext, hit_view, post_view
from web.installing.routes import installing
from web.rate_limit import SAVE
from web.request_params import (
    PAGE_SIZE,
    article_address,
    nearest_query,
    page_number,
    page_question,
)
from web.saving.routes import saving
from web.search_links import (
    answering,
    asked_fields,
    paging,
    search_url,
    without_empty,
)
from web.security import (
    add_headers,
    check_host,
    check_origin,
    let_read,
)
from web.text_view import plain_date, plain_time

FOR_PROGRAMS = (
    "/api/",
    "/embed.js",
    "/healthz",
    "/openapi.json",
    "/search.",
    "/watch/",
)

log = logging.getLogger(__name__)
pages = Blueprint("pages", __name__)
# One a line: each folder of web/ has its own.
BLUEPRINTS = (
    pages,
    agents,
    answers,
    api,
    coverage,
    embedding,
    feeds,
    installing,
    helping,
    saving,
    standing,
)


def register(
    app: Flask,
    gate: EngineGate,
    *,
    answered_hosts: frozenset[str] | None,
    origins: frozenset[str] = frozenset(),
) -> None:
    """Add the routes, the error responses and the guards to the app."""

    def check() -> None:
        host = request.environ.get("HTTP_HOST", "")
        check_host(host, answered_hosts)
        # Whoever has the token needs no leave by origin: a browser sends it by itself
        # to nobody, and SingleFile's own origin is that of an extension.
        is_save = request.endpoint == SAVE and request.method == "POST"
        # Browsers don't say which page takes a script. Without any that may ask, none
        # learns by it that there is a server here.
        is_script = bool(origins) and request.endpoint == "embedding.embed_script"
        if not (is_save or is_script):
            check_origin(request.headers, host, origins)

    def finish(response: Response) -> Response:
        if request.path.startswith(FOR_PROGRAMS):
            let_read(response, request.headers.get("Origin", ""), origins)
        return add_headers(response)

    app.extensions["blogsearch"] = gate
    app.before_request(check)
    app.after_request(finish)
    app.register_error_handler(Exception, _answer_error)
    app.jinja_env.filters.setdefault("with_index", str)  # what create_app knows
    app.jinja_env.filters.update(plain_date=plain_date, plain_time=plain_time)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


@pages.get("/")
def home() -> ResponseReturnValue:
    """Show the search box, and under it the index's contents or the results."""
    asked = asked_fields()
    if asked["q"].strip():
        return _results(asked)
    if any(asked[name] for name in FILTERS):
        return _newest(asked)
    gate = gate_of(current_app)
    status, overview = gate.status(), gate.overview()
    return render_template(
        "home.html",
        status=status,
        asked=asked,
        questions=[(text, search_url(q=text)) for text in overview.questions],
        newest=list(map(post_view, overview.newest)),
        sites=[(name, count, search_url(site=name)) for name, count in status.sites],
        watched=watched(),
    )


def _results(asked: dict[str, str]) -> ResponseReturnValue:
    """Show one page of results; of a question that nothing answers, the nearest."""
    question = page_question(request.args)
    answer = gate_of(current_app).ask(question)
    total = answering(answer)
    page = _context(asked, answers=answer.confident)
    found = answer.total + answer.weaker
    hits = [
        hit_view(hit, page, short=place > 0 or place >= total)
        for place, hit in enumerate(answer.hits, question.offset)
    ]
    here = max(0, total - question.offset)
    return render_template(
        "results.html",
        asked=asked,
        answer=answer,
        total=total,
        found=found,
        first=question.offset + 1,
        hits=hits[:here],
        weaker=hits[here:],
        # The last page of those that answer is where the others are offered.
        has_weaker=found > total and question.offset + len(hits) >= total,
        without_weaker=search_url(weaker=""),
        suggested=search_url(q=answer.suggested) if answer.suggested else "",
        paging=paging(question, answer, weaker=bool(asked["weaker"])),
        narrowing=facet_links(answer.facets, asked, search_url),
        compose=compose_form(),
        feeds=feed_links(),
    )


def _context(asked: dict[str, str], *, answers: bool = True) -> PageContext:
    names = dict(gate_of(current_app).overview().link_pages)
    back = asked | {"page": request.args.get("page", "")} if asked else {}
    return PageContext(names, back, answers)


def _newest(asked: dict[str, str]) -> ResponseReturnValue:
    """List the newest articles of a site, an author or some years."""
    question = page_question(request.args)
    more = replace(question, limit=question.limit + 1)  # to know if there is another
    found = gate_of(current_app).newest(more)
    number = question.offset // PAGE_SIZE + 1
    previous = following = ""
    if number > 1:
        previous = search_url(page=number - 1)
    if len(found) > PAGE_SIZE:
        following = search_url(page=number + 1)
    return render_template(
        "browse.html",
        asked=asked,
        newest=list(map(post_view, found[:PAGE_SIZE])),
        filters=list(active_filters(asked, search_url)),
        unfiltered=url_for("pages.home"),
        number=number,
        previous=previous,
        next=following,
        feeds=feed_links(),
    )


@pages.get("/related")
def related() -> ResponseReturnValue:
    """Show other articles on the subject of one."""
    found = gate_of(current_app).related(*nearest_query(request.args, "url"))
    page = _context({})
    return render_template(
        "related.html",
        asked=asked_fields(),
        title=found.title.strip() or found.url,
        link=opening_address(found.url),
        hits=[hit_view(hit, page, short=True) for hit in found.hits],
    )


@pages.get("/article")
def article() -> ResponseReturnValue:
    """Show the stored text of one article, the quote marked that the link names."""
    gate, asked = gate_of(current_app), asked_fields()
    found = gate.article(article_address(request.args))
    names = dict(gate.overview().link_pages) if found.notes else {}
    number = page_number(request.args)
    page = render_template(
        "article.html",
        asked=asked,
        article=article_view(found, request.args, names),
        back_link=search_url(page=number) if any(asked.values()) else "",
        most_notes=MOST_NOTES,
    )
    return page, {"X-Robots-Tag": "noindex"}


@pages.get("/file")
def local_file() -> ResponseReturnValue:
    """Hand over a local file that is one article of the index.

    Browsers follow no link from a page to a file.
    """
    url = request.args.get("url", "")
    if not content_type(url) or not gate_of(current_app).holds(url):
        raise FileUnavailable(NOT_HELD)
    return file_response(url)


@pages.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """Describe this search so that a browser can add it to its own."""
    text = render_template("opensearch.xml", home=url_for("pages.home", _external=True))
    return Response(text, mimetype="application/opensearchdescription+xml")


def _answer_error(error: Exception) -> Response:
    problem = error_response_for(error)
    if problem.status == 500:
        log.error("answering %s failed", request.path, exc_info=error)
    elif problem.status == 503 and problem.message != str(error):
        log.error("%s", error)
    complete = current_app.jinja_env.filters["with_index"]
    problem = replace(problem, message=complete(problem.message))
    if request.path.startswith(FOR_PROGRAMS):
        response = jsonify(error={"code": problem.code, "message": problem.message})
    else:
        response = Response(_error_page(problem))
    response.status_code = problem.status
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _error_page(problem: ErrorResponse) -> str:
    # As much of a question that was too long goes back into the box as a person may
    # want to shorten.
    asked = {name: value[:4000] for name, value in asked_fields().items()}
    again = url_for("pages.home", **without_empty(asked))
    return render_template("problem.html", asked=asked, problem=problem, again=again)
