"""Typing slips: the words that one may slip from into another, and the odds of it.

    swap nucelus · double atention · drop tranformer · vowel seperate · insert expersts

It knows no question and no index. The one door to rapidfuzz.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from search.text.folding import fold

LONG_FOR_TWO = 8  # letters; two slips are looked at
ENDING = 2  # letters; words that differ in no others are forms of one word

Kind = Literal["swap", "double", "drop", "vowel", "mistake", "insert", "variant"]
# Logarithms of odds, tuned together by maximum likelihood over slips in 320 questions
# of two indexes, and over right words that are in none of their articles.
KINDS: dict[Kind, float] = {
    "swap": 1.7,  # nucelus
    "double": 1.6,  # atention, hallucinnate
    "drop": 1.0,  # tranformer
    "vowel": -1.0,  # seperate
    "insert": -2.3,  # expersts
    "mistake": -2.4,  # recuprent
    # practise and practice, optimise and optimize: both are right, and an archive that
    # has only the other one is asked with its own. Not fitted: -4.5 leaves them alone.
    "variant": -1.0,
}
SECOND = -7.0  # where there are two slips in one word; chosen by right words alone
SHARE = 0.5  # for each unit of the logarithm of the share of articles that contain it
LENGTH = 2.8  # for each of the logarithm of the letters typed
LIFT = 1.2  # for each of the logarithm of how much likelier it is beside the rest
ALONE = -2.3  # where there is no rest
LAST = -0.6  # where the last letter is another: that may be an ending

_VOWELS = frozenset("aeiouyäöüàâéèêëîïôûù")
_VARIANTS = (frozenset("cs"), frozenset("sz"))


def edits(word: str) -> int:
    """Return the number of edits that a slip in a word of this length may be."""
    if len(word) >= LONG_FOR_TWO:
        return 2
    return 1


def near(word: str, others: Mapping[str, int]) -> dict[str, tuple[Kind, ...]]:
    """Return those of the words that one may slip from into this one, each with the
    kinds of its slips.

    Case, accents and ligatures are no slips. The distance is that of optimal string alignment: letters left out, put in,
    mistaken, or two neighbours swapped. The first letter is right, or swapped with the
    second: that tells "regular" from "irregular".
    """
    word = fold(word)
    found = process.extract(
        word,
        {other: fold(other) for other in others},
        scorer=OSA.distance,
        score_cutoff=edits(word),
        limit=None,
    )
    kinds: dict[str, tuple[Kind, ...]] = {}
    for other, distance, written in found:
        begins_alike = word[0] == other[0] or word[:2] == other[1::-1]
        # Two letters more or less are an ending: "trained" is no slip of "train".
        is_part = word.startswith(other) or other.startswith(word)
        if distance and begins_alike and not (distance == 2 and is_part):
            kinds[written] = _slips(word, other, int(distance))
    return kinds


def base_odds(word: str, other: str, kinds: Sequence[Kind], *, share: float) -> float:
    """Return the logarithm of the odds that a word was meant by another, apart from the
    rest of the question; ``share`` is that of the articles which contain it."""
    odds = sum(KINDS[kind] for kind in kinds)
    odds += SHARE * math.log(share) + LENGTH * math.log(len(word))
    if len(kinds) > 1:
        odds += SECOND
    elif _place(word, other) >= len(word) - 1:
        odds += LAST
    return odds


def odds_beside(odds: float, lift: float | None) -> float:
    """Return the logarithm of the odds with the rest of the question, beside which the
    other word is ``lift`` times likelier; None where there is no rest."""
    if lift is None:
        return odds + ALONE
    return odds + LIFT * math.log(lift)


def is_form(word: str, other: str, kinds: Sequence[Kind]) -> bool:
    """Tell if two words differ in their ending only."""
    length = max(len(word), len(other))
    return "swap" not in kinds and _place(word, other) >= length - ENDING


def _slips(word: str, other: str, distance: int) -> tuple[Kind, ...]:
    """Return the likeliest slips that make the word of the other."""
    ways = _ways(word, other, distance)
    return max(ways, key=lambda kinds: sum(KINDS[kind] for kind in kinds))


def _ways(word: str, other: str, left: int) -> list[tuple[Kind, ...]]:
    """Return the ways to make the word of the other by so many slips."""
    at = _place(word, other)
    if word == other:
        return [()]
    if not left:
        return []
    # A letter beside a like one was doubled, or should be.
    steps: list[tuple[Kind, str, str]] = [
        (_kind_of_one("insert", word, at), word[:at] + word[at + 1 :], other),
        (_kind_of_one("drop", other, at), word, other[:at] + other[at + 1 :]),
    ]
    if at < min(len(word), len(other)):
        mended = word[:at] + other[at] + word[at + 1 :]
        steps.append((_kind_of_mistake({word[at], other[at]}), mended, other))
        swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        steps.append(("swap", swapped, other))
    ways: list[tuple[Kind, ...]] = []
    for kind, nearer, towards in steps:
        ways += [(kind, *more) for more in _ways(nearer, towards, left - 1)]
    return ways


def _kind_of_mistake(letters: set[str]) -> Kind:
    if letters <= _VOWELS:
        return "vowel"
    if letters in _VARIANTS:
        return "variant"
    return "mistake"


def _kind_of_one(kind: Kind, longer: str, at: int) -> Kind:
    beside = longer[max(at - 1, 0) : at] + longer[at + 1 : at + 2]
    if longer[at : at + 1] and longer[at] in beside:
        return "double"
    return kind


def _place(word: str, other: str) -> int:
    """Return the place of the first letter that differs."""
    return int(Prefix.similarity(fold(word), fold(other)))
