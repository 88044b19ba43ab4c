"""Pure: whether the best of what was found can be called an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from search.ports import Ids, Vectors

# Evidence is the mean of the best article's score and of the greatest cosine, more where one passage holds
# all words of the question, less a share of the words that stand nowhere in the index. An index of few
# passages lacks many a common word, so that a missing one says little there. Measured with all-MiniLM-L6-v2
# over the eight archives of shared/eval/dev, on the judged queries there and others (docs/decisions.md).
TOGETHER = 0.05
UNKNOWN_SHARE = 0.25
KNOWING = 10_000  # passages: from here on a word that is nowhere counts whole
CUT_OFF = 0.35
# A score as the chance that an article is the one asked for: logistic regression (Platt 1999) over the first
# ten results of 155 questions that the eight archives' own summaries and headings ask (indexer/evaluation),
# and of the judged queries.
EVEN = 0.545  # the score of an even chance
STEEPNESS = 14.8
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


def at_scale(cosine: float, background: Background | None) -> float:
    """Another model's cosine as the default model would have it, by where it lies among those of the index.

    ``background`` is None for the default model.
    """
    if background is None or background.spread <= 0:
        return cosine
    return USUAL + (cosine - background.mean) / background.spread * USUAL_SPREAD


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a question say by themselves.

    The share of them, each by its rarity, that is ``unknown`` to all ``passages`` of the index, 0 to 1, and
    whether one passage holds all of them ``together``.
    """

    unknown: float
    together: bool
    passages: int


def chance(score: float) -> float:
    """The chance, 0 to 1, that what has this score is what was asked for."""
    return 1 / (1 + math.exp(STEEPNESS * (EVEN - score)))


def is_confident(score: float, cosine: float, words: Words) -> bool:
    """Whether there is an answer: ``score`` is the best article's, ``cosine`` the greatest of any passage, at
    the default model's scale."""
    missing = words.unknown * min(1.0, words.passages / KNOWING)
    return (score + cosine) / 2 + TOGETHER * words.together - UNKNOWN_SHARE * missing >= CUT_OFF


def rarity(frequency: int, passages: int) -> float:
    """How rare a word is that n of N passages hold: ln((N + 1) / (n + 0.5)), BM25's kind of inverse document
    frequency."""
    return math.log((passages + 1) / (frequency + 0.5))


def unknown_share(frequencies: Iterable[int], passages: int) -> float:
    """What share of a question's words, each by its rarity, no passage holds; ``frequencies`` says how many
    of the ``passages`` hold each."""
    rare = [(n, rarity(n, passages)) for n in frequencies]
    total = sum(weight for _, weight in rare)
    return sum(weight for n, weight in rare if n == 0) / total if total > 0 else 0.0
