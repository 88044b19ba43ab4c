"""Pure: whether the best of what was found can be called an answer."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from search.ports import Ids, Vectors

# Evidence is the greatest cosine, plus a share of what the best passages hold of the question's words, less
# a share of the words that stand nowhere in the index. An index of few passages lacks many a common word, so
# that a missing one says little there. Measured with all-MiniLM-L6-v2 over the eight archives of
# shared/eval/dev together and six of them alone (docs/decisions.md).
FOUND_SHARE = 0.3
UNKNOWN_SHARE = 0.25
KNOWING = 10_000  # passages: from here on a word that is nowhere counts whole
CUT_OFF = 0.48
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


@dataclass(frozen=True, slots=True)
class Words:
    """What shares of a question's words, each by its rarity, are ``found`` in the one best passage, and are
    ``unknown`` to all ``passages`` of the index; 0 to 1."""

    found: float
    unknown: float
    passages: int


def at_scale(cosine: float, background: Background | None) -> float:
    """Another model's cosine as the default model would have it, by where it lies among those of the index.

    ``background`` is None for the default model.
    """
    if background is None or background.spread <= 0:
        return cosine
    return USUAL + (cosine - background.mean) / background.spread * USUAL_SPREAD


def is_confident(cosine: float, words: Words) -> bool:
    """Whether there is an answer. ``cosine`` is the greatest of any passage, at the default model's scale."""
    missing = words.unknown * min(1.0, words.passages / KNOWING)
    return cosine + FOUND_SHARE * words.found - UNKNOWN_SHARE * missing >= CUT_OFF


def rarity(frequency: int, passages: int) -> float:
    """How rare a word is that n of N passages hold: ln((N + 1) / (n + 0.5)), BM25's kind of inverse document
    frequency."""
    return math.log((passages + 1) / (frequency + 0.5))


def weigh_words(frequencies: Mapping[str, int], found: Mapping[str, Collection[int]], passages: int) -> Words:
    """What a question's words say of the best passages.

    ``frequencies`` says how many of all ``passages`` hold a word, ``found`` which of the best do.
    """
    rare = {word: rarity(n, passages) for word, n in frequencies.items()}
    total = sum(rare.values())
    if total <= 0:
        return Words(0.0, 0.0, passages)
    held: dict[int, float] = {}
    for word, numbers in found.items():
        for number in numbers:
            held[number] = held.get(number, 0.0) + rare[word]
    unknown = sum(rare[word] for word, n in frequencies.items() if n == 0)
    return Words(min(1.0, max(held.values(), default=0.0) / total), min(1.0, unknown / total), passages)
