"""The checked question in the parameters of a request; QueryError names what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from search.errors import QueryError
from search.query.days import first_day, last_day
from search.text.languages import language_code
from search.types import Evidence, Filters, Sort

MAX_LIMIT = 100
# Articles. Paging beyond this costs the engine more than it gives a reader.
MAX_OFFSET = 10_000
MAX_FILTER_CHARACTERS = 200
YEARS = range(1970, 10_000)
PAGE_SIZE = 10

_NEARNESS = {
    "url": "related?url=https://blog.example/post",
    "text": "similar?text=some+words",
}
SORTS: dict[str, Sort] = {"relevance": "relevance", "newest": "newest"}
EVIDENCE: dict[str, Evidence | Literal[""]] = {
    "": "",
    "article": "article",
    "summary": "summary",
    "link": "link",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the engine; ``limit`` and ``offset`` count articles.

    With ``exact`` typing slips are not corrected.
    """

    text: str
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    limit: int = PAGE_SIZE
    offset: int = 0
    exact: bool = False


def api_question(args: Mapping[str, str]) -> Question:
    """Read the question to ``/api/search``."""
    if "q" not in args:
        raise QueryError(
            "bad-parameter",
            "Give the question as the parameter q, as in /api/search?q=word.",
        )
    return Question(
        text=args["q"],
        filters=Filters(
            site=_words(args, "site"),
            author=_words(args, "author"),
            after=_day(args, "after", first_day),
            before=_day(args, "before", last_day),
            language=_language(args),
            evidence=_evidence(args),
            tags=tuple(filter(None, [_words(args, "tag")])),
            collection=_words(args, "collection"),
        ),
        sort=_sort(args),
        limit=_number(args, "limit", default=PAGE_SIZE, among=range(1, MAX_LIMIT + 1)),
        offset=_number(args, "offset", default=0, among=range(MAX_OFFSET + 1)),
        exact=_number(args, "exact", default=0, among=range(2)) == 1,
    )


def page_question(args: Mapping[str, str]) -> Question:
    """Read the question to the page, which has years ``since`` and ``until``, and
    counts pages from 1.

    One ``year`` is what links from before there were stretches have.
    """
    year = _number(args, "year", default=0, among=YEARS)
    since = _number(args, "since", default=year, among=YEARS)
    until = _number(args, "until", default=year, among=YEARS)
    page = _number(args, "page", default=1, among=range(1, MAX_OFFSET // PAGE_SIZE + 2))
    after = before = None
    if since:
        after = date(since, 1, 1)
    if until:
        before = date(until, 12, 31)
    return Question(
        text=args.get("q", ""),
        filters=Filters(
            site=_words(args, "site"),
            author=_words(args, "author"),
            after=after,
            before=before,
            language=_language(args),
            evidence=_evidence(args),
            tags=tuple(filter(None, [_words(args, "tag")])),
            collection=_words(args, "collection"),
        ),
        sort=_sort(args),
        offset=(page - 1) * PAGE_SIZE,
        exact=_number(args, "exact", default=0, among=range(2)) == 1,
    )


def article_address(args: Mapping[str, str]) -> str:
    """Read the address of the article to show."""
    if not args.get("url", "").strip():
        raise QueryError(
            "bad-parameter",
            "Give the parameter url, as in /article?url=https://blog.example/post.",
        )
    return args["url"]


def page_number(args: Mapping[str, str]) -> int:
    """Read the page of results to go back to, the first where that is nonsense."""
    text = args.get("page", "")
    if re.fullmatch("[0-9]{1,4}", text):
        return int(text)
    return 1


def nearest_query(args: Mapping[str, str], name: str) -> tuple[str, int]:
    """Read the address or text to compare with, and the number of articles wanted."""
    if not args.get(name, "").strip():
        raise QueryError(
            "bad-parameter", f"Give the parameter {name}, as in /api/{_NEARNESS[name]}."
        )
    return args[name], _number(
        args, "limit", default=PAGE_SIZE, among=range(1, MAX_LIMIT + 1)
    )


def _number(args: Mapping[str, str], name: str, *, default: int, among: range) -> int:
    text = args.get(name, "").strip()
    if not text:
        return default
    # Nine digits at most: Python refuses to read numbers of thousands of digits.
    if re.fullmatch("[0-9]{1,9}", text) and int(text) in among:
        return int(text)
    message = (
        f"The parameter {name} must be a whole number"
        f" between {_plain(among[0])} and {_plain(among[-1])}."
    )
    raise QueryError("bad-parameter", message)


def _plain(number: int) -> str:
    """Write a number; four digits need no comma, and a year has none."""
    if number > YEARS[-1]:
        return f"{number:,}"
    return str(number)


def _words(args: Mapping[str, str], name: str) -> str:
    text = args.get(name, "").strip()
    if len(text) > MAX_FILTER_CHARACTERS:
        message = (
            f"The parameter {name} is longer than {MAX_FILTER_CHARACTERS} characters."
        )
        raise QueryError("bad-parameter", message)
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise QueryError(
            "bad-parameter", f"The parameter {name} holds control characters."
        )
    return text


def _day(
    args: Mapping[str, str], name: str, read: Callable[[str, str], date]
) -> date | None:
    text = args.get(name, "").strip()
    if text:
        return read(name, text)
    return None


def _language(args: Mapping[str, str]) -> str:
    text = _words(args, "lang")
    if text:
        return language_code(text)
    return ""


def _evidence(args: Mapping[str, str]) -> Evidence | Literal[""]:
    text = args.get("evidence", "").strip()
    if text not in EVIDENCE:
        raise QueryError(
            "bad-parameter", "The parameter evidence must be article, summary or link."
        )
    return EVIDENCE[text]


def _sort(args: Mapping[str, str]) -> Sort:
    text = args.get("sort", "").strip() or "relevance"
    if text not in SORTS:
        raise QueryError(
            "bad-parameter", "The parameter sort must be relevance or newest."
        )
    return SORTS[text]
