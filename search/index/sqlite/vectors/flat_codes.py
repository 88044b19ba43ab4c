"""All codes of a set of passages, compared one by one.

Nothing is left out but by the codes' own error.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.index.sqlite.vectors.quantizer import ZERO, Codes, Quantizer
from search.port_values import Ids, Vectors

if TYPE_CHECKING:
    from search.index.sqlite.vectors.faiss_index import CodeScan

# Rows that are compared at once: they and their floats stay in the processor's cache.
# 512 and 2,048 take 1.2 and 0.8 ms for 12,468 passages.
ROWS = 2048
# From so many on FAISS compares, four times as fast as numpy and 55 ms to import.
FAISS_FROM = 1 << 15

Places = NDArray[np.int64]
Chosen = NDArray[np.bool_]
"""If the passage of each row may be found; the rows are those of one set of codes."""


class Candidates(NamedTuple):
    """Ids and scores by the codes; ``error`` is how far a score may be off.

    What is left out has at most the score ``beyond``, by its vector.
    """

    ids: Ids
    scores: Vectors
    error: float
    beyond: float

    def edge(self, k: int) -> float:
        """Return the least score by its codes that one of the k nearest can have, where
        the best come first."""
        if len(self.scores) < k:
            return -math.inf
        return float(self.scores[k - 1]) - 2 * self.error

    def is_enough(self, k: int) -> bool:
        """Tell if the k nearest are among them, where the best come first."""
        return self.beyond < self.edge(k) + self.error or self.beyond == -math.inf


class FlatCodes:
    """Codes by ascending id, a row each. Reading is safe from several threads."""

    def __init__(
        self,
        ids: Ids,
        codes: Codes,
        quantizer: Quantizer,
        *,
        scan: CodeScan | None = None,
    ) -> None:
        self.ids, self.codes, self.quantizer = ids, codes, quantizer
        self.scan = scan
        """FAISS over these codes, None where numpy compares them."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last(self) -> int:
        """The greatest id, 0 if there is none."""
        return int(self.ids[-1:].sum())

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.codes.shape[1])

    def choice(self, ids: Ids) -> Chosen:
        """Choose those of these ids that are here."""
        by_id = np.zeros(self.last + 1, np.bool_)
        by_id[ids[ids <= self.last]] = True
        return by_id[self.ids]

    def candidates(
        self, question: Vectors, count: int, chosen: Chosen | None
    ) -> Candidates:
        """Return the ``count`` chosen passages that are nearest by their codes."""
        rest = 0.0
        if self.scan is None:
            places, scores = self._compared(question, count, chosen)
            least = scores.min(initial=math.inf)
        else:
            places, products, rest = self.scan.best(question, count, chosen)
            least = products.min(initial=math.inf)
            # FAISS rounds the question too: without that they are nearer to the truth.
            scores = self._scores(places, question)
        step = np.float32(self.quantizer.step)
        beyond = -math.inf
        if len(places) == count:
            beyond = float(least * step) + self.quantizer.doubt(question, rest)
        return Candidates(
            self.ids[places], scores * step, self.quantizer.doubt(question), beyond
        )

    def _compared(
        self, question: Vectors, count: int, chosen: Chosen | None
    ) -> tuple[Places, Vectors]:
        places = np.arange(len(self))
        if chosen is not None:
            places = np.flatnonzero(chosen)
        scores = self._scores(places, question, is_all=chosen is None)
        if len(scores) > count:
            best = np.argpartition(-scores, count)[:count]
            places, scores = places[best], scores[best]
        return places, scores

    def _scores(
        self, places: Places, question: Vectors, *, is_all: bool = False
    ) -> Vectors:
        """Return the products of a question with the codes at these places, in
        steps."""
        scores = np.empty(len(places), np.float32)
        for start in range(0, len(places), ROWS):
            rows = places[start : start + ROWS]
            if is_all:
                codes = self.codes[start : start + ROWS]  # a view
            else:
                codes = self.codes[rows]
            np.dot(codes.astype(np.float32), question, out=scores[start : start + ROWS])
        scores -= ZERO * question.sum()
        return scores


def room(count: int, dimension: int) -> tuple[Codes, CodeScan | None]:
    """Make room for codes, in FAISS's memory where it will compare them."""
    if count < FAISS_FROM:
        return np.empty((count, dimension), np.uint8), None
    # Not imported where there are few passages.
    from search.index.sqlite.vectors.faiss_index import CodeScan

    scan = CodeScan.of_size(count, dimension)
    return scan.codes, scan
