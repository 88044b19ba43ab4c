"""Vectors as bytes, a whole number of equal steps for each coordinate.

A code takes the place of no vector: it says within a known error what one would say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.port_values import Vectors

Codes = NDArray[np.uint8]

LEVELS = 127  # steps to either side of 0
ZERO = 128  # the byte of 0, as FAISS has it: QT_8bit_direct_signed
ROOM = (
    1.25  # times the widest coordinate; of 20 times as many made passages it was 1.10
)
# Standard deviations of a product's error that are allowed for. What rounding leaves of
# one coordinate has nothing to do with that of another, so that one error in 10^15 is larger.
DEVIATIONS = 8
# Half of float16's precision: rows may have been moved to it after their codes were made.
# Rounding of float32 sums is far below.
SLACK = 2.0**-11


@dataclass(frozen=True, slots=True)
class Quantizer:
    """The code of vectors up to ``LEVELS`` steps; longer coordinates are cut off.

    ``error`` is the greatest length of what the codes of a set leave out, ``longest``
    that of its vectors.
    """

    step: float
    error: float = 0.0
    longest: float = 0.0

    @classmethod
    def up_to(cls, widest: float) -> Quantizer:
        """Make one for vectors without a coordinate beyond ``widest``, with some room
        for later ones."""
        return cls(ROOM * (widest or 1.0) / LEVELS)

    def encode(self, vectors: Vectors) -> tuple[Codes, Quantizer]:
        """Return the codes of vectors, and the quantizer whose error covers them."""
        # Damaged rows may hold anything; what they are is not decided here.
        with np.errstate(all="ignore"):
            levels = np.rint(vectors * np.float32(1 / self.step))
            levels = np.nan_to_num(np.clip(levels, -LEVELS, LEVELS))
            rest = _longest(vectors - levels * np.float32(self.step))
            longest = _longest(vectors)
        covering = Quantizer(
            self.step, max(self.error, rest), max(self.longest, longest)
        )
        return (levels + ZERO).astype(np.uint8), covering

    def doubt(self, question: Vectors, rest: float = 0.0) -> float:
        """Return how far the product of a question with a code may be from that with
        its vector; ``rest`` is the length of what the question's own code leaves out.
        """
        error = self.error * length(question) + rest * self.longest
        dimension = len(question)
        if not self.cuts_off(dimension):
            error *= min(1.0, DEVIATIONS / math.sqrt(dimension))
        return error + SLACK * length(question)

    def cuts_off(self, dimension: int) -> bool:
        """Tell if a coordinate was longer than the levels reach, which takes most of
        what ``doubt`` knows."""
        return self.error > (1 + SLACK) * self.step / 2 * math.sqrt(dimension)


def length(vector: Vectors) -> float:
    """Return the Euclidean length of a vector."""
    return float(np.linalg.norm(vector))


def _longest(vectors: Vectors) -> float:
    lengths = np.nan_to_num(np.linalg.norm(vectors, axis=1))
    return float(lengths.max(initial=0.0))
