"""Pure: how good one ranked list is, and how sure a mean over many of them is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CUT = 10  # results that nDCG, MRR and recall look at
ANSWER_CUT = 5  # results whose passages are looked at for the answer
# Efron & Tibshirani ask for 1,000 and more where percentiles are wanted
RESAMPLES = 2000
SEED = 20260101  # fixed, so that the same index gives the same intervals
LEVEL = 0.95
HELD_SHARE = 0.7  # of an answer's runs of words that a passage must hold
RUN = 4  # words; in texts of fewer than six words, and without spaces, six characters take their place
_MARKS = re.compile(r"[\\*_`#\[\]|>~¶]+")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the interval that holds it with a confidence of 95 %; ``count`` values
    are behind it."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def is_clear(self) -> bool:
        """Of a difference: whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def ndcg(ranked: Sequence[str], gold: Set[str]) -> float:
    """Normalised discounted cumulative gain of the first ten, binary, each gold address
    counted once.

    Järvelin & Kekäläinen, TOIS 2002: sum of 1 / log2(rank + 1), over the same of the
    ideal list.
    """
    if not gold:
        raise ValueError("a question without a gold address has no nDCG")
    gain = sum(
        1 / math.log2(place + 2) for place in _first_places(ranked, gold).values()
    )
    return gain / sum(1 / math.log2(place + 2) for place in range(min(CUT, len(gold))))


def reciprocal_rank(ranked: Sequence[str], gold: Set[str]) -> float:
    """One over the rank of the first gold address among the first ten, 0 where there is
    none."""
    return 1 / (1 + min(_first_places(ranked, gold).values(), default=math.inf))


def recall(ranked: Sequence[str], gold: Set[str]) -> float:
    """The share of the gold addresses that are among the first ten."""
    return len(_first_places(ranked, gold)) / len(gold)


def answers(passages: Sequence[Sequence[str]], spans: Sequence[str]) -> bool:
    """Whether a passage shown in one of the first five results holds one of the
    spans."""
    return any(
        holds(text, span)
        for shown in passages[:ANSWER_CUT]
        for text in shown
        for span in spans
    )


def holds(passage: str, span: str) -> bool:
    """Whether 70 % of the span's runs of four words stand in the passage, markup and
    case aside."""
    text = _MARKS.sub("", passage).lower()
    spaced, joined = " ".join(text.split()), "".join(text.split())
    wanted = runs(span)
    return sum(run in spaced or run in joined for run in wanted) >= HELD_SHARE * len(
        wanted
    )


def runs(text: str) -> set[str]:
    """The runs of four words of a text, of six characters where it has fewer than six
    words."""
    words = _MARKS.sub("", _LINK.sub(r"\1", text)).lower().split()
    if len(words) < 6:
        joined = "".join(words)
        return {joined[i : i + 6] for i in range(max(1, len(joined) - 5))}
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def estimate(values: Sequence[float]) -> Estimate:
    """The mean with its bootstrap percentile interval; one value gives no more than
    itself.

    Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. For the
    differences of paired values the same is the paired bootstrap of Sakai, SIGIR 2006.
    Raises ValueError for none.
    """
    if not values:
        raise ValueError("there is nothing to take the mean of")
    sample: NDArray[np.float64] = np.asarray(values, np.float64)
    chosen = np.random.default_rng(SEED).integers(
        0, len(sample), (RESAMPLES, len(sample))
    )
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(sample[chosen].mean(axis=1), [tail, 1 - tail])
    return Estimate(float(sample.mean()), float(low), float(high), len(sample))


def _first_places(ranked: Sequence[str], gold: Set[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, url in enumerate(ranked[:CUT]):
        if url in gold:
            places.setdefault(url, place)
    return places
