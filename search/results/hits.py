"""Hits: the articles of one page of results as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from search.port_values import Duplicates
from search.ports import Snapshot
from search.query.parser import Query
from search.ranking.closeness import Closeness, QuestionTokens, closeness
from search.ranking.fusion import Ranked
from search.results.quotes import compared_ids, hit
from search.types import Hit


def hits(
    index: Snapshot,
    page: Sequence[Ranked],
    duplicates: Mapping[int, Duplicates],
    *,
    query: Query,
    question: QuestionTokens | None,
) -> tuple[Hit, ...]:
    """Return the articles of one page of results, in their order.

    ``duplicates`` are those of the articles; ``question`` has the tokens with which the
    sentences of their passages are compared, None where they say nothing.
    """
    compared = {entry[0]: compared_ids(entry) for entry in page}
    every = [number for numbers in compared.values() for number in numbers]
    passages = index.passages(every)
    close: dict[int, Closeness] = {}
    if question is not None:
        close = closeness(index.token_bits(every), question)
    articles = index.articles(list(compared))
    found = []
    for entry in page:
        number = entry[0]
        stored = {n: passages[n] for n in compared[number] if n in passages}
        # The list of a page has no blocks; quotes are cut from them.
        article = index.article(articles[number].url) or articles[number]
        one = hit(article, entry, stored=stored, close=close, query=query)
        if number in duplicates:
            one = replace(one, also_at=duplicates[number].others(number))
        found.append(one)
    return tuple(found)
