"""Pure: whether the best of what was found can be called an answer."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from search.ports import Ids, Vectors

# Evidence is the greatest cosine plus this share of the question's words, by weight, that stand in
# one of the best passages. Measured over the eight archives of shared/eval/dev and three subsets of
# them with all-MiniLM-L6-v2 (docs/decisions.md): answerable questions lie above the cut-off in 93 %,
# unanswerable ones below in 85 %.
WORDS_SHARE = 0.4
CUT_OFF = 0.53
# Cosines between passages of different articles under that model, over the same archives: another
# model's cosines are brought to this scale, since some call everything similar.
USUAL = 0.09
USUAL_SPREAD = 0.125


@dataclass(frozen=True, slots=True)
class Background:
    """Mean and standard deviation of cosines between passages of different articles of an index."""

    mean: float
    spread: float


def background(articles: Ids, vectors: Vectors) -> Background:
    """That of a sample: the articles, shape (n,), that the vectors, shape (n, dimension), are of."""
    foreign = articles[:, None] != articles[None, :]
    if not foreign.any():
        return Background(0.0, 0.0)
    cosines = (vectors @ vectors.T)[foreign]
    return Background(round(float(cosines.mean()), 4), round(float(cosines.std()), 4))


def is_confident(cosine: float, words: float, background: Background | None) -> bool:
    """Whether there is an answer. ``cosine`` is the greatest of any passage, ``words`` 0 to 1.

    ``background`` is None for the default model, whose cosines need no bringing to scale.
    """
    if background is not None and background.spread > 0:
        cosine = USUAL + (cosine - background.mean) / background.spread * USUAL_SPREAD
    return cosine + WORDS_SHARE * words >= CUT_OFF


def words_found(frequencies: Mapping[str, int], found: Mapping[str, Collection[int]], passages: int) -> float:
    """The greatest share of a question's words that one passage holds, each by its rarity, 0 to 1.

    ``frequencies`` says how many of all ``passages`` hold a word, ``found`` which of the best do.
    Rarity is ln((N + 1) / (n + 0.5)), the inverse document frequency of BM25's kind.
    """
    rarity = {word: math.log((passages + 1) / (n + 0.5)) for word, n in frequencies.items()}
    total = sum(rarity.values())
    if total <= 0:
        return 0.0
    held: dict[int, float] = {}
    for word, numbers in found.items():
        for number in numbers:
            held[number] = held.get(number, 0.0) + rarity[word]
    return min(1.0, max(held.values(), default=0.0) / total)
