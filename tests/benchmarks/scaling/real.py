"""The passages of a real index, cut into their sentences with the tokens of each.

It makes nothing; tests/benchmarks/scaling/made.py mixes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.port_values import StoredPassage, TokenBits
from search.snapshot_port import Snapshot
from search.text.sentences import sentence_spans
from search.types import Article

NEIGHBOURS = 64
ROWS = 1024  # passages that are compared with all others at once


class Sentence(NamedTuple):
    """A sentence and the bits of its tokens."""

    text: str
    bits: NDArray[np.uint8]


class RealPassage(NamedTuple):
    """A passage: its article, its path of headings, the bits of its line of context."""

    article: Article
    heading: tuple[str, ...]
    context: NDArray[np.uint8]
    sentences: list[Sentence]


@dataclass
class RealPassages:
    """All passages of an index, their vectors, and the nearest of each: int32 of the
    shape (passages, NEIGHBOURS)."""

    passages: list[RealPassage]
    vectors: NDArray[np.float32]
    nearest: NDArray[np.int32]
    sizes: list[int]  # passages of each article


def real_passages(index: Snapshot) -> RealPassages:
    """Read an index; notes, and passages without tokens, are left out."""
    found: list[RealPassage] = []
    vectors: list[NDArray[np.float32]] = []
    sizes: list[int] = []
    for url in index.urls():
        before = len(found)
        for passage, vector in _of_article(index, url):
            found.append(passage)
            vectors.append(vector)
        if len(found) > before:
            sizes.append(len(found) - before)
    matrix = np.stack(vectors)
    return RealPassages(found, matrix, _nearest(matrix), sizes)


def _of_article(
    index: Snapshot, url: str
) -> Iterator[tuple[RealPassage, NDArray[np.float32]]]:
    number = index.find(url)
    article = index.articles([number])[number]
    stored = index.passages_of(number)
    ids, vectors = index.article_vectors([number]).get(number, ((), ()))
    bits = index.token_bits([int(n) for n in ids])
    for one, n, vector in zip(stored, ids, vectors, strict=True):
        tokens = bits.get(int(n))
        if tokens is None or one.passage.is_note:
            continue
        passage = _cut(article, one, tokens)
        if passage is not None:
            yield passage, vector


def _cut(article: Article, one: StoredPassage, tokens: TokenBits) -> RealPassage | None:
    text = one.passage.text
    spans = sentence_spans(text)
    if len(tokens.counts) != len(spans) + 1:
        return None
    parts = np.split(tokens.bits, np.cumsum(tokens.counts)[:-1].astype(np.int64))
    sentences = [
        Sentence(text[start:end], part)
        for (start, end), part in zip(spans, parts[1:], strict=True)
    ]
    return RealPassage(article, one.passage.heading, parts[0], sentences)


def _nearest(vectors: NDArray[np.float32]) -> NDArray[np.int32]:
    count = min(NEIGHBOURS, len(vectors) - 1)
    found = np.empty((len(vectors), count), np.int32)
    for start in range(0, len(vectors), ROWS):
        products = vectors[start : start + ROWS].dot(vectors.T)
        own = np.arange(len(products))
        products[own, own + start] = -1.0
        found[start : start + ROWS] = np.argpartition(-products, count - 1)[:, :count]
    return found
