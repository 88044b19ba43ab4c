"""Links from a page of results: to its neighbours, and to the same search changed.

Reads the parameters of the current request, and nothing else.
"""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from search.types import Answer
from web.facet_links import FILTERS
from web.request_params import MAX_OFFSET, PAGE_SIZE, Question


def asked_fields() -> dict[str, str]:
    """Collect the form's fields, to fill it again."""
    asked = {"q": request.args.get("q", "")}  # as it was typed
    for name in (*FILTERS, "sort", "exact", "weaker"):
        asked[name] = request.args.get(name, "").strip()
    # Links from before there were stretches of years name one.
    year = request.args.get("year", "").strip()
    return asked | {name: asked[name] or year for name in ("since", "until")}


def paging(question: Question, answer: Answer, *, weaker: bool) -> dict[str, Any]:
    """Number the page and link its neighbours ("" where there is none).

    The pages hold the articles that answer, with ``weaker`` the others too.
    """
    number = question.offset // PAGE_SIZE + 1
    total = answering(answer)
    articles = total
    if weaker:
        articles = answer.total + answer.weaker
    count = max(1, -(-min(articles, MAX_OFFSET + PAGE_SIZE) // PAGE_SIZE))
    previous = following = ""
    if number > 1:
        previous = search_url(page=min(number - 1, count))
    if number < count:
        following = search_url(page=number + 1)
    return {
        "number": number,
        "count": count,
        "first": search_url(),
        "previous": previous,
        "next": following,
        "relevance": search_url(sort=""),
        "newest": search_url(sort="newest"),
        "exact": search_url(exact="1"),
        # The page on which the first weaker match stands that isn't on this one.
        "weaker": search_url(weaker="1", page=-(-total // PAGE_SIZE) + 1),
    }


def answering(answer: Answer) -> int:
    """Count the articles that answer: none where nothing that was found does."""
    if answer.confident:
        return answer.total
    return 0


def search_url(*, page: int = 1, **changes: str) -> str:
    """Link to this search with some parameters changed; empty ones are left out."""
    values = {**asked_fields(), **changes, "page": ""}
    if page > 1:
        values["page"] = str(page)
    return url_for("pages.home", **without_empty(values))


def without_empty(values: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
