"""Hits: the articles of one page of results as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from search.port_values import Duplicates
from search.ports import Snapshot, Vectors
from search.query.parser import Query
from search.ranking.fusion import Ranked
from search.results.quotes import hit, shown_ids
from search.types import Hit


def hits(
    index: Snapshot,
    page: Sequence[Ranked],
    duplicates: Mapping[int, Duplicates],
    *,
    query: Query,
    sentences: Mapping[int, Vectors],
) -> tuple[Hit, ...]:
    """Return the articles of one page of results, in their order.

    ``duplicates`` are those of the articles; ``sentences`` has the MaxSim of each
    sentence of their passages.
    """
    articles = index.articles([number for number, _, _ in page])
    found = []
    for entry in page:
        number = entry[0]
        passages = index.passages(shown_ids(entry))
        one = hit(
            articles[number], entry, stored=passages, sentences=sentences, query=query
        )
        if number in duplicates:
            one = replace(one, also_at=duplicates[number].others(number))
        found.append(one)
    return tuple(found)
