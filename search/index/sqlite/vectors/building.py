"""Bases made from the rows, or from an older base and its tail.

It decides what a base is made of and when; writing it is base_file's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search.errors import IndexDamaged
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.base_file import Base
from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.index.sqlite.vectors.listed_codes import ListedCodes
from search.index.sqlite.vectors.quantizer import Codes, Quantizer
from search.index.sqlite.vectors.view import VectorView
from search.ports import Ids, Vectors

# Passages up to which all are compared with a question: 1.6 ms for 100,000.
FLAT_MOST = 150_000
# Passages that the tail may hold with those that have left, at least, and as a share of
# all: a larger one makes questions slower, a smaller one has the base written more often.
TAIL_LEAST = 2_000
TAIL_SHARE = 0.05
# Vectors that the step of the codes is taken from.
STEP_SAMPLE = 2_000
# Lists are made again for so many times the passages that they were made for.
OUTGROWN = 4


def is_due(changed: int, passages: int) -> bool:
    """Tell if so many passages that came or went since the base make a new one due."""
    return changed > max(TAIL_LEAST, TAIL_SHARE * passages)


def base_of_rows(stored: ArticleStore, dimension: int, *, flat: bool = False) -> Base:
    """Make a base of all rows; with ``flat`` without training, which takes minutes.

    Raises IndexDamaged where their vectors can't be of this dimension.
    """
    _, count = stored.counts()
    try:
        quantizer = Quantizer.of(_sample(stored, STEP_SAMPLE, dimension))
        if flat or count <= FLAT_MOST:
            return _flat(stored, quantizer, count, dimension)
        return _listed(stored, quantizer, count, dimension)
    except ValueError as error:
        raise IndexDamaged(
            "Stored vectors are damaged; see: blog-indexer doctor"
        ) from error


def merged(view: VectorView) -> Base | None:
    """Make a base of an older one and its tail, None where the rows make a better
    one."""
    base, tail = view.base, view.tail
    has_outgrown = len(view) > FLAT_MOST
    if isinstance(base, ListedCodes):
        has_outgrown = not FLAT_MOST < len(view) <= OUTGROWN * base.trained
    if has_outgrown or not tail.quantizer.covers_as_well_as(base.quantizer):
        return None
    kept = ~np.isin(tail.ids, view.gone)
    ids, codes = tail.ids[kept], tail.codes[kept]
    if isinstance(base, ListedCodes):
        lists = base.lists.without(view.gone)
        lists.add(ids, codes)
        slots = int(ids.max(initial=base.last)) + 1
        return ListedCodes(lists, _both(base, tail), trained=base.trained, slots=slots)
    kept = ~np.isin(base.ids, view.gone)
    return FlatCodes(
        np.concatenate([base.ids[kept], ids]),
        np.concatenate([base.codes[kept], codes]),
        _both(base, tail),
    )


def _both(base: Base, tail: FlatCodes) -> Quantizer:
    one, other = base.quantizer, tail.quantizer
    return replace(
        one,
        error=max(one.error, other.error),
        longest=max(one.longest, other.longest),
    )


def _flat(
    stored: ArticleStore, quantizer: Quantizer, count: int, dimension: int
) -> FlatCodes:
    all_ids = np.empty(count, np.int64)
    all_codes: Codes = np.empty((count, dimension), np.uint8)
    end = 0
    for ids, vectors in stored.vector_rows():
        start, end = end, end + len(ids)
        all_ids[start:end] = ids
        all_codes[start:end], quantizer = quantizer.encode(_of(dimension, vectors))
    return FlatCodes(all_ids[:end], all_codes[:end], quantizer)


def _listed(
    stored: ArticleStore, quantizer: Quantizer, count: int, dimension: int
) -> ListedCodes:
    # FAISS isn't imported where there are few passages.
    from search.index.sqlite.vectors.faiss_index import (
        SAMPLE,
        InvertedLists,
        lists_for,
    )

    number = lists_for(count)
    codes, _ = quantizer.encode(_sample(stored, SAMPLE * number, dimension))
    lists = InvertedLists.trained(codes, number)
    last = 0
    for ids, vectors in stored.vector_rows():
        codes, quantizer = quantizer.encode(_of(dimension, vectors))
        lists.add(ids, codes)
        last = int(ids[-1])
    return ListedCodes(lists, quantizer, trained=count, slots=last + 1)


def _sample(stored: ArticleStore, count: int, dimension: int) -> Vectors:
    """Return vectors from all over the rows; ids are spread evenly enough."""
    last = stored.last_passage()
    some: Ids = np.unique(np.linspace(1, max(1, last), count).astype(np.int64))
    parts = [np.empty((0, dimension), np.float32)]
    for start in range(0, len(some), 1000):  # SQLite's limit of values is 32,766
        found = stored.vectors(some[start : start + 1000].tolist())
        if found:
            parts.append(_of(dimension, np.stack(list(found.values()))))
    return np.concatenate(parts)


def _of(dimension: int, vectors: Vectors) -> Vectors:
    if vectors.shape[1:] != (dimension,):
        raise ValueError("vectors of another length")
    return vectors
