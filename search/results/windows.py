"""Windows: the runs of an article's sentences among which a quote is chosen.

Each sentence gets its share of the chance that the answer is in it; a window is worth
the shares of what is read of it. Numbers in, numbers out: it reads no index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from search.ranking.weights import (
    SENTENCE_COSINE,
    SENTENCE_LENGTH,
    SENTENCE_MAX_SIM,
    SENTENCE_PASSAGE,
)

# Characters of a quote, and those of it that are read at a glance.
LONGEST = 600
READ = 500
# A quote is cut to what it takes: at its ends no sentence of less than this share of
# the best one's stays, as long as so many characters are left to understand it by.
LEAST_SHARE = 0.02
SHORTEST = 400
# A sentence stands out where its share is at least this much of its window's: three
# times likelier to be the answer than all others there together.
STANDS_OUT = 0.75


@dataclass(slots=True)
class Sentence:
    """A sentence, or a few lines of code: its characters in the text, its passage with
    the score of that, and its closeness to the question.

    ``passage`` is None for what only stands beside one: it is compared with nothing.
    ``barred``: it answers nothing, as a reference, which ``is_apparatus``. ``run`` is
    the same for sentences that follow each other in one ``section``. ``share`` is that
    of the chance that the answer is here, among all sentences.
    """

    start: int
    end: int
    passage: int | None = None
    score: float = 0.0
    max_sim: float = 0.0
    cosine: float = 0.0
    barred: bool = False
    run: int = 0
    section: int = 0
    is_apparatus: bool = False
    share: float = field(default=0.0, init=False)


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences ``first`` to ``last``, the best of them, and the sum of the shares of
    those that are read at a glance."""

    first: int
    last: int
    best: int
    worth: float


def give_shares(sentences: Sequence[Sentence]) -> None:
    """Set the share of each sentence, which sum up to 1: logistic regression over the
    sentences of one article (a softmax).

    What is barred has none, unless all is.
    """
    compared = [one for one in sentences if one.passage is not None]
    free = [one for one in compared if not one.barred] or compared
    if not free:
        return
    logits = np.array([_logit(one) for one in free])
    chances = np.exp(logits - logits.max())
    for one, share in zip(free, chances / chances.sum(), strict=True):
        one.share = float(share)


def _logit(one: Sentence) -> float:
    return (
        SENTENCE_MAX_SIM * one.max_sim
        + SENTENCE_COSINE * one.cosine
        + SENTENCE_PASSAGE * one.score
        + SENTENCE_LENGTH * math.log1p(one.end - one.start)
    )


def best_windows(sentences: Sequence[Sentence], count: int) -> list[Window]:
    """Return the windows of most worth, best first, none of which overlap.

    ``sentences`` are in the order of the text.
    """
    every = [_window_from(sentences, first) for first in range(len(sentences))]
    every.sort(key=lambda window: -window.worth)
    chosen: list[Window] = []
    for window in every:
        apart = all(
            window.last < other.first or other.last < window.first for other in chosen
        )
        if apart and window.worth > 0:
            chosen.append(window)
            if len(chosen) == count:
                break
    return [_trimmed(sentences, window) for window in chosen]


def stands_out(sentences: Sequence[Sentence], window: Window) -> bool:
    """Tell if the best sentence of a window is worth marking."""
    inside = sentences[window.first : window.last + 1]
    total = sum(one.share for one in inside)
    return len(inside) > 1 and sentences[window.best].share >= STANDS_OUT * total


def _window_from(sentences: Sequence[Sentence], first: int) -> Window:
    """Return the longest window that begins with a sentence."""
    begin = sentences[first]
    last = best = first
    greatest, worth = begin.share, 0.0
    for number in range(first, len(sentences)):
        one = sentences[number]
        fits = one.end - begin.start <= LONGEST and one.run == begin.run
        if number > first and not fits:
            break
        last = number
        # What has no share adds nothing; most sentences beside a passage have none.
        if one.share:
            if one.share > greatest:
                best, greatest = number, one.share
            read = begin.start + READ - one.start
            worth += one.share * min(1.0, max(0.0, read / (one.end - one.start)))
    return Window(first, last, best, worth)


def _trimmed(sentences: Sequence[Sentence], window: Window) -> Window:
    """Leave out what says little at both ends, the end first."""
    first, last = window.first, window.last
    least = LEAST_SHARE * sentences[window.best].share
    while last > window.best and sentences[last].share < least:
        if sentences[last - 1].end - sentences[first].start < SHORTEST:
            break
        last -= 1
    while first < window.best and sentences[first].share < least:
        if sentences[last].end - sentences[first + 1].start < SHORTEST:
            break
        first += 1
    return Window(first, last, window.best, window.worth)
