"""Late interaction: the similarity of a question's tokens to those of a passage.

Khattab & Zaharia (ColBERT, SIGIR 2020): a passage's own vector is the mean of all that
it speaks of, while here every token of a question is compared with the nearest token of
the passage, each in its context (MaxSim). Of a stored vector only the signs of the
coordinates remain, a bit each (as Yamada, Asai & Hajishirzi do for whole passages, ACL
2021); docs/decisions.md has the cost of that and of leaving out stop words. Reads and
stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.port_values import TokenBits, Vectors

NO_TOKEN = -1.0  # the MaxSim of a part without tokens, the least that a cosine can be
ROWS = (
    512  # tokens that are compared at once, so that they stay in the processor's cache
)


def max_sim(
    passages: Mapping[int, TokenBits], question: Vectors, weights: Vectors
) -> dict[int, float]:
    """Return the MaxSim of a question in each passage: the weighted mean of each
    token's greatest cosine. A passage without tokens is left out.

    ``question``, shape (n, dimension), has unit length; ``weights``, shape (n,), says
    how much each token counts. About 0 where nothing has to do with the question, about
    0.8 for the same words in the same sense.
    """
    filled = {number: found for number, found in passages.items() if len(found.bits)}
    if not filled or not weights.sum() > 0:
        return {}
    shares = (weights / weights.sum()).astype(np.float32)
    sims = _greatest_cosines(list(filled.values()), question).dot(shares)
    return dict(zip(filled, sims.tolist(), strict=True))


def mean_max_sim(
    passages: Sequence[TokenBits], questions: Sequence[Vectors]
) -> NDArray[np.float32]:
    """Return the MaxSim of each question in each passage, all tokens counting the same:
    shape (passages, questions).

    ``questions`` have the shape (tokens, dimension) each, with one token at least.
    """
    begins = np.cumsum([0, *map(len, questions[:-1])])
    best = _greatest_cosines(passages, np.concatenate(questions))
    sums = np.add.reduceat(best, begins, axis=1)
    return (sums / [*map(len, questions)]).astype(np.float32)


def _greatest_cosines(passages: Sequence[TokenBits], question: Vectors) -> Vectors:
    """Return of each passage the greatest cosine to each token of the question, over its
    text, over its context where that has no tokens: shape (passages, tokens of the
    question)."""
    # The context is that of all passages of a section: words and vectors count it
    # already, and tokens are there to tell which passage says what was asked.
    cosines = _cosines(np.concatenate([one.bits for one in passages]), question)
    sizes = [(one.counts[0], len(one.bits) - one.counts[0]) for one in passages]
    counts = np.array(sizes, np.int64).ravel()
    best = reduce_parts(np.maximum, cosines, counts, empty=NO_TOKEN)
    of_context, of_text = best[::2], best[1::2]
    found: Vectors = np.where(counts[1::2, None] > 0, of_text, of_context)
    return found


def _cosines(bits: NDArray[np.uint8], question: Vectors) -> Vectors:
    """Return the cosine of each token, by its bits, to each of the question: shape
    (tokens, tokens of the question)."""
    # A coordinate is +1 or -1 over the root of the dimension: a cosine is twice the sum
    # over the bits that are set, less the sum over all.
    dimension = question.shape[1]
    sums = np.empty((len(bits), len(question)), np.float32)
    for start in range(0, len(bits), ROWS):
        ones = np.unpackbits(bits[start : start + ROWS], axis=1, count=dimension)
        # dot, as @ warns of invalid values that are in no number, but lie beside one.
        sums[start : start + ROWS] = ones.astype(np.float32).dot(question.T)
    cosines: Vectors = (2 * sums - question.sum(axis=1)) / np.float32(dimension**0.5)
    return cosines


def reduce_parts(
    reduce: np.ufunc, rows: Vectors, counts: NDArray[np.integer[Any]], *, empty: float
) -> Vectors:
    """Reduce runs of rows to one row each, ``empty`` where a run has none.

    Returns shape (len(counts), columns).
    """
    sizes = counts.astype(np.int64)
    filled = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[filled]
    result = np.full((len(sizes), rows.shape[1]), empty, np.float32)
    result[filled] = reduce.reduceat(rows, starts, axis=0)
    return result
