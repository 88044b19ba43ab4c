"""The encodings of texts, made of what a model gives for them.

No model is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from search.port_values import Encoding, Vectors

_SHORTEST_VECTOR = 1e-9  # shorter ones are zero, and have no direction


def by_length(
    texts: Sequence[str],
    batch: int,
    encode: Callable[[list[str]], Sequence[Encoding]],
) -> list[Encoding]:
    """Encode texts in batches, and return what was made of them in their order."""
    found: dict[int, Encoding] = {}
    # Texts of like length need little padding.
    places = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        encoded = encode([texts[place] for place in some])
        found |= zip(some, encoded, strict=True)
    return [found[place] for place in range(len(texts))]


def tokens_of(
    text: str, vectors: Vectors, spans: NDArray[np.int32]
) -> tuple[NDArray[np.float16], NDArray[np.int32]]:
    """Return the vectors and spans of those tokens of a text that contain a letter or a
    digit."""
    kept: list[int] = []
    for place, (start, end) in enumerate(spans.tolist()):
        # The prompt's tokens lie before the text.
        if start >= 0 and any(map(str.isalnum, text[start:end])):
            kept.append(place)
    return unit_length(vectors[kept]).astype(np.float16), spans[kept]


def unit_length(vectors: Vectors) -> Vectors:
    """Return vectors of the same directions, one a row."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, _SHORTEST_VECTOR)
    return scaled


def finite(vectors: Vectors) -> Vectors:
    """Return the vectors; raises ValueError for what is no number, which would be near
    to nothing and far from nothing."""
    if not np.isfinite(vectors).all():
        raise ValueError("its weights are no numbers")
    return vectors
