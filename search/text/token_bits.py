"""The bits of a passage's tokens that are stored, for late interaction.

Only the signs of the coordinates remain, and no stop words; comparing them is the work
of search/ranking/late_interaction.py.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from search.port_values import TokenBits
from search.ports import Encoding
from search.text.languages import STOP_WORDS
from search.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")


def token_bits(encoding: Encoding, embedded: str, text: str) -> TokenBits:
    """Return the bits to store of a passage, without its stop words.

    ``text`` is the passage's own, with which the ``embedded`` text ends.
    """
    stops = [
        found.span()
        for found in _WORD.finditer(embedded)
        if found[0].casefold() in STOP_WORDS
    ]
    places = encoding.spans.reshape(-1, 2)[:, 0]
    kept = np.array([not _is_within(stops, int(place)) for place in places], bool)
    starts = [start + len(embedded) - len(text) for start, _ in sentence_spans(text)]
    parts = np.searchsorted(starts, places[kept], side="right")
    counts = np.bincount(parts, minlength=len(starts) + 1).astype(np.uint16)
    return TokenBits(np.packbits(encoding.tokens[kept] > 0, axis=1), counts)


def _is_within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, (place, 1 << 62)) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]
