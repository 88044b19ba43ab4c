"""Comparison of a base file with the rows that it was made from.

It mends nothing.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.base_file import Base
from search.index.sqlite.vectors.departed import departed_since
from search.index.sqlite.vectors.flat_codes import FlatCodes
from search.index.sqlite.vectors.quantizer import Codes
from search.manifest import Manifest
from search.ports import Ids

# Steps between the code of a row's vector and the one in the file: rows may have been
# moved to float16 since, which rounds.
ROUNDED = 1


def agrees(base: Base, db: sqlite3.Connection, known: Manifest) -> bool:
    """Tell if a base has the vectors of all rows up to its last, but for rounding, and
    beside them only what is noted as departed."""
    departed, _ = departed_since(db, 0)
    ids, codes = all_codes(base)
    kept = ~np.isin(ids, departed)
    ids, codes = ids[kept], codes[kept]
    start = 0
    for found, vectors in ArticleStore(db).vector_rows():
        old = found <= known.vectors_upto
        end = start + int(np.count_nonzero(old))
        expected, _ = base.quantizer.encode(vectors[old])
        if not np.array_equal(found[old], ids[start:end]):
            return False
        apart = codes[start:end].astype(np.int16) - expected
        if np.abs(apart).max(initial=0) > ROUNDED:
            return False
        start = end
    return start == len(ids)


def all_codes(base: Base) -> tuple[Ids, Codes]:
    """Return the ids of a base, ascending, and their codes."""
    if isinstance(base, FlatCodes):
        return base.ids, base.codes
    parts = list(base.lists.parts())
    ids = np.concatenate([part[0] for part in parts])
    order = np.argsort(ids, kind="stable")
    return ids[order], np.concatenate([part[1] for part in parts])[order]
