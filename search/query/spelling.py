"""Typing slips in a question, recognised by the words of an index.

    sourdugh starter temprature   →  sourdough starter temperature
    machinelearning for gardners  →  machine learning for gardeners

A word is taken for a slip only where it stands nowhere in the index, and mended only
where what would be meant is near and likely. Names and new words have neighbours too:
leaving a slip alone does less harm than answering another question. Acronyms,
identifiers and version numbers are what was meant. The one door to rapidfuzz.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.text.tokenizer import UNIT

# Measured with words of one blog asked of another's index, and with random edits in
# words that it has (docs/decisions.md). Lengths are in letters.
SHORTEST = 4  # shorter words have too many neighbours
SHORTEST_ALONE = 5  # where the question has no other word that supports what is meant
LONG_ALONE = 7  # the same, where few articles have it
LONG = 8  # a word that is that long and near was meant though nothing supports it
LONG_FOR_TWO = 9  # two edits are looked at
COMMON = 3  # articles
SHORTEST_HALF = 3  # letters of each of two words that were run together
# Words; a question with more of them is about something else, or in another language.
MOST_UNKNOWN = 5
LOOKED_AT = 3  # of equally near words, the most frequent

_LETTERS = r"[^\W\d_]+"
_WORDY = re.compile(rf"{_LETTERS}(?:[-'’\u2010\u2011]{_LETTERS})*")
_WORD = re.compile(_LETTERS)
_OPENING, _CLOSING = "([{'‘*¿¡", ")]}'’*.,;:!?…"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The questions that are asked of an index about words in lower case.

    ``knows``: is the word in it in any form, or a word all the same? ``like``: words
    that may be meant, each with the number of articles that write it so. ``supports``:
    the number of passages that have the word together with telling words of the
    question, None where that has no others. ``adjoins``: do two words stand somewhere
    one after the other?
    """

    knows: Callable[[str], bool]
    like: Callable[[str], Mapping[str, int]]
    supports: Callable[[str], int | None]
    adjoins: Callable[[str, str], bool]


def slips(text: str, parts: Sequence[Span], lexicon: Lexicon) -> dict[str, str | None]:
    """Return the words in these parts of a text that the lexicon doesn't know, in lower
    case, each with the word that was meant, None where that can't be decided."""
    words = {text[start:end].lower() for start, end in _words(text, parts)}
    unknown = sorted(word for word in words if not lexicon.knows(word))
    if len(unknown) > MOST_UNKNOWN:
        return {}
    return {word: _meant(word, lexicon) for word in unknown}


def mended(text: str, parts: Sequence[Span], meant: Mapping[str, str | None]) -> str:
    """Return the text with the words that were meant in place of the slips."""
    for start, end in sorted(_words(text, parts), reverse=True):
        typed = text[start:end]
        word = meant.get(typed.lower())
        if word is None:
            continue
        if typed[0].isupper():
            word = word[0].upper() + word[1:]
        text = text[:start] + word + text[end:]
    return text


def edits(word: str) -> int:
    """Return the number of edits that a slip in a word of this length may be."""
    if len(word) >= LONG_FOR_TWO:
        return 2
    return 1


def nearest(word: str, counts: Mapping[str, int]) -> tuple[int, list[str]]:
    """Return the words that are nearest to this one, most frequent first, and their
    distance.

    The distance is that of optimal string alignment: letters left out, put in,
    mistaken, or two neighbours swapped. The first letter is right, or swapped with the
    second: that tells "regular" from "irregular".
    """
    found = process.extract(
        word, list(counts), scorer=OSA.distance, score_cutoff=edits(word), limit=None
    )
    near: dict[int, list[str]] = {}
    for other, score, _ in found:
        distance = int(score)
        if _is_slip(word, other, distance=distance):
            near.setdefault(distance, []).append(other)
    least = min(near, default=0)
    words = near.get(least, [])
    return least, sorted(words, key=lambda other: (-counts[other], other))


def _words(text: str, parts: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans of the words in these parts, which stand between spaces, that may
    be slips."""
    for start, end in parts:
        inner = text[start:end].lstrip(_OPENING)
        start = end - len(inner)
        inner = inner.rstrip(_CLOSING)
        if not _WORDY.fullmatch(inner) or UNIT.search(inner):
            continue
        for found in _WORD.finditer(inner):
            # Capitals inside are those of acronyms and identifiers.
            if len(found[0]) >= SHORTEST and found[0][1:].islower():
                yield start + found.start(), start + found.end()


def _meant(word: str, lexicon: Lexicon) -> str | None:
    counts = lexicon.like(word)
    distance, words = nearest(word, counts)
    support = {other: lexicon.supports(other) for other in words[:LOOKED_AT]}
    # the most frequent among equals
    best = max(support, key=lambda other: support[other] or 0, default="")
    if best and _is_believed(
        word, distance=distance, articles=counts[best], support=support[best]
    ):
        return best
    return _parted(word, lexicon)


def _is_believed(
    word: str, *, distance: int, articles: int, support: int | None
) -> bool:
    if support:
        return True
    # Nothing supports it: then it has to be near, and the word long.
    if distance > 1:
        return False
    if support == 0:
        return distance == 1 and len(word) >= LONG
    shortest = LONG_ALONE
    if articles >= COMMON:
        shortest = SHORTEST_ALONE
    return len(word) >= shortest


def _parted(word: str, lexicon: Lexicon) -> str | None:
    """Return two words that were run together, if the index has them one after the
    other."""
    for at in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1):
        if lexicon.adjoins(word[:at], word[at:]):
            return f"{word[:at]} {word[at:]}"
    return None


def _is_slip(word: str, other: str, *, distance: int) -> bool:
    """Say if they begin alike, and differ by more than an ending: "jumpy" is no slip of
    "jumps"."""
    # Two letters more or less are an ending: "trained" is no slip of "train".
    is_part = word.startswith(other) or other.startswith(word)
    if distance == 2 and is_part:
        return False
    is_swapped = word[-2:] == other[:-3:-1]
    if len(word) < LONG_ALONE and word[-1] != other[-1] and not is_swapped:
        return False
    return word[0] == other[0] or word[:2] == other[1::-1]
