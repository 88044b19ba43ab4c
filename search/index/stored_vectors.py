"""Vectors as they are stored: a byte a coordinate, or float32, which older programs stored.

Knows no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.port_values import Vectors

LEVELS = 127  # steps to either side of 0
STEP = 4  # bytes of the step, float32, behind the coordinates
# Of the step's bits those that make a product with a level exact: what was read is then
# stored again as it was.
EXACT = np.uint32(0xFFFFFF00)


def stored_vector(vector: Vectors) -> bytes:
    """Write a vector as whole steps, of which its greatest coordinate has 127: of a
    cosine that changes about 0.0005, docs/decisions.md has what it costs."""
    (levels,), (step,) = levels_of(vector[np.newaxis])
    tail = _tail(len(vector))
    rest = bytes(tail - STEP - 1) + bytes([tail])
    return bytes(levels.astype(np.int8).tobytes() + step.astype("<f4").tobytes() + rest)


def levels_of(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """Return vectors, shape (n, dimension), as whole numbers of steps, and the step of
    each, shape (n,); their product is exact."""
    widest = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float32)
    widest[widest == 0.0] = 1.0
    steps: Vectors = ((widest / LEVELS).view(np.uint32) & EXACT).view(np.float32)
    whole = np.rint(vectors / steps[:, np.newaxis]) + 0.0  # 0 has no sign in a byte
    levels: Vectors = np.clip(whole, -LEVELS, LEVELS).astype(np.float32)
    return levels, steps


def as_stored(vector: Vectors) -> Vectors:
    """Return a vector as it comes back from what is stored of it."""
    (row,) = vectors_of([stored_vector(vector)])
    found: Vectors = row
    return found


def stored_lengths(dimension: int) -> tuple[int, int]:
    """Return the bytes that a vector of this dimension may take, in either form."""
    return dimension + _tail(dimension), 4 * dimension


def vectors_of(stored: Sequence[bytes]) -> Vectors:
    """Read vectors of either form: float32, shape (len(stored), dimension).

    Raises ValueError where there are none, or where they are not of one dimension.
    """
    places: dict[int, list[int]] = defaultdict(list)  # by length in bytes
    for place, one in enumerate(stored):
        places[len(one)].append(place)
    parts = [_read([stored[place] for place in alike]) for alike in places.values()]
    vectors = np.concatenate(parts)
    if len(parts) == 1:
        return vectors
    return vectors[np.argsort(np.concatenate(list(places.values())))]


def products(vectors: Vectors, question: Vectors) -> Vectors:
    """Return the inner product of each vector, shape (n, dimension), with a question;
    it doesn't depend on the others."""
    if not len(vectors):
        return np.empty(0, np.float32)
    # Not by BLAS, whose sums depend on how many vectors there are.
    sums: Vectors = np.einsum("ij,j->i", vectors, question)
    return sums.astype(np.float32, copy=False)


def _tail(dimension: int) -> int:
    """Return the bytes behind the coordinates: their step, and last this number. They
    make a length that float32 never has."""
    tail = STEP + 1
    return tail + ((dimension + tail) % 4 == 0)


def _read(alike: Sequence[bytes]) -> Vectors:
    rows = np.frombuffer(b"".join(alike), np.uint8).reshape(len(alike), -1)
    if rows.shape[1] % 4 == 0:
        return rows.view("<f4")
    end = rows.shape[1] - _tail_of(rows)
    levels, steps = rows[:, :end].view(np.int8), rows[:, end : end + STEP].view("<f4")
    vectors: Vectors = levels.astype(np.float32) * steps
    return vectors


def _tail_of(rows: NDArray[np.uint8]) -> int:
    tail = int(rows[0, -1])
    if (rows[:, -1] != tail).any() or not STEP < tail < rows.shape[1]:
        raise ValueError("a vector is not what is stored there")
    return tail
