"""The end of every change of an index: the next generation's manifest and checksums.

Beginning and ending the transaction is the caller's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from search.index.generations import now, with_background
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.changes import Changes
from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.duplicate_store import (
    compare_changed,
    find_duplicates,
    is_behind,
)
from search.index.sqlite.meta_store import read_manifest, write_manifest
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.vectors.current import CurrentVectors
from search.index.sqlite.vectors.publishing import with_new_base
from search.manifest import Manifest


def conclude(
    db: sqlite3.Connection, known: Manifest, among: Collection[int] | None = None
) -> Manifest:
    """Write everything derived from the rows into the open transaction.

    ``known`` gives model, dimension, splitter, generation, vector file, calibration and
    counts; ``among`` are the articles that may have changed, None for any: then all
    rows are counted and compared.
    """
    new = replace(known, updated=now())
    affected = None
    if among is None:
        find_duplicates(db)
        articles, passages = ArticleStore(db).counts()
        new = replace(new, articles=articles, passages=passages)
        new = with_background(new, SqliteSnapshot(db, new))
    else:
        affected = compare_changed(db, among)
    write_manifest(db, new)
    checksums.store_checksums(db, affected)
    return new


def counted(known: Manifest, changes: Changes) -> Manifest:
    """Return a manifest with the counts after these changes."""
    return replace(
        known,
        articles=known.articles + changes.articles,
        passages=known.passages + changes.passages,
        uncalibrated=known.uncalibrated + changes.exchanged,
        unexamined=known.unexamined + changes.exchanged,
    )


def catch_up(db: sqlite3.Connection) -> None:
    """Do what an older program left undone: words, comparisons, checksums; the
    connection is in no transaction."""
    is_derived = ArticleStore(db).fulltext.rederive()
    is_old = checksums.is_of_older_program(db)
    if not (is_derived or is_old or is_behind(db) or not checksums.are_stored(db)):
        return
    db.execute("BEGIN IMMEDIATE")
    if is_old:
        checksums.convert(db)
    find_duplicates(db)
    if not is_old:
        checksums.store_checksums_of_derived(db)
    db.execute("COMMIT")


def renew(index: Path, directory: Path, *, newer_than: int) -> Manifest | None:
    """Prepare another state of an index to take its place: the newest format, a
    generation that readers haven't seen, its vector file in the directory.

    Returns its manifest, None where it is empty.
    """
    with closing(schema.open_database(index)) as db:
        schema.migrate(db)
        catch_up(db)
        known = read_manifest(db)
        db.execute("BEGIN IMMEDIATE")
        if known is not None:
            generation = max(known.generation, newer_than) + 1
            new = replace(known, generation=generation)
            vectors = CurrentVectors(directory)
            new = conclude(db, with_new_base(db, new, vectors, is_own=False))
            write_manifest(db, replace(new, updated=known.updated))
        checksums.store_checksums(db)
        db.execute("COMMIT")
    return known


def last_article(db: sqlite3.Connection) -> int:
    """Return the greatest id of an article, 0 without one."""
    # Only one process writes: no smaller one can appear.
    row = db.execute("SELECT max(id) FROM articles").fetchone()
    return row[0] or 0
