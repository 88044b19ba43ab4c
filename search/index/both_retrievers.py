"""The candidates of a question by both retrievers, for a home that answers each of the
port's verbs at once.

It stores nothing and ranks nothing.
"""

from __future__ import annotations

from search.port_values import Candidates, LexicalQuery, Scope, Vectors
from search.snapshot_port import Snapshot


def candidates_of(
    index: Snapshot, vector: Vectors, query: LexicalQuery, k: int, scope: Scope
) -> Candidates:
    """Return the cosines and the BM25 scores of all passages that either retriever
    contributes."""
    # A passage of one retriever gets its score from the other as well: a missing score
    # would count as none at all, and the end of the pool would decide about the order.
    ids, nearest = index.nearest(vector, k, scope)
    cosines = dict(zip(ids.tolist(), map(float, nearest), strict=True))
    scores = dict(index.lexical(query, k, scope, also=list(cosines)))
    cosines |= index.similarities(sorted(scores.keys() - cosines.keys()), vector)
    return Candidates(cosines, scores)
