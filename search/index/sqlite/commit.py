"""The end of every change of an index: the next generation's manifest and checksums.

Beginning and ending the transaction is the caller's.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from search.index.sqlite import checksums, schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.duplicate_store import find_duplicates, is_behind
from search.index.sqlite.meta_store import read_manifest, write_manifest
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.vectors.current import CurrentVectors
from search.index.sqlite.vectors.publishing import with_new_base
from search.manifest import Manifest
from search.ranking.confidence import background

# Passages; twice as many move the mean by less than 0.01.
BACKGROUND_SAMPLE = 500


def conclude(db: sqlite3.Connection, known: Manifest) -> Manifest:
    """Write everything derived from the rows into the open transaction.

    ``known`` gives model, dimension, splitter, generation, vector file and calibration.
    """
    find_duplicates(db)
    articles, passages = ArticleStore(db).counts()
    sample = SqliteSnapshot(db, known).sample(BACKGROUND_SAMPLE)
    usual = background(sample.articles, sample.vectors)
    new = replace(
        known,
        articles=articles,
        passages=passages,
        background_mean=usual.mean,
        background_spread=usual.spread,
        updated=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_manifest(db, new)
    checksums.store_checksums(db)
    return new


def catch_up(db: sqlite3.Connection) -> None:
    """Do what an older program left undone: words, comparisons, checksums; the
    connection is in no transaction."""
    ArticleStore(db).fulltext.rederive()
    if is_behind(db) or not checksums.are_stored(db):
        db.execute("BEGIN IMMEDIATE")
        find_duplicates(db)
        checksums.store_checksums(db)
        db.execute("COMMIT")


def renew(index: Path, directory: Path, *, newer_than: int) -> Manifest | None:
    """Prepare another state of an index to take its place: the newest format, a
    generation that readers haven't seen, its vector file in the directory.

    Returns its manifest, None where it is empty.
    """
    with closing(schema.open_database(index)) as db:
        schema.migrate(db)
        ArticleStore(db).fulltext.rederive()
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
