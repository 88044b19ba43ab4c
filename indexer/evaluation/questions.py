"""Questions whose answers are known, and the user's own, read from a file of one JSON
object a line.

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
from search.query import parser as queries
from search.text.urls import AddressError, identity

OWN = "own"  # the kind of judged queries that name none


class QueriesError(BlogsearchError):
    """A file of judged queries holds nothing that can be asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and which addresses and spans of text answer it; ``source`` is
    where it comes from."""

    text: str
    kind: str
    gold: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""


class Addresses:
    """Finds the article of an index by any spelling of its address, or by one that led
    to it."""

    def __init__(self, held: Iterable[str], pages: Iterable[PageRecord] = ()) -> None:
        held = list(held)
        known = set(held)
        self._by_key = {
            _key(page.url): page.article for page in pages if page.article in known
        }
        self._by_key |= {_key(url): url for url in held}

    def article(self, url: str) -> str | None:
        """The address under which the index holds it, None where it doesn't."""
        return self._by_key.get(_key(url))


def read_queries(path: Path, addresses: Addresses) -> tuple[list[Question], list[str]]:
    """The judged queries of a file, and a sentence for each line that is wrong.

    Raises QueriesError where not one line can be asked.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QueriesError(
            f"{path} can't be read as a file of judged queries: {error}."
        ) from error
    questions: list[Question] = []
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question, unknown = _question(json.loads(line), addresses)
        except json.JSONDecodeError as error:
            problems.append(
                f"{path}, line {number} is left out: it is no JSON ({error.msg})."
            )
        except (QueriesError, QueryError) as error:
            problems.append(f"{path}, line {number} is left out: {error}")
        else:
            questions.append(question)
            problems += [
                f"{path}, line {number}: the index holds no article {url}."
                for url in unknown
            ]
    if not questions:
        reasons = f" {problems[0]}" if problems else ""
        raise QueriesError(
            f"{path} holds no judged query; its form is described in the README.{reasons}"
        )
    return questions, problems


def _question(record: Any, addresses: Addresses) -> tuple[Question, list[str]]:
    if not isinstance(record, dict) or not isinstance(record.get("query"), str):
        raise QueriesError(
            'it needs a "query", as in {"query": "…", "gold": [{"url": "…"}]}.'
        )
    queries.parse(record["query"])
    gold = [_gold(one) for one in _list(record, "gold")]
    found = {url: addresses.article(url) for url, _ in gold}
    also = (
        addresses.article(url) for url in _list(record, "also") if isinstance(url, str)
    )
    question = Question(
        text=record["query"],
        kind=str(record.get("kind") or OWN),
        gold=tuple(dict.fromkeys(found[url] or url for url, _ in gold)),
        spans=tuple(span for _, spans in gold for span in spans),
        also=tuple(url for url in also if url and url not in found.values()),
    )
    return question, [url for url, held in found.items() if held is None]


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key, [] if key == "also" else None)
    if not isinstance(value, list):
        raise QueriesError(
            f'it needs "{key}", a list of addresses (an empty one if nothing answers).'
        )
    return value


def _gold(one: Any) -> tuple[str, list[str]]:
    """A gold entry's address and spans; a bare address is one without spans."""
    entry = {"url": one} if isinstance(one, str) else one
    if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
        raise QueriesError('each entry of "gold" needs a "url".')
    spans = entry.get("spans") or []
    if not isinstance(spans, list) or not all(isinstance(span, str) for span in spans):
        raise QueriesError('"spans" is a list of texts.')
    return entry["url"], [span for span in spans if span.strip()]


def _key(url: str) -> str:
    try:
        return identity(url)
    except AddressError:  # a local file's address is its own
        return url
