"""Pure: whether the best of what was found can be called an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from search.ports import Ids, Vectors

# Evidence is the best article's score, and how much nearer the nearest passage lies than passages of this
# index lie to everyday questions (search/everyday.py), less a share of the question's words that stand
# nowhere. Chosen with all-MiniLM-L6-v2 over the eight archives of shared/eval/dev, all of them, each alone
# and in groups, on the judged queries there and others (docs/decisions.md).
NEARNESS = 0.5
UNKNOWN_SHARE = 0.25
CUT_OFF = 0.34
EVERYDAY = 0.22  # as most indexes have it: for one that an older program wrote
# Where the model can't read the question, only its words say something: an answer lacks no more of them than
# this, or than its score makes good.
MISSING = 0.4
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


def chance(score: float) -> float:
    """The chance, 0 to 1, that what has this score is what was asked for."""
    return 1 / (1 + math.exp(STEEPNESS * (EVEN - score)))


def is_confident(score: float, nearness: float, unknown: float, *, read: float = 1.0) -> bool:
    """Whether there is an answer.

    ``score`` is the best article's, ``nearness`` the greatest cosine of any passage less that of everyday
    questions, both at the default model's scale, ``unknown`` the share of the question's words that stand
    nowhere, ``read`` how far the model reads the question; shares are 0 to 1.
    """
    of_meaning = score + NEARNESS * nearness - UNKNOWN_SHARE * unknown - CUT_OFF
    return read * of_meaning + (1 - read) * (score + MISSING - unknown) >= 0


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
