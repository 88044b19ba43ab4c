"""The word that was meant by a misspelt one, by the words of an index.

    tranformer atention mechansim  →  transformer attention mechanism
    machinelearning for gardners   →  machine learning for gardeners

A noisy channel: how common a word is, how much likelier beside the rest of the
question, and how easily one slips from it into what was typed, against that being a
word which the index just does not have. Nothing is looked up here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from typing import NamedTuple, Protocol

from search.query import slips

SHORTEST = 4  # letters; shorter words have too many neighbours
SHORTEST_HALF = 3  # letters of each of two words that were run together
MOST_DOUBTFUL = 12  # words; a question with more of them is about something else
MOST_LIKELY = 4  # words for one, that are looked up beside the rest of the question
ROUNDS = 4  # a word that is sure supports others in the next one

# Chances, chosen with the numbers below (docs/quality.md).
SURE = 0.85  # asked in place of what was typed
LIKELY = 0.5  # offered
LIKELY_RARE = 0.7  # offered where what was typed stands in an article
TIMES_RARE = 10  # so many times the articles have to contain the other word then


class Lexicon(Protocol):
    """The questions that are asked of an index about words in lower case."""

    @property
    def articles(self) -> int:
        """The number of articles."""

    def doubtful(self, words: Sequence[str]) -> dict[str, int]:
        """Return those of the words that are no known words, or stand in few articles,
        each with the number of these; 0 only for a word that stands nowhere in any
        form."""

    def like(self, word: str) -> Mapping[str, int]:
        """Return words that may be meant by this one, each with the number of articles
        that contain it."""

    def lifts(
        self, words: Sequence[str], besides: Sequence[str]
    ) -> Mapping[str, float] | None:
        """Return how many times likelier than anywhere each word is beside the telling
        words of the question and these; None where there are none."""

    def is_joined(self, first: str, second: str) -> bool:
        """Tell if these two are one word in the index, and nowhere two."""

    def parted(self, word: str) -> str | None:
        """Return two words of the index that were run together, with a space between,
        if they stand somewhere one after the other."""


class Guess(NamedTuple):
    """A word that may be meant, and the chance that it is, 0 to 1."""

    word: str = ""
    chance: float = 0.0


class Meant(NamedTuple):
    """The words that were meant by others, and by two with a space between: ``sure``
    are asked in their place, ``likely`` offered."""

    sure: dict[str, str]
    likely: dict[str, str]


def meant(
    words: Sequence[str], pairs: Sequence[tuple[str, str]], lexicon: Lexicon
) -> Meant:
    """Return what was meant by words of a question; ``pairs`` are neighbours in it."""
    doubtful = lexicon.doubtful(words)
    if not doubtful:
        return Meant({}, {})
    joined = _joined(pairs, doubtful, lexicon)
    halves = {half for pair in joined for half in pair.split()}
    single = {
        word: articles
        for word, articles in doubtful.items()
        if len(word) >= SHORTEST and word not in halves
    }
    return _Reading(lexicon, frozenset(words), single, joined).meant()


@dataclass(slots=True)
class _Reading:
    """The doubtful words of one question, and what is sure so far."""

    lexicon: Lexicon
    asked: frozenset[str]
    doubtful: dict[str, int]
    sure: dict[str, str]

    def meant(self) -> Meant:
        guesses = self._guesses()
        likely = {
            word: guess.word
            for word, guess in guesses.items()
            if self._is_likely(word, guess)
        }
        # Who slips once slips twice: then a rare word was hardly meant.
        if self.sure:
            for word in [one for one in likely if guesses[one].chance >= SURE]:
                self.sure[word] = likely.pop(word)
        left = guesses.keys() - self.sure.keys() - likely.keys()
        for word in filterfalse(self.doubtful.get, left):
            if parts := self.lexicon.parted(word):
                self.sure[word] = parts
        return Meant(self.sure, likely)

    def _guesses(self) -> dict[str, Guess]:
        """Return the likeliest word for each that isn't sure."""
        alike = {word: self._alike(word) for word in self.doubtful}
        # A rare word that no other is like was meant.
        trusted = filterfalse(alike.get, alike)
        held = list(filter(self.doubtful.get, trusted))
        guesses: dict[str, Guess] = {}
        for _ in range(ROUNDS):
            besides = (*held, *self.sure.values())
            left = alike.keys() - self.sure.keys()
            guesses = {
                word: _guess(alike[word], self.lexicon, besides)
                for word in sorted(left)
            }
            found = {
                word: guess.word
                for word, guess in guesses.items()
                if guess.chance >= SURE and not self.doubtful[word]
            }
            if not found:
                break
            self.sure |= found
        return {word: guess for word, guess in guesses.items() if word not in self.sure}

    def _alike(self, word: str) -> dict[str, float]:
        """Return the words that may be meant most easily, each with its odds apart from
        the question."""
        counts = self.lexicon.like(word)
        least = self.doubtful[word] * TIMES_RARE
        odds: dict[str, float] = {}
        for other, kinds in slips.near(word, counts).items():
            is_form = least > 0 and slips.is_form(word, other, kinds)
            if counts[other] < least or is_form or other in self.asked:
                continue
            share = counts[other] / self.lexicon.articles
            odds[other] = slips.base_odds(word, other, kinds, share=share)
        likeliest = sorted(odds, key=lambda other: (-odds[other], other))
        return {other: odds[other] for other in likeliest[:MOST_LIKELY]}

    def _is_likely(self, word: str, guess: Guess) -> bool:
        if self.doubtful[word]:
            return guess.chance >= LIKELY_RARE
        return guess.chance >= LIKELY


def _guess(
    odds: Mapping[str, float], lexicon: Lexicon, besides: Sequence[str]
) -> Guess:
    """Return the likeliest word, by its odds apart from the question and beside it."""
    if not odds:
        return Guess()
    lifts = lexicon.lifts(list(odds), besides) or {}
    weights: dict[str, float] = {}
    for other, known in odds.items():
        weights[other] = math.exp(slips.odds_beside(known, lifts.get(other)))
    best = max(weights, key=lambda other: weights[other])
    # The 1 is the weight of what was typed.
    return Guess(best, weights[best] / (1 + sum(weights.values())))


def _joined(
    pairs: Sequence[tuple[str, str]], doubtful: Mapping[str, int], lexicon: Lexicon
) -> dict[str, str]:
    """Return the pairs that were meant as one word."""
    found: dict[str, str] = {}
    for first, second in pairs:
        is_doubtful = not doubtful.keys().isdisjoint((first, second))
        if is_doubtful and lexicon.is_joined(first, second):
            found[f"{first} {second}"] = first + second
    return found
