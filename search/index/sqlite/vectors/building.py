"""Bases made from the rows, or from an older base and its tail.

It decides what a base is made of and when; writing it is base_file's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search.errors import IndexDamaged
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.flat_codes import FlatCodes, room
from search.index.sqlite.vectors.quantizer import Quantizer
from search.index.sqlite.vectors.view import VectorView
from search.port_values import Vectors

# Passages that the tail may hold with those that have left, at least, and as a share of
# all: a larger one makes questions slower, a smaller one has the base written more often.
TAIL_LEAST = 2_000
TAIL_SHARE = 0.03


def is_due(changed: int, passages: int) -> bool:
    """Tell if so many passages that came or went since the base make a new one due."""
    return changed > max(TAIL_LEAST, TAIL_SHARE * passages)


def base_of_rows(stored: ArticleStore, dimension: int) -> FlatCodes:
    """Make a base of all rows; raises IndexDamaged where their vectors can't be of this
    dimension."""
    _, count = stored.counts()
    codes, scan = room(count, dimension)
    all_ids = np.empty(count, np.int64)
    end = 0
    try:
        quantizer = Quantizer.up_to(_widest(stored))
        for ids, vectors in stored.vector_rows():
            start, end = end, end + len(ids)
            all_ids[start:end] = ids
            codes[start:end], quantizer = quantizer.encode(_of(dimension, vectors))
    except ValueError as error:
        raise IndexDamaged(
            "Stored vectors are damaged; see: blog-indexer doctor"
        ) from error
    return FlatCodes(all_ids, codes, quantizer, scan=scan)


def merged(view: VectorView) -> FlatCodes | None:
    """Make a base of an older one and its tail, None where the rows make a better
    one."""
    base, tail = view.base, view.tail
    one, other = base.quantizer, tail.quantizer
    if one.cuts_off(base.dimension) or other.cuts_off(base.dimension):
        return None
    parts = [(part, ~np.isin(part.ids, view.gone)) for part in (base, tail)]
    ids = np.concatenate([part.ids[kept] for part, kept in parts])
    codes, scan = room(len(ids), base.dimension)
    end = 0
    for part, kept in parts:
        start, end = end, end + int(np.count_nonzero(kept))
        np.compress(kept, part.codes, axis=0, out=codes[start:end])
    both = replace(
        one,
        error=max(one.error, other.error),
        longest=max(one.longest, other.longest),
    )
    return FlatCodes(ids, codes, both, scan=scan)


def _widest(stored: ArticleStore) -> float:
    """Return the greatest coordinate of all vectors: a step for less would cut it off,
    and leave its passage in doubt."""
    widest = 0.0
    for _, vectors in stored.vector_rows():
        finite = np.nan_to_num(np.abs(vectors), posinf=0.0)
        widest = max(widest, float(finite.max(initial=0.0)))
    return widest


def _of(dimension: int, vectors: Vectors) -> Vectors:
    if vectors.shape[1:] != (dimension,):
        raise ValueError("vectors of another length")
    return vectors
