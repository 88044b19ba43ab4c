"""The vectors of one generation: the base without what has left it, and the tail.

It finds candidates by their codes, and ranks them by the vectors of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from search.index.sqlite.vectors.flat_codes import Candidates, Chosen, FlatCodes
from search.index.stored_vectors import products
from search.port_values import Ids, Vectors

# Candidates asked for beyond twice those wanted. Of 100,000 passages the codes leave 230
# to 450 that may be among the 200 nearest.
SPARE = 100
MORE = 4  # times as many, where all of those may be among the nearest
# Candidates that are compared at most. More have one score only where thousands of
# passages are copies of each other.
MOST = 8192

StoredVectors = Callable[[Sequence[int]], tuple[Ids, Vectors]]
"""Those ids that have rows, and the vectors of these."""


class VectorView:
    """Reading is safe from several threads; nothing of it changes.

    ``gone`` are the ids, of base or tail, that have no row any more, ascending.
    """

    def __init__(self, base: FlatCodes, tail: FlatCodes, gone: Ids) -> None:
        self.base, self.tail, self.gone = base, tail, gone
        # All that has left since the base was written, up to its last, was in it.
        left = gone[gone <= base.last]
        withdrawn = np.intersect1d(tail.ids, gone)
        self._alive = _without(base, left), _without(tail, withdrawn)
        self._count = len(base) - len(left) + len(tail) - len(withdrawn)

    def __len__(self) -> int:
        return self._count

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.base.dimension

    def nearest(
        self, vector: Vectors, k: int, allowed: Ids | None, stored: StoredVectors
    ) -> tuple[Ids, Vectors]:
        """Return ids and inner products of the k nearest, best first, ties by smaller
        id; with ``allowed`` only among those."""
        wide = 2 * k + SPARE
        if k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if allowed is not None and len(allowed) <= wide:
            return _ranked(_products(allowed, vector, stored), k)
        chosen = self._choices(allowed)
        if self.base.scan is not None:
            wide *= MORE  # where a second look costs more than a wide one
        found = self._candidates(vector, wide, chosen)
        while wide < MOST and not found.is_enough(k):
            wide *= MORE
            found = self._candidates(vector, wide, chosen)
        likely = found.ids[found.scores >= found.edge(k)]
        return _ranked(_products(likely, vector, stored), k)

    def _candidates(
        self, vector: Vectors, count: int, chosen: list[Chosen | None]
    ) -> Candidates:
        """Return the ``count`` best of base and of tail by their codes, best first,
        ties by smaller id."""
        parts = [
            part.candidates(vector, count, choice)
            for part, choice in zip((self.base, self.tail), chosen, strict=True)
            if len(part)
        ]
        if not parts:
            nothing = np.empty(0, np.float32)
            return Candidates(np.empty(0, np.int64), nothing, 0.0, beyond=-math.inf)
        ids = np.concatenate([part.ids for part in parts])
        scores = np.concatenate([part.scores for part in parts])
        order = np.lexsort((ids, -scores))
        return Candidates(
            ids[order],
            scores[order],
            max(part.error for part in parts),
            max(part.beyond for part in parts),
        )

    def _choices(self, allowed: Ids | None) -> list[Chosen | None]:
        """Return what may be found of base and tail, None for all."""
        if allowed is None:
            return list(self._alive)
        return [self.base.choice(allowed), self.tail.choice(allowed)]


def _without(part: FlatCodes, gone: Ids) -> Chosen | None:
    """Return what of a part still has rows, None for all."""
    if not len(gone):
        return None
    return ~part.choice(gone)


def _products(ids: Ids, vector: Vectors, stored: StoredVectors) -> tuple[Ids, Vectors]:
    """Return those ids that have rows, and the products of their vectors."""
    found, vectors = stored(ids.tolist())
    return found, products(vectors, vector)


def _ranked(scores: tuple[Ids, Vectors], k: int) -> tuple[Ids, Vectors]:
    ids, products = scores
    order = np.lexsort((ids, -products))[:k]
    return ids[order], products[order]
