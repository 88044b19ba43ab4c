"""The confidence in an answer, and scores as chances.

Numbers in, numbers out: it reads no index.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from search.port_values import Ids, Vectors
from search.ranking.weights import (
    COSINE_SCALE,
    LENGTH,
    LIFT,
    LIFTED_SHARE,
    MISSING,
    NEARNESS,
    NOTHING,
    RIGHT_SCORE,
    SCORE,
    SHORT_OF_BEST,
    UNKNOWN_SHARE,
    WRONG,
    Scale,
)

EVEN = 0.5  # an answer is confident from this chance on


@dataclass(frozen=True, slots=True)
class Background:
    """Mean and standard deviation of cosines between passages of different articles of
    an index."""

    mean: float
    spread: float


def background(articles: Ids, vectors: Vectors) -> Background:
    """That of a sample: the articles, shape (n,), that the vectors, shape (n,
    dimension), are of."""
    foreign = articles[:, None] != articles[None, :]
    if not foreign.any():
        return Background(0.0, 0.0)
    cosines = (vectors @ vectors.T)[foreign]
    return Background(round(float(cosines.mean()), 4), round(float(cosines.std()), 4))


def at_scale(value: float, scale: Scale | None, usual: Scale = COSINE_SCALE) -> float:
    """Map another model's value to the default model's scale, which is ``usual``.

    It keeps its place between the foreign and the index's own value, or between that
    and 1. ``scale`` is None for the default model.
    """
    if scale is None or scale.own <= scale.foreign:
        return value
    if value <= scale.own:
        share = (value - scale.foreign) / (scale.own - scale.foreign)
        return usual.foreign + share * (usual.own - usual.foreign)
    if scale.own >= 1:
        return 1.0
    return usual.own + (value - scale.own) / (1 - scale.own) * (1 - usual.own)


def lifted(score: float) -> float:
    """Return a score of vectors and words alone as it would be with tokens."""
    return LIFT + LIFTED_SHARE * score


def chance_of_answer(
    score: float,
    nearness: float,
    *,
    unknown: float,
    tokens: int,
    understood: float = 1.0,
) -> float:
    """Return the chance, 0 to 1, that anything answers a question of so many tokens.

    ``score`` is the best article's, with tokens. ``nearness`` is the greatest cosine of
    any passage less that of everyday questions, both at the default model's scale.
    ``unknown`` is the share of the question's words that occur nowhere, ``understood``
    how far the model reads the question, both 0 to 1.
    """
    of_meaning = (
        SCORE * score
        + NEARNESS * nearness
        + UNKNOWN_SHARE * unknown
        + LENGTH * math.log(max(1, tokens))
        + NOTHING
    )
    of_words = SCORE * (score + MISSING - unknown)
    return _share_of_odds(understood * of_meaning + (1 - understood) * of_words)


def chance_of_article(score: float, best: float) -> float:
    """Return the chance, 0 to 1, that the article with this score is the one asked for
    where one is; ``best`` is the greatest score of any."""
    return _share_of_odds(RIGHT_SCORE * score + SHORT_OF_BEST * (best - score) + WRONG)


def rarity(frequency: int, passages: int) -> float:
    """Return how rare a word is that n of N passages contain: ln((N + 1) / (n + 0.5)),
    BM25's kind of inverse document frequency, in nats."""
    return math.log((passages + 1) / (frequency + 0.5))


def unknown_share(frequencies: Iterable[int], passages: int) -> float:
    """Return the share of a question's words, each by its rarity, that no passage
    contains; ``frequencies`` are their document frequencies among ``passages``."""
    rare = [(n, rarity(n, passages)) for n in frequencies]
    total = sum(weight for _, weight in rare)
    if total <= 0:
        return 0.0
    return sum(weight for n, weight in rare if n == 0) / total


def _share_of_odds(logarithm: float) -> float:
    return 1 / (1 + math.exp(-logarithm))
