"""The routes of composed answers: streamed for programs and the page's script, whole
for a browser without one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from web.answers.chat_stream import ModelFailed
from web.answers.composer import Composer, Composition, Material, Outcome, Silence
from web.answers.model_server import ModelServer
from web.answers.quotes import Quote, quotes_of
from web.answers.sentences import Sentence
from web.engine_gate import gate_of
from web.error_responses import AnswersOff
from web.request_params import PAGE_SIZE, YEARS, Question, api_question, page_question
from web.search_links import asked_fields, search_url, without_empty

log = logging.getLogger(__name__)
answers = Blueprint("answers", __name__)

_EXTENSION = "blogsearch.composer"


@dataclass(frozen=True, slots=True)
class ComposeForm:
    """The offer of an answer on the page of results: the fields of the question,
    the address that streams the answer, the model's name."""

    fields: list[tuple[str, str]]
    stream: str
    model: str


def let_compose(app: Flask, server: ModelServer | None) -> None:
    """Let this app compose answers with a model; without one it offers none."""
    app.extensions[_EXTENSION] = Composer(server) if server else None


def compose_form() -> ComposeForm | None:
    """Return what offers an answer to the current question, None without a model."""
    composer: Composer | None = current_app.extensions.get(_EXTENSION)
    if composer is None:
        return None
    fields = without_empty(asked_fields() | {"weaker": ""})
    if page := request.args.get("page", "").strip():
        fields["page"] = page
    return ComposeForm(
        list(fields.items()), url_for("answers.stream", **_streamed()), composer.model
    )


def _streamed() -> dict[str, Any]:
    """Give the current question of the page in the parameters of /api/search."""
    question = page_question(request.args)
    fields = asked_fields() | {"weaker": "", "since": "", "until": ""}
    first, last = question.filters.after, question.filters.before
    if first:
        fields["after"] = str(first.year)
    if last and last.year < YEARS[-1]:
        fields["before"] = str(last.year + 1)  # until its eve
    if question.offset:
        fields["offset"] = str(question.offset)
    return without_empty(fields)


@answers.get("/api/answer")
def stream() -> Response:
    """Stream an answer as server-sent events: the sources, then each sentence."""
    composition = _begin(api_question(request.args))
    dumps = current_app.json.dumps  # the app's context is gone when it streams
    response = Response(_event_stream(composition, dumps), mimetype="text/event-stream")
    response.call_on_close(composition.close)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would wait for the end
    return response


@answers.get("/answer")
def page() -> ResponseReturnValue:
    """Show a whole answer, once it is composed."""
    # A link of another site may lead to the question, but spends nothing.
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return redirect(search_url())
    # A browser that guesses where its user goes next asked nothing either.
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return "", 503
    composition = _begin(page_question(request.args))
    try:
        sentences, message = _whole(composition)
    finally:
        composition.close()
    cited = {number for sentence in sentences for number in sentence.citations}
    text = render_template(
        "answer.html",
        asked=asked_fields(),
        back=search_url(page=_page_number()),
        model=composition.model,
        sentences=sentences,
        message=message,
        quotes=[quote for quote in composition.quotes if quote.number in cited],
    )
    return text, {"X-Robots-Tag": "noindex"}


def _page_number() -> int:
    return page_question(request.args).offset // PAGE_SIZE + 1


def _begin(question: Question) -> Composition:
    composer: Composer | None = current_app.extensions.get(_EXTENSION)
    if composer is None:
        raise AnswersOff
    asked = asked_fields()
    gate = gate_of(current_app)

    def search() -> Material:
        # The engine's place is free again before the model is asked.
        answer = gate.ask(question)
        quotes = quotes_of(answer, question, asked)
        return Material(answer.corrected or answer.query, quotes)

    # Of waitress; other servers leave it at the failing write.
    is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
    return composer.compose(search, is_gone)


def _event_stream(
    composition: Composition, dumps: Callable[[object], str]
) -> Iterator[str]:
    """Write the events of one answer; the last is "end" or "error"."""

    def event(name: str, data: dict[str, Any]) -> str:
        return f"event: {name}\ndata: {dumps(data)}\n\n"

    sources = list(map(Quote.as_json, composition.quotes))
    yield event("sources", {"model": composition.model, "sources": sources})
    try:
        for one in composition.events():
            match one:
                case Sentence():
                    yield event("sentence", _as_json(one))
                case Silence():
                    yield ": waiting\n\n"  # lest a proxy takes it for dead
                case Outcome():
                    end = {"reason": one.reason, "left_out": one.left_out}
                    yield event("end", end | {"message": one.message})
    except ModelFailed as failed:
        yield event("error", {"code": failed.code, "message": str(failed)})


def _as_json(sentence: Sentence) -> dict[str, Any]:
    return {"text": sentence.text, "citations": list(sentence.citations)}


def _whole(composition: Composition) -> tuple[list[Sentence], str]:
    """Return the sentences of an answer, and what is to be said of its end."""
    sentences: list[Sentence] = []
    message = ""
    try:
        for one in composition.events():
            if isinstance(one, Sentence):
                sentences.append(one)
            elif isinstance(one, Outcome):
                message = one.message
    except ModelFailed as failed:
        message = str(failed)
    return sentences, message
