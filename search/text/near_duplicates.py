"""Pure: whether two articles are one text under two addresses.

Resemblance is Jaccard's coefficient over shingles, candidates come from the bands of a
MinHash signature (Broder, "On the resemblance and containment of documents", 1997;
Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", chapter 3). Containment
decides nothing: a second edition holds most of the first, and is another article. The
measurements behind the numbers are in docs/decisions.md.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import chain

import numpy as np

from search.text.tokenizer import TOKEN
from search.types import Block

SIGNATURE_VERSION = 1  # to be raised with any change to shingles or bands: all articles are then signed anew
SHINGLE = 3  # words, or characters of a writing without spaces
# shingles; photo posts with equal captions and buttons have 11, and say nothing
SHORTEST = 30
LONG = 100  # shingles that are enough where the titles say two different things
ALIKE = 0.6  # measured: 0.67 and more between copies and revisions, 0.39 and less between any others
NEARLY_EQUAL = 0.85  # where the titles say two different things
SWAPPED = 0.2  # of the numbers in the text: more is another year, version or part …
RARE = 400  # … unless it is less than one in so many shingles: a slip, or the text's own address
BANDS, ROWS = (
    32,
    4,
)  # pairs of resemblance 0.6 share a band with 98.8 %, of 0.3 with 23 %, of 0.05 with 0.02 %

_VERBATIM = {"code", "math"}  # what a translation leaves as it is


@dataclass(frozen=True, slots=True)
class Text:
    """What of an article is compared: shingles (of the prose alone too), the title's
    words, the numbers."""

    shingles: Set[int]
    prose: Set[int]
    title: Counter[str]
    numbers: Counter[str]


def text_of(title: str, blocks: Sequence[Block]) -> Text:
    """What is compared of an article with this title and these blocks."""
    parts = [(block.kind, TOKEN.findall(block.text.casefold())) for block in blocks]
    words = list(chain.from_iterable(part for _, part in parts))
    prose = list(
        chain.from_iterable(part for kind, part in parts if kind not in _VERBATIM)
    )
    return Text(
        _shingles(words),
        _shingles(prose),
        Counter(TOKEN.findall(title.casefold())),
        Counter(filter(_is_number, words)),
    )


def bands(text: Text) -> list[int]:
    """A number for each band; texts that share one are worth comparing. Empty for a
    short text."""
    if len(text.shingles) < SHORTEST:
        return []
    from datasketch import (
        MinHash,  # takes half a second, and only who writes an index needs it
    )

    signature = MinHash(num_perm=BANDS * ROWS, hashfunc=int, scheme="affine32")
    signature.update_batch(sorted(text.shingles))
    rows = np.asarray(signature.hashvalues, "<u4").reshape(BANDS, ROWS)
    return [place << 32 | zlib.crc32(row.tobytes()) for place, row in enumerate(rows)]


def are_same(one: Text, other: Text) -> bool:
    """Whether these are one text, perhaps revised a little; never for texts too short
    to tell."""
    agree = _titles_agree(one.title, other.title)
    if min(len(one.shingles), len(other.shingles)) < (SHORTEST if agree else LONG):
        return False
    least = ALIKE if agree else NEARLY_EQUAL
    if resemblance(one.shingles, other.shingles) < least or _are_variants(one, other):
        return False
    return (
        max(len(one.prose), len(other.prose)) < SHORTEST
        or resemblance(one.prose, other.prose) >= least
    )


def resemblance(one: Set[int], other: Set[int]) -> float:
    """Jaccard's coefficient, 0 to 1; of two empty sets 0."""
    shared = len(one & other)
    return shared / ((len(one) + len(other) - shared) or 1)


def representatives(
    order: Iterable[int], pairs: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Who stands for whom, among articles that have a copy: the first in ``order`` for
    itself and those that are the same as it and nobody's yet, and so on with the rest.

    A star, not a chain: two articles that are only each like a third one don't meet by
    it.
    """
    same: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        same[one].add(other)
        same[other].add(one)
    found: dict[int, int] = {}
    for number in order:
        free = same[number] - found.keys()
        if number not in found and free:
            found |= dict.fromkeys({number, *free}, number)
    return found


def _titles_agree(one: Counter[str], other: Counter[str]) -> bool:
    """Whether the shorter title is for the most part in the longer one: sites add and
    mend words."""
    return 2 * (one & other).total() >= min(one.total(), other.total())


def _are_variants(one: Text, other: Text) -> bool:
    """Whether numbers stand where others stood: another year, version, episode of the
    same words."""
    if _swapped(*(Counter(filter(_is_number, text.title)) for text in (one, other))):
        return True
    swapped = _swapped(one.numbers, other.numbers)
    most = max(one.numbers.total(), other.numbers.total())
    return swapped > SWAPPED * most and swapped * RARE > len(
        one.shingles | other.shingles
    )


def _swapped(one: Counter[str], other: Counter[str]) -> int:
    return min((one - other).total(), (other - one).total())


def _is_number(word: str) -> bool:
    return any(map(str.isdigit, word))


def _shingles(words: Sequence[str]) -> Set[int]:
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    return frozenset(
        zlib.crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in runs
    )
