"""Near-duplicates: the test if two articles are one text under two addresses.

Resemblance is Jaccard's coefficient over shingles, candidates come from the bands of a
MinHash signature (Broder, "On the resemblance and containment of documents", 1997;
Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", chapter 3). Containment
decides nothing: a second edition holds most of the first, and is another article. The
measurements behind the numbers are in docs/decisions.md. Nothing is stored here.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from search.text.tokenizer import TOKEN
from search.types import Block

# To be raised with any change to shingles or bands: all articles are then signed again.
SIGNATURE_VERSION = 1
SHINGLE = 3  # words, or characters of a writing without spaces
# Shingles; photo posts with equal captions and buttons have 11, and say nothing.
SHORTEST = 30
LONG = 100  # shingles that are enough where the titles say two different things
# Resemblance; measured: 0.67 and more between copies and revisions, 0.39 and less
# between any others.
ALIKE = 0.6
NEARLY_EQUAL = 0.85  # resemblance, where the titles say two different things
# The share of the numbers in a text that may be swapped: more is another year, version
# or part, unless it is less than one in so many shingles: a slip, or the text's own
# address.
SWAPPED = 0.2
RARE = 400
# Pairs of resemblance 0.6 share a band with 98.8 %, of 0.3 with 23 %, of 0.05 with
# 0.02 %.
BANDS, ROWS = 32, 4

_VERBATIM = frozenset({"code", "math"})  # a translation leaves them as they are


@dataclass(frozen=True, slots=True)
class ComparedText:
    """An article as it is compared: its shingles (of the prose alone too), the title's
    words, the numbers."""

    shingles: Set[int]
    prose: Set[int]
    title: Counter[str]
    numbers: Counter[str]


def compared_text(title: str, blocks: Sequence[Block]) -> ComparedText:
    """Return the article with this title and these blocks as it is compared."""
    words: list[str] = []
    prose: list[str] = []
    for block in blocks:
        part = TOKEN.findall(block.text.casefold())
        words += part
        if block.kind not in _VERBATIM:
            prose += part
    shingles = _shingles(words)
    return ComparedText(
        shingles,
        shingles if len(prose) == len(words) else _shingles(prose),
        Counter(TOKEN.findall(title.casefold())),
        _numbers(Counter(words)),
    )


def bands(text: ComparedText) -> list[int]:
    """Return a number for each band; texts that share one are worth comparing. None for
    a short text."""
    if len(text.shingles) < SHORTEST:
        return []
    # It takes half a second, and only writers of an index need it.
    from datasketch import MinHash

    signature = MinHash(num_perm=BANDS * ROWS, hashfunc=int, scheme="affine32")
    signature.update_batch(sorted(text.shingles))
    rows = np.asarray(signature.hashvalues, "<u4").reshape(BANDS, ROWS)
    return [place << 32 | zlib.crc32(row.tobytes()) for place, row in enumerate(rows)]


def are_same(one: ComparedText, other: ComparedText) -> bool:
    """Say if these are one text, perhaps revised a little; never for texts too short to
    tell."""
    # Equal titles are evidence; two different ones need more of the text.
    shortest, least = LONG, NEARLY_EQUAL
    if _titles_agree(one.title, other.title):
        shortest, least = SHORTEST, ALIKE
    if min(len(one.shingles), len(other.shingles)) < shortest:
        return False
    if resemblance(one.shingles, other.shingles) < least or _are_variants(one, other):
        return False
    # Translations share their code: where there is prose it has to agree as well.
    if max(len(one.prose), len(other.prose)) < SHORTEST:
        return True
    return resemblance(one.prose, other.prose) >= least


def resemblance(one: Set[int], other: Set[int]) -> float:
    """Return Jaccard's coefficient, 0 to 1; of two empty sets 0."""
    shared = len(one & other)
    return shared / ((len(one) + len(other) - shared) or 1)


def representatives(
    order: Iterable[int], pairs: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Map each article that has a copy to the one that represents it.

    The first in ``order`` represents itself and all that are the same as it and not
    represented yet, and so on with the rest. A star, not a chain: two articles that are
    only each like a third one are not joined by it.
    """
    same: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        same[one].add(other)
        same[other].add(one)
    found: dict[int, int] = {}
    for number in order:
        # Those that an earlier article represents are not taken from it.
        free = same[number] - found.keys()
        if number not in found and free:
            found |= dict.fromkeys({number, *free}, number)
    return found


def _titles_agree(one: Counter[str], other: Counter[str]) -> bool:
    """Compare titles: sites add and mend words, so the shorter one is for the most part
    in the longer one."""
    return 2 * (one & other).total() >= min(one.total(), other.total())


def _are_variants(one: ComparedText, other: ComparedText) -> bool:
    """Say if numbers stand where others stood: another year, version, episode of the
    same words."""
    titles = (_numbers(Counter([*text.title])) for text in (one, other))
    if _swapped(*titles):
        return True
    swapped = _swapped(one.numbers, other.numbers)
    if swapped <= SWAPPED * max(one.numbers.total(), other.numbers.total()):
        return False
    return swapped * RARE > len(one.shingles | other.shingles)


def _swapped(one: Counter[str], other: Counter[str]) -> int:
    return min((one - other).total(), (other - one).total())


def _numbers(words: Counter[str]) -> Counter[str]:
    """Return those of counted words that have a digit."""
    return Counter(
        {word: n for word, n in words.items() if any(map(str.isdigit, word))}
    )


def _shingles(words: Sequence[str]) -> Set[int]:
    parts = [word.encode("utf-8", "surrogatepass") for word in words]
    runs = zip(*(parts[start:] for start in range(SHINGLE)), strict=False)
    return frozenset(map(zlib.crc32, map(b" ".join, runs)))
