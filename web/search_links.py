"""Links from a page of results: to its neighbours, and to the same search changed.

Reads the parameters of the current request, and nothing else.
"""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from search.types import Answer
from web.request_params import MAX_OFFSET, PAGE_SIZE, Question


def asked_fields() -> dict[str, str]:
    """Collect the form's fields, to fill it again."""
    names = ("q", "site", "year", "author", "lang", "sort", "exact")
    return {name: request.args.get(name, "") for name in names}


def paging(question: Question, answer: Answer) -> dict[str, Any]:
    """Number the page and link its neighbours ("" where there is none)."""
    number = question.offset // PAGE_SIZE + 1
    count = max(1, -(-min(answer.total, MAX_OFFSET + PAGE_SIZE) // PAGE_SIZE))
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
        "unfiltered": search_url(site="", year="", author=""),
    }


def search_url(*, page: int = 1, **changes: str) -> str:
    """Link to this search with some parameters changed; empty ones are left out."""
    values = {**asked_fields(), **changes, "page": str(page) if page > 1 else ""}
    return url_for("pages.home", **without_empty(values))


def without_empty(values: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
