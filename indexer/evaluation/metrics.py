"""The metrics of one ranked list, and the interval around a mean over many of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
from numpy.typing import NDArray

CUT = 10  # results that nDCG, MRR and recall look at
ANSWER_CUT = 5  # results whose passages are looked at for the answer
# Efron & Tibshirani ask for 1,000 and more where percentiles are wanted.
RESAMPLES = 2000
SEED = 20260101  # fixed, so that the same index gives the same intervals
LEVEL = 0.95
# Share of an answer's runs of words that a passage must contain: a quotation may differ
# in a word or two.
CONTAINED_SHARE = 0.7
RUN = 4  # words
# In texts of fewer words, and in scripts without spaces, runs of characters are compared.
FEWEST_WORDS = 6
RUN_OF_CHARACTERS = 6
_MARKS = re.compile(r"[\\*_`#\[\]|>~¶]+")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of ``count`` values and its interval, at a confidence of 95 %."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def is_clear(self) -> bool:
        """Of a difference: 0 lies outside the interval."""
        return self.low > 0 or self.high < 0


def ndcg(ranked: Sequence[str], gold: Set[str]) -> float:
    """Return the normalised discounted cumulative gain of the first ten, binary.

    Järvelin & Kekäläinen, TOIS 2002: the sum of 1 / log2(rank + 1) over the same of the
    ideal list. Each gold address counts once. Raises ValueError where there is none.
    """
    if not gold:
        raise ValueError("a question without a gold address has no nDCG")
    gain = sum(map(_discount, _first_places(ranked, gold)))
    return gain / sum(map(_discount, range(min(CUT, len(gold)))))


def reciprocal_rank(ranked: Sequence[str], gold: Set[str]) -> float:
    """Return one over the rank of the first gold address of the first ten, else 0."""
    return 1 / (1 + min(_first_places(ranked, gold), default=math.inf))


def recall(ranked: Sequence[str], gold: Set[str]) -> float:
    """Return the share of the gold addresses that are among the first ten."""
    return len(_first_places(ranked, gold)) / len(gold)


def is_answered(passages: Sequence[Sequence[str]], spans: Sequence[str]) -> bool:
    """Tell if a passage of one of the first five results contains one of the spans."""
    texts = chain.from_iterable(passages[:ANSWER_CUT])
    return any(contains(text, span) for text, span in product(texts, spans))


def contains(passage: str, span: str) -> bool:
    """Tell if a passage has 70 % of a span's runs of words, markup and case aside."""
    # Passages are shown as plain text; spans of judged queries may be copied as Markdown.
    words = _MARKS.sub("", passage).lower().split()
    # A run of characters is compared with the text without spaces.
    texts = f"{' '.join(words)}\n{''.join(words)}"
    runs = runs_of(span)
    return sum(run in texts for run in runs) >= CONTAINED_SHARE * len(runs)


def runs_of(text: str) -> set[str]:
    """Return the runs of four words of a text, of six characters if it is short."""
    words = _MARKS.sub("", _LINK.sub(r"\1", text)).lower().split()
    if len(words) >= FEWEST_WORDS:
        starts = range(len(words) - RUN + 1)
        return {" ".join(words[start : start + RUN]) for start in starts}
    joined = "".join(words)
    starts = range(max(1, len(joined) - RUN_OF_CHARACTERS + 1))
    return {joined[start : start + RUN_OF_CHARACTERS] for start in starts}


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean with its bootstrap percentile interval.

    Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. For the
    differences of paired values the same is the paired bootstrap of Sakai, SIGIR 2006.
    One value gives no more than itself; raises ValueError for none.
    """
    if not values:
        raise ValueError("there is nothing to take the mean of")
    sample: NDArray[np.float64] = np.asarray(values, np.float64)
    # Each row is one sample drawn with replacement.
    chosen = np.random.default_rng(SEED).integers(
        0, len(sample), (RESAMPLES, len(sample))
    )
    # As much of the distribution is left out on either side.
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(sample[chosen].mean(axis=1), [tail, 1 - tail])
    return Estimate(float(sample.mean()), float(low), float(high), len(sample))


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)


def _first_places(ranked: Sequence[str], gold: Set[str]) -> list[int]:
    """Return the place of each gold address among the first ten, counted from 0."""
    # An address that is ranked twice counts where it comes first.
    first = list(ranked[:CUT])
    return sorted(map(first.index, gold & set(first)))
