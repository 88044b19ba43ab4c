"""Questions whose answers are known, read from a file of one JSON object a line.

    {"query": "why is rye bread sticky?", "gold": [{"url": "https://…", "spans": ["the
crumb smears"]}], "kind": "question"}

``gold`` names the articles that answer, each with ``spans`` of text of which one
answers (or none, where only the article counts); an empty ``gold`` says that no article
answers. ``kind`` groups the figures. ``also`` may name articles that count neither for
nor against. Other keys are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.records import PageRecord
from search.errors import BlogsearchError, QueryError
from search.query import parser
from search.text.urls import AddressError, identity

OWN = "own"  # the kind of judged queries that name none


class QueriesError(BlogsearchError):
    """A file of judged queries in which nothing, or not this line, can be asked."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question, and the addresses and spans of text that answer it.

    ``also`` are addresses that count neither for nor against; ``source`` is the feed or
    link page that the question comes from.
    """

    text: str
    kind: str
    gold: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""


class ArticleAddresses:
    """Finds an article of an index by any alias, or by an address that led to it."""

    def __init__(self, urls: Iterable[str], pages: Iterable[PageRecord] = ()) -> None:
        articles = {url: _key(url) for url in urls}
        self._by_key = {
            _key(page.url): page.article for page in pages if page.article in articles
        }
        # An article's own address counts before one that led to another.
        self._by_key |= {key: url for url, key in articles.items()}

    def article(self, url: str) -> str | None:
        """Return the address under which the index has it, None where it does not."""
        return self._by_key.get(_key(url))


def read_queries(
    path: Path, addresses: ArticleAddresses
) -> tuple[list[JudgedQuestion], list[str]]:
    """Read the judged queries of a file, and a sentence for each line that is wrong.

    Raises QueriesError where not one line can be asked.
    """
    # With a byte order mark, as Windows' editors save it, or without.
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QueriesError(
            f"{path} can't be read as a file of judged queries: {error}."
        ) from error
    questions: list[JudgedQuestion] = []
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        at = f"{path}, line {number}"
        try:
            # Read forgivingly: one wrong line does not spoil the others.
            question, unknown = _judged_question(_query_record(line), addresses)
        except (QueriesError, QueryError) as error:
            problems.append(f"{at} is left out: {error}")
            continue
        questions.append(question)
        for url in unknown:
            problems.append(f"{at}: the index holds no article {url}.")
    if not questions:
        reason = "".join(f" {problem}" for problem in problems[:1])
        raise QueriesError(
            f"{path} holds no judged query; its form is described in the README.{reason}"
        )
    return questions, problems


def _query_record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise QueriesError(f"it is no JSON ({error.msg}).") from error
    if not isinstance(record, dict):
        record = {}
    if not isinstance(record.get("query"), str):
        raise QueriesError(
            'it needs a "query", as in {"query": "…", "gold": [{"url": "…"}]}.'
        )
    return record


def _judged_question(
    record: dict[str, Any], addresses: ArticleAddresses
) -> tuple[JudgedQuestion, list[str]]:
    """Return a line's question, and the gold addresses that the index does not have."""
    parser.parse(record["query"])  # raises QueryError for what cannot be asked
    gold: dict[str, str] = {}
    # Spans of all gold articles: an answer may be found in any of them.
    spans: list[str] = []
    unknown: list[str] = []
    for entry in _list(record, "gold"):
        url, its_spans = _gold(entry)
        article = addresses.article(url)
        if article is None and url not in gold:
            unknown.append(url)
        # One that the index does not have counts as not found.
        gold[url] = article or url
        spans += its_spans
    urls = tuple(dict.fromkeys(gold.values()))
    question = JudgedQuestion(
        text=record["query"],
        kind=str(record.get("kind") or OWN),
        gold=urls,
        spans=tuple(spans),
        also=_also(record, addresses, urls),
    )
    return question, unknown


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    if not isinstance(value, list):
        raise QueriesError(
            f'it needs "{key}", a list of addresses (an empty one if nothing answers).'
        )
    return value


def _gold(entry: Any) -> tuple[str, list[str]]:
    """Return a gold entry's address and spans; a bare address is one without spans."""
    if isinstance(entry, str):
        return entry, []
    if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
        raise QueriesError('each entry of "gold" needs a "url".')
    spans = entry.get("spans") or []
    if not isinstance(spans, list) or not all(isinstance(span, str) for span in spans):
        raise QueriesError('"spans" is a list of texts.')
    return entry["url"], list(filter(str.strip, spans))


def _also(
    record: dict[str, Any], addresses: ArticleAddresses, gold: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the known articles that count neither for nor against."""
    found: list[str] = []
    for url in _list({"also": []} | record, "also"):
        article = None
        if isinstance(url, str):
            article = addresses.article(url)
        if article is not None and article not in gold:
            found.append(article)
    return tuple(found)


def _key(url: str) -> str:
    try:
        return identity(url)
    except AddressError:  # a local file's address is its own
        return url
