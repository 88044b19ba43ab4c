"""Closeness: the similarity of a question to each sentence of a passage.

It compares the stored bits of a passage's tokens, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.port_values import TokenBits, Vectors
from search.ranking.late_interaction import NO_TOKEN, reduce_parts

# The signs in each byte of stored bits, shape (256, 8).
_SIGNS = (
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32)
    * 2
    - 1
)


class QuestionTokens(NamedTuple):
    """A question as it is compared: its ``vector``, shape (dimension,), its ``tokens``,
    shape (n, dimension), all of unit length, and how much each counts, shape (n,)."""

    vector: Vectors
    tokens: Vectors
    weights: Vectors


class Closeness(NamedTuple):
    """Of each sentence of a passage, shape (sentences,): the weighted mean of each
    token's greatest cosine (MaxSim), and the cosine of the question's vector to the sum
    of the sentence's tokens, which stands for the vector that it would have alone."""

    max_sim: Vectors
    cosine: Vectors


# BLAS may compute with what lies beside the numbers, and numpy warns of that at times.
@np.errstate(invalid="ignore")
def closeness(
    passages: Mapping[int, TokenBits], question: QuestionTokens
) -> dict[int, Closeness]:
    """Compare a question with the sentences of passages; a passage without tokens is
    left out."""
    filled = {number: found for number, found in passages.items() if len(found.bits)}
    total = question.weights.sum()
    if not filled or not total > 0:
        return {}
    bits = np.concatenate([found.bits for found in filled.values()])
    counts = np.concatenate([found.counts for found in filled.values()])
    dimension = question.tokens.shape[1]
    # A coordinate is +1 or -1 over the root of the dimension.
    signs = _SIGNS.take(bits, axis=0).reshape(len(bits), -1)[:, :dimension]
    cosines = signs.dot(question.tokens.T) / np.float32(dimension**0.5)
    shares = (question.weights / total).astype(np.float32)
    sims = reduce_parts(np.maximum, cosines, counts, empty=NO_TOKEN).dot(shares)
    sums = _sums([found.counts for found in filled.values()], signs)
    lengths = np.maximum(np.linalg.norm(sums, axis=1), np.float32(1e-6))
    near = sums.dot(question.vector) / lengths
    ends = np.cumsum([len(found.counts) for found in filled.values()])[:-1]
    parts = zip(np.split(sims, ends), np.split(near, ends), strict=True)
    # The first part of a passage is its line of context.
    return {
        number: Closeness(sim[1:], cosine[1:])
        for number, (sim, cosine) in zip(filled, parts, strict=True)
    }


def _sums(counts: Sequence[NDArray[np.uint16]], signs: Vectors) -> Vectors:
    """Return the sums of the signs over each part of each passage: shape (parts,
    dimension), 0 where a part has none."""
    # A product with the membership of the tokens: numpy.add.reduceat takes three times
    # as long. The sums are whole numbers, exact in either order.
    sums: list[Vectors] = []
    start = 0
    for parts in counts:
        part_of = np.repeat(np.arange(len(parts)), parts)
        member = np.equal.outer(np.arange(len(parts)), part_of).astype(np.float32)
        sums.append(member.dot(signs[start : start + len(part_of)]))
        start += len(part_of)
    return np.concatenate(sums)
