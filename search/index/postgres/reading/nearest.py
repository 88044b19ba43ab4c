"""The passages nearest to a vector, as statements and from their rows.

The graph of pgvector finds candidates by rounded vectors; they are ranked by the stored
ones. Nothing is sent to the server here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pgvector import HalfVector

from search.index.postgres.reading.scopes import FEW, Conditions
from search.index.postgres.reading.transaction import Row, Statement
from search.index.postgres.rows import VECTOR, vectors_of_rows
from search.index.stored_vectors import products
from search.port_values import Ids, Vectors

# Candidates beyond those wanted: rounding may have changed their order.
SPARE = 50
# The graph's search stays among passages that are alike, of which a large index has more:
# it goes on to one passage in so many, up to a bound in time. docs/scale.md has the recall.
PASSAGES_A_CANDIDATE, MOST_CANDIDATES = 200, 5_000

# The outer order is another one than the inner to the planner, which would leave the
# candidates beyond those wanted unread.
_NEAREST = f"""
SELECT p.id, p.article, {VECTOR} FROM (
    SELECT p.id, p.article, p.vector, p.step, p.vector <#> %(vector)s AS distance
    FROM passages p WHERE {{where}} ORDER BY {{order}} LIMIT %(candidates)s
) p ORDER BY p.distance + 0 LIMIT %(most)s
"""  # fixed texts
_BY_GRAPH = "p.vector <#> %(vector)s"
# Not by the graph: this is no order that it has.
_ONE_BY_ONE = "(p.vector <#> %(vector)s) + 0, p.id"


class Near(NamedTuple):
    """Passages by their products with a vector, best first: ids and products of the
    shape (n,), and the article of each."""

    ids: Ids
    products: Vectors
    articles: Ids


def statement(
    vector: Vectors, k: int, conditions: Conditions, *, passages: int
) -> Statement:
    """Return the statement for the k nearest of all ``passages`` in scope."""
    # So few are compared in less time than the graph takes, and without an error.
    order = _BY_GRAPH
    if conditions.is_small or passages <= FEW:
        order = _ONE_BY_ONE
    asked = _NEAREST.format(where=conditions.where, order=order)
    most = candidates = k + SPARE
    # Those that pass a filter may be few among all that are looked at for them.
    if not conditions.texts:
        wide = min(passages // PASSAGES_A_CANDIDATE, MOST_CANDIDATES)
        candidates = max(most, wide)
    values = {"vector": HalfVector(vector), "most": most, "candidates": candidates}
    return asked, {**conditions.values, **values}


def ranked(rows: Sequence[Row], vector: Vectors, k: int) -> Near:
    """Rank the rows of the statement, ties by smaller id."""
    ids = np.array([row[0] for row in rows], np.int64)
    articles = np.array([row[1] for row in rows], np.int64)
    found = products(vectors_of_rows([row[2:] for row in rows], len(vector)), vector)
    order = np.lexsort((ids, -found))[:k]
    return Near(ids[order], found[order], articles[order])
