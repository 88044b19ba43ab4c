"""Pure: whether the best of what was found can be called an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from search.ports import Ids, Vectors

# Evidence is the best article's score, and how much nearer the nearest passage lies
# than passages of this index lie to everyday questions (search/index/calibration.py),
# less a share of the question's words that stand nowhere. Chosen with all-MiniLM-L6-v2
# over the eight archives of shared/eval/dev, all of them, each alone and in groups, on
# the judged queries there and others (docs/decisions.md).
NEARNESS = 0.5
UNKNOWN_SHARE = 0.25
CUT_OFF = 0.34
# where no tokens were looked at: what vectors and words alone give is lower
CUT_OFF_BARE = 0.25
EVERYDAY = 0.22  # as most indexes have it: for one that an older program wrote
# Where the model can't read the question, only its words say something: an answer lacks
# no more of them than this, or than its score makes good.
MISSING = 0.4
# A score as the chance that an article is the one asked for: logistic regression (Platt
# 1999) over the first ten results of 155 questions that the eight archives' own
# summaries and headings ask (indexer/evaluation), and of the judged queries.
EVEN = 0.545  # the score of an even chance
STEEPNESS = 14.8


class Scale(NamedTuple):
    """What a measure of nearness gives for passages that have nothing to do with a
    question, and for the nearest one of an article whose title is the question."""

    foreign: float
    own: float


# Of the default model over the eight archives: cosines, and how well tokens are met.
# What another model gives is brought to these, since some call everything similar.
USUAL = Scale(0.0, 0.65)
USUAL_MET = Scale(0.13, 0.66)


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


def at_scale(value: float, scale: Scale | None, usual: Scale = USUAL) -> float:
    """Another model's value as the default model would have it, by where it lies
    between the foreign and the index's own, or between that and 1. ``scale`` is None
    for the default model, whose own is ``usual``."""
    if scale is None or scale.own <= scale.foreign:
        return value
    if value > scale.own:
        return (
            usual.own + (value - scale.own) / (1 - scale.own) * (1 - usual.own)
            if scale.own < 1
            else 1.0
        )
    share = (value - scale.foreign) / (scale.own - scale.foreign)
    return usual.foreign + share * (usual.own - usual.foreign)


def chance(score: float) -> float:
    """The chance, 0 to 1, that what has this score is what was asked for."""
    return 1 / (1 + math.exp(STEEPNESS * (EVEN - score)))


def is_confident(
    score: float,
    nearness: float,
    unknown: float,
    *,
    read: float = 1.0,
    by_tokens: bool = True,
) -> bool:
    """Whether there is an answer.

    ``score`` is the best article's, ``nearness`` the greatest cosine of any passage
    less that of everyday questions, both at the default model's scale, ``unknown`` the
    share of the question's words that stand nowhere, ``read`` how far the model reads
    the question, shares of 0 to 1; ``by_tokens`` whether the score is of tokens too.
    """
    cut_off = CUT_OFF if by_tokens else CUT_OFF_BARE
    of_meaning = score + NEARNESS * nearness - UNKNOWN_SHARE * unknown - cut_off
    return read * of_meaning + (1 - read) * (score + MISSING - unknown) >= 0


def rarity(frequency: int, passages: int) -> float:
    """How rare a word is that n of N passages hold: ln((N + 1) / (n + 0.5)), BM25's
    kind of inverse document frequency."""
    return math.log((passages + 1) / (frequency + 0.5))


def unknown_share(frequencies: Iterable[int], passages: int) -> float:
    """What share of a question's words, each by its rarity, no passage holds;
    ``frequencies`` says how many of the ``passages`` hold each."""
    rare = [(n, rarity(n, passages)) for n in frequencies]
    total = sum(weight for _, weight in rare)
    return sum(weight for n, weight in rare if n == 0) / total if total > 0 else 0.0
