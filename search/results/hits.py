"""From ranked articles to what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from search.index.sqlite.articles import Passages
from search.index.sqlite.duplicate_store import Copies
from search.ports import Vectors
from search.query.parser import Query
from search.ranking.fusion import Ranked
from search.results import quotes as excerpts
from search.types import Hit


def hits(
    stored: Passages,
    page: Sequence[Ranked],
    copies: Mapping[int, Copies],
    *,
    query: Query,
    sentences: Mapping[int, Vectors],
) -> tuple[Hit, ...]:
    """The articles of one page of results, in their order.

    ``copies`` are those of the articles, ``sentences`` says how well each sentence of
    their passages meets the question.
    """
    heads = stored.heads([number for number, _, _ in page])
    passages = [stored.passages(excerpts.shown_ids(entry)) for entry in page]
    return tuple(
        replace(
            excerpts.hit(
                heads[entry[0]], entry, stored=found, sentences=sentences, query=query
            ),
            also_at=copies[entry[0]].others(entry[0]) if entry[0] in copies else (),
        )
        for entry, found in zip(page, passages, strict=True)
    )
