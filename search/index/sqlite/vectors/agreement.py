"""Comparison of a base file with the rows that it was made from.

It mends nothing.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.departed import departed_since
from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.manifest import Manifest

# Steps between the code of a row's vector and the one in the file: rows may have been
# moved to float16 since, which rounds.
ROUNDED = 1


def agrees(base: FlatCodes, db: sqlite3.Connection, known: Manifest) -> bool:
    """Tell if a base has the vectors of all rows up to its last, but for rounding, and
    beside them only what is noted as departed."""
    departed, _ = departed_since(db, 0)
    kept = np.flatnonzero(~np.isin(base.ids, departed))
    ids, start = base.ids[kept], 0
    for found, vectors in ArticleStore(db).vector_rows():
        old = found <= known.vectors_upto
        end = start + int(np.count_nonzero(old))
        expected, _ = base.quantizer.encode(vectors[old])
        if not np.array_equal(found[old], ids[start:end]):
            return False
        apart = base.codes[kept[start:end]].astype(np.int16) - expected
        if np.abs(apart).max(initial=0) > ROUNDED:
            return False
        start = end
    return start == len(ids)
