"""Pure: the parameters of a request → a checked question, or a QueryError that says
what is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from search.errors import QueryError
from search.query.parser import first_day, last_day
from search.text.languages import language_code
from search.types import Filters, Sort

MAX_LIMIT = 100
MAX_OFFSET = 10_000  # paging beyond this costs the engine more than it gives a reader
MAX_FILTER_CHARACTERS = 200
PAGE_SIZE = 10

_NEARNESS = {
    "url": "related?url=https://blog.example/post",
    "text": "similar?text=some+words",
}
SORTS: dict[str, Sort] = {"relevance": "relevance", "newest": "newest"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the engine; ``limit`` and ``offset`` count articles. ``exact``:
    typing slips stay."""

    text: str
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    limit: int = PAGE_SIZE
    offset: int = 0
    exact: bool = False


def api_question(args: Mapping[str, str]) -> Question:
    """The question that ``/api/search`` was asked."""
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
        ),
        sort=_sort(args),
        limit=_number(args, "limit", PAGE_SIZE, 1, MAX_LIMIT),
        offset=_number(args, "offset", 0, 0, MAX_OFFSET),
        exact=_number(args, "exact", 0, 0, 1) == 1,
    )


def page_question(args: Mapping[str, str]) -> Question:
    """The question that the page was asked: it knows a ``year`` and counts in pages
    from 1."""
    year = _number(args, "year", 0, 1970, 9999)
    page = _number(args, "page", 1, 1, MAX_OFFSET // PAGE_SIZE + 1)
    return Question(
        text=args.get("q", ""),
        filters=Filters(
            site=_words(args, "site"),
            author=_words(args, "author"),
            after=date(year, 1, 1) if year else None,
            before=date(year, 12, 31) if year else None,
            language=_language(args),
        ),
        sort=_sort(args),
        offset=(page - 1) * PAGE_SIZE,
        exact=_number(args, "exact", 0, 0, 1) == 1,
    )


def nearness(args: Mapping[str, str], name: str) -> tuple[str, int]:
    """What is to be compared, an address or a text, and how many articles are asked
    for."""
    if not args.get(name, "").strip():
        raise QueryError(
            "bad-parameter", f"Give the parameter {name}, as in /api/{_NEARNESS[name]}."
        )
    return args[name], _number(args, "limit", PAGE_SIZE, 1, MAX_LIMIT)


def _number(
    args: Mapping[str, str], name: str, default: int, low: int, high: int
) -> int:
    text = args.get(name, "").strip()
    if not text:
        return default
    # Nine digits at most: Python refuses to read numbers of thousands of digits.
    if not (
        text.isascii()
        and text.isdigit()
        and len(text) <= 9
        and low <= int(text) <= high
    ):
        message = (
            f"The parameter {name} must be a whole number between {low:,} and {high:,}."
        )
        raise QueryError("bad-parameter", message)
    return int(text)


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
    return read(name, text) if text else None


def _language(args: Mapping[str, str]) -> str:
    text = _words(args, "lang")
    return language_code(text) if text else ""


def _sort(args: Mapping[str, str]) -> Sort:
    text = args.get("sort", "").strip() or "relevance"
    if text not in SORTS:
        raise QueryError(
            "bad-parameter", "The parameter sort must be relevance or newest."
        )
    return SORTS[text]
