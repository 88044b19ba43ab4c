"""The codes of a large set of passages, of which a question compares the likely ones.

A recall of 0.98 of the ten nearest is held by tests; for all of them see FlatCodes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.index.sqlite.vectors.faiss_index import InvertedLists
from search.index.sqlite.vectors.flat_codes import Candidates, Chosen, length
from search.index.sqlite.vectors.quantizer import Quantizer
from search.ports import Ids, Vectors


class ListedCodes:
    """Inverted lists with the quantizer of their codes; a slot is an id."""

    def __init__(
        self, lists: InvertedLists, quantizer: Quantizer, *, trained: int, slots: int
    ) -> None:
        self.lists, self.quantizer = lists, quantizer
        self.trained = trained
        """The number of passages that the lists were made for."""
        self.slots = slots
        """The length of a choice: one more than the greatest id."""

    def __len__(self) -> int:
        return len(self.lists)

    @property
    def last(self) -> int:
        """The greatest id."""
        return self.slots - 1

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.lists.dimension

    def slots_of(self, ids: Ids) -> NDArray[np.int64]:
        """Return the slots of ids; what isn't here is passed over by a search."""
        return ids[ids < self.slots]

    def candidates(
        self, question: Vectors, count: int, chosen: Chosen | None
    ) -> Candidates:
        """Return the ``count`` chosen passages that are nearest by their codes, of the
        lists that are looked at."""
        ids, products, rest = self.lists.best(question, count, chosen)
        error = self.quantizer.error * length(question) + rest * self.quantizer.longest
        scores = products * np.float32(self.quantizer.step)
        return Candidates(ids, scores, error, is_cut=len(ids) == count)
