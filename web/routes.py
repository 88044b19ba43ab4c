"""The addresses: /, /related and /coverage for people, /api/… and /healthz for
programs, /opensearch.xml for browsers."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

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
from werkzeug.exceptions import NotFound

from search.serialization import as_json, related_as_json, similar_as_json
from search.types import Answer
from web.coverage_view import shown_books, totals
from web.engine_gate import Service
from web.error_responses import Problem, problem_of
from web.facet_links import narrowing
from web.hit_view import followable, plain_date, plain_time, shown_hit
from web.request_params import (
    MAX_OFFSET,
    PAGE_SIZE,
    Question,
    api_question,
    nearness,
    page_question,
)
from web.security import (
    PDF_POLICY,
    add_headers,
    check_host,
    check_origin,
    file_policy,
    let_read,
)

PDF = "application/pdf"
FOR_PROGRAMS = ("/api/", "/healthz", "/openapi.json")
FILE_KINDS = dict.fromkeys((".html", ".htm", ".xhtml"), "text/html") | {".pdf": PDF}

OPENAPI = Path(__file__).with_name("openapi.json")

log = logging.getLogger(__name__)
pages = Blueprint("pages", __name__)


def register(
    app: Flask,
    service: Service,
    answered_hosts: frozenset[str] | None,
    origins: frozenset[str] = frozenset(),
) -> None:
    """Put the addresses, the error answers and the guards into the app."""

    def check() -> None:
        host = request.environ.get("HTTP_HOST", "")
        check_host(host, answered_hosts)
        check_origin(request.headers, host, origins)

    def finish(response: Response) -> Response:
        if request.path.startswith(FOR_PROGRAMS):
            let_read(response, request.headers.get("Origin", ""), origins)
        return add_headers(response)

    app.extensions["blogsearch"] = service
    app.before_request(check)
    app.after_request(finish)
    app.register_error_handler(Exception, _answer_problem)
    app.jinja_env.filters.update(plain_date=plain_date, plain_time=plain_time)
    app.register_blueprint(pages)


def service_of(app: Flask) -> Service:
    """What ``register`` put into this app."""
    service: Service = app.extensions["blogsearch"]
    return service


@pages.get("/")
def home() -> ResponseReturnValue:
    """The search box, and under it what the index holds or what was found."""
    status = service_of(current_app).status()
    if not request.args.get("q", "").strip():
        return render_template("home.html", status=status, asked=_asked())
    question = page_question(request.args)
    answer = service_of(current_app).ask(question)
    return render_template(
        "results.html",
        status=status,
        asked=_asked(),
        answer=answer,
        hits=[shown_hit(hit, answers=answer.confident) for hit in answer.hits],
        paging=_paging(question, answer),
        narrowing=narrowing(answer.facets, _search_url),
    )


@pages.get("/related")
def related() -> ResponseReturnValue:
    """Other articles on the subject of one, as results."""
    found = service_of(current_app).related(*nearness(request.args, "url"))
    return render_template(
        "related.html",
        asked=_asked(),
        title=found.title.strip() or found.url,
        link=followable(found.url),
        hits=[shown_hit(hit) for hit in found.hits],
    )


@pages.get("/coverage")
def coverage() -> ResponseReturnValue:
    """What each source leads to, what of it is held in full, and why the rest is
    not."""
    books = service_of(current_app).coverage()
    return render_template(
        "coverage.html",
        asked=_asked(),
        totals=totals(books),
        sources=[shown_books(one) for one in books],
    )


@pages.get("/api/search")
def api_search() -> ResponseReturnValue:
    """The answer to one question as JSON."""
    return jsonify(as_json(service_of(current_app).ask(api_question(request.args))))


@pages.get("/api/related")
def api_related() -> ResponseReturnValue:
    """Other articles on the subject of one as JSON."""
    found = service_of(current_app).related(*nearness(request.args, "url"))
    return jsonify(related_as_json(found))


@pages.get("/api/similar")
def api_similar() -> ResponseReturnValue:
    """The articles nearest to a text as JSON."""
    found = service_of(current_app).similar(*nearness(request.args, "text"))
    return jsonify(similar_as_json(found))


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    """What the index holds; 503 and the reason where nothing can be answered from
    it."""
    status = asdict(service_of(current_app).status())
    status["model"] = PurePath(
        status["model"]
    ).name  # of a model in a folder the folder is nobody's business
    return jsonify(
        status="ok",
        **{name: status[name] for name in ("articles", "passages", "updated", "model")},
    )


@pages.get("/file")
def local_file() -> ResponseReturnValue:
    """A local file that is in the index, for a browser that may not follow a link to
    it."""
    url = request.args.get("url", "")
    path = Path(os.fsdecode(unquote_to_bytes(urlsplit(url).path)))
    if (
        not url.startswith("file:///")
        or not service_of(current_app).holds(url)
        or not path.is_file()
    ):
        raise NotFound("The index holds no such file.")
    kind = FILE_KINDS.get(path.suffix.lower(), "text/plain; charset=utf-8")
    content = path.read_bytes()
    response = Response(content, content_type=kind)
    response.headers["Content-Security-Policy"] = (
        PDF_POLICY if kind == PDF else file_policy(content)
    )
    return response


@pages.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of what programs may ask."""
    return jsonify(json.loads(OPENAPI.read_text(encoding="utf-8")))


@pages.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """The description by which a browser adds this search to its own."""
    text = render_template("opensearch.xml", home=url_for("pages.home", _external=True))
    return Response(text, mimetype="application/opensearchdescription+xml")


def _asked() -> dict[str, str]:
    """What the form was filled with, to fill it again."""
    names = ("q", "site", "year", "author", "lang", "sort", "exact")
    return {name: request.args.get(name, "") for name in names}


def _paging(question: Question, answer: Answer) -> dict[str, Any]:
    """The page's number, how many there are, and links to its neighbours ("" where
    there is none)."""
    number = question.offset // PAGE_SIZE + 1
    count = max(1, -(-min(answer.total, MAX_OFFSET + PAGE_SIZE) // PAGE_SIZE))
    return {
        "number": number,
        "count": count,
        "first": _search_url(),
        "previous": _search_url(page=min(number - 1, count)) if number > 1 else "",
        "next": _search_url(page=number + 1) if number < count else "",
        "relevance": _search_url(sort=""),
        "newest": _search_url(sort="newest"),
        "exact": _search_url(exact="1"),
        "unfiltered": _search_url(site="", year="", author=""),
    }


def _search_url(*, page: int = 1, **changes: str) -> str:
    """This search again with some parameters changed; those that say nothing are left
    out."""
    values = {**_asked(), **changes, "page": str(page) if page > 1 else ""}
    return url_for("pages.home", **_said(values))


def _said(values: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _answer_problem(error: Exception) -> Response:
    problem = problem_of(error)
    if problem.status == 500:
        log.error("answering %s failed", request.path, exc_info=error)
    elif problem.status == 503 and problem.message != str(error):
        log.error("%s", error)
    if request.path.startswith(FOR_PROGRAMS):
        response = jsonify(error={"code": problem.code, "message": problem.message})
    else:
        response = Response(_problem_page(problem))
    response.status_code = problem.status
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 405:
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
    return response


def _problem_page(problem: Problem) -> str:
    # Of a question that was too long, as much as a person may want to mend goes back
    # into the box.
    asked = {name: value[:4000] for name, value in _asked().items()}
    again = url_for("pages.home", **_said(asked))
    return render_template("problem.html", asked=asked, problem=problem, again=again)
