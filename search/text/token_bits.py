"""The bits of a passage's tokens that are stored, for late interaction.

Only the signs of the coordinates remain, no stop words, and none of the line of context
where the passage has others; comparing them is the work of
search/ranking/late_interaction.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.port_values import Encoding, TokenBits
from search.text.languages import STOP_WORDS
from search.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")


def token_bits(encoding: Encoding, embedded: str, text: str) -> TokenBits:
    """Return the bits to store of a passage.

    ``text`` is the passage's own, with which the ``embedded`` text ends.
    """
    stops = [
        found.span()
        for found in _WORD.finditer(embedded)
        if found[0].casefold() in STOP_WORDS
    ]
    places = encoding.spans.reshape(-1, 2)[:, 0]
    kept = ~_within(stops, places)
    starts = [start + len(embedded) - len(text) for start, _ in sentence_spans(text)]
    parts = np.searchsorted(starts, places[kept], side="right")
    counts = np.bincount(parts, minlength=len(starts) + 1).astype(np.uint16)
    bits = np.packbits(encoding.tokens[kept] > 0, axis=1)
    return without_context(TokenBits(bits, counts))


def without_context(found: TokenBits) -> TokenBits:
    """Return a passage's bits without those of its line of context, which nothing reads
    where the text has any; of a text without tokens they stay."""
    of_context = int(found.counts[0])
    if of_context == len(found.bits):
        return found
    counts = found.counts.copy()
    counts[0] = 0
    return TokenBits(found.bits[of_context:], counts)


def _within(
    spans: Sequence[tuple[int, int]], places: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Tell of each place if it lies in one of these spans, ascending."""
    # One before all, so that each place has a last span that begins at or before it.
    starts, ends = np.array([(-1, -1), *spans]).T
    found: NDArray[np.bool_] = (
        places < ends[np.searchsorted(starts, places, side="right") - 1]
    )
    return found
