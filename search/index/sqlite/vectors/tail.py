"""The codes of passages that came after the base file, growing at their end.

What was given out never changes: a later generation adds behind it.
"""

from __future__ import annotations

import numpy as np

from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.index.sqlite.vectors.quantizer import Codes, Quantizer
from search.port_values import Ids, Vectors

ROOM = 256  # rows at first; doubled where they don't suffice


class Tail:
    """Codes by ascending id. One thread adds at a time; what ``codes`` returned is read
    by any."""

    def __init__(self, quantizer: Quantizer, dimension: int) -> None:
        self._quantizer = quantizer
        self._count = 0
        self._ids: Ids = np.empty(ROOM, np.int64)
        self._codes: Codes = np.empty((ROOM, dimension), np.uint8)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add vectors under ids that are greater than all before."""
        codes, self._quantizer = self._quantizer.encode(vectors)
        end = self._count + len(ids)
        if end > len(self._ids):
            room = max(end, 2 * len(self._ids))
            self._ids = np.resize(self._ids, room)
            self._codes = np.resize(self._codes, (room, self._codes.shape[1]))
        self._ids[self._count : end] = ids
        self._codes[self._count : end] = codes
        self._count = end

    def codes(self) -> FlatCodes:
        """Return what is there now."""
        return FlatCodes(
            self._ids[: self._count], self._codes[: self._count], self._quantizer
        )
