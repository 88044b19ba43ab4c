"""The base file of the next generation: the one that is there, or a new one.

The transaction that names it in the manifest is the caller's.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.vectors.agreement import agrees
from search.index.sqlite.vectors.base_file import is_whole, write_base
from search.index.sqlite.vectors.building import base_of_rows, is_due, merged
from search.index.sqlite.vectors.current import CurrentVectors, is_beside
from search.index.sqlite.vectors.departed import forget_departed, last_departure
from search.manifest import Manifest

# Bytes of a base file that every run reads whole, to mend it where it is damaged:
# 40 ms. Of larger ones it asks for their size; who reads them notices the rest.
EXAMINED_MOST = 64 << 20


def with_base(
    db: sqlite3.Connection, known: Manifest, current: CurrentVectors
) -> Manifest:
    """Return the manifest with a base file that its tail is small to; a new one is
    written only where the tail has grown too large.

    ``known`` names the base of the generation before.
    """
    changed = ArticleStore(db).last_passage() - known.vectors_upto
    changed += last_departure(db)
    if known.vectors and not is_due(changed, known.passages):
        return known
    return with_new_base(db, known, current)


def with_new_base(
    db: sqlite3.Connection,
    known: Manifest,
    current: CurrentVectors,
    *,
    is_own: bool = True,
) -> Manifest:
    """Write a base file that has all passages and nothing that has left.

    Unless ``is_own`` the rows may be others than those that the base there was made
    for, which is then compared with all of them.
    """
    stored = ArticleStore(db)
    base = None
    if known.vectors:
        view = current.of(known, db)
        fits = len(view) == stored.counts()[1]
        if fits and (is_own or agrees(view.base, db, known)):
            base = merged(view)
    if base is None:
        base = base_of_rows(stored, known.dimension)
    stem = f"vectors-{known.generation}"
    written = write_base(base, current.directory, stem)
    forget_departed(db)
    return replace(
        known,
        vectors=written.name,
        vectors_sha256=written.sha256,
        vectors_upto=stored.last_passage(),
    )


def needs_mending(directory: Path, known: Manifest) -> bool:
    """Tell if the base file isn't what was written, as far as can be seen quickly."""
    if not is_beside(known):
        return True
    path = directory / known.vectors
    return not is_whole(path, known.vectors_sha256, most=EXAMINED_MOST)
