"""The end of every change of an index: the next generation's vector file, manifest and
checksums.

Beginning and ending the transaction is the caller's.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from search.errors import IndexDamaged
from search.index.sqlite import checksums, schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.duplicate_store import find_duplicates, is_behind
from search.index.sqlite.faiss_vectors import FaissIndex
from search.index.sqlite.meta_store import read_manifest, write_manifest
from search.index.sqlite.reader import SqliteSnapshot
from search.manifest import Manifest
from search.ranking.confidence import background

# Passages; twice as many move the mean by less than 0.01.
BACKGROUND_SAMPLE = 500


def conclude(
    db: sqlite3.Connection, directory: Path, known: Manifest, vectors: FaissIndex
) -> Manifest:
    """Write the vector file into the directory, and everything derived from the rows
    into the open transaction.

    ``known`` gives model, dimension, splitter, generation and calibration.
    """
    find_duplicates(db)
    name, checksum = vectors.save(directory, f"vectors-{known.generation}")
    articles, passages = ArticleStore(db).counts()
    sample = SqliteSnapshot(db, known, vectors).sample(BACKGROUND_SAMPLE)
    usual = background(sample.articles, sample.vectors)
    new = replace(
        known,
        vectors=name,
        vectors_sha256=checksum,
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


def vectors_of_rows(stored: ArticleStore, dimension: int) -> FaissIndex:
    """Derive the vectors from the rows; raises IndexDamaged where they can't be of this
    dimension."""
    vectors = FaissIndex(dimension)
    try:
        vectors.add(*stored.all_vectors(dimension))
    except ValueError as error:
        raise IndexDamaged(
            "Stored vectors are damaged; see: blog-indexer doctor"
        ) from error
    return vectors


def load_vectors(directory: Path, known: Manifest) -> FaissIndex:
    """Load the vector file of this generation; raises IndexDamaged and OSError."""
    if not is_beside(known):
        raise IndexDamaged("The manifest names a vector file of another folder.")
    vectors = FaissIndex.load(directory / known.vectors, known.vectors_sha256)
    if (len(vectors), vectors.dimension) != (known.passages, known.dimension):
        raise IndexDamaged("The vector file is that of another index.")
    return vectors


def is_beside(known: Manifest) -> bool:
    """Tell if the vector file that a manifest names lies beside it, as ours do."""
    return Path(known.vectors).name == known.vectors != ""


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
            vectors = vectors_of_rows(ArticleStore(db), known.dimension)
            new = conclude(
                db, directory, replace(known, generation=generation), vectors
            )
            write_manifest(db, replace(new, updated=known.updated))
        checksums.store_checksums(db)
        db.execute("COMMIT")
    return known
