"""A damaged index → a new one with all of it that is sound, and what has to be had
again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from search.errors import IndexDamaged
from search.index.calibration import Levels
from search.index.manifest import Manifest
from search.index.sqlite import checksums, schema
from search.index.sqlite import coverage_store as coverage
from search.index.sqlite.articles import Passages
from search.index.sqlite.check import PASSAGES
from search.index.sqlite.commit import conclude, vectors_of_rows
from search.index.sqlite.manifest_store import read_manifest
from search.index.sqlite.opening import connect
from search.index.sqlite.salvage import Table, salvage
from search.ports import Embedder
from search.text.embedding_text import embedding_text

SAME_TEXT = 0.999  # cosine of two vectors of one text by one model, whatever the batch
SAMPLE = 8  # passages by which the model of an index without a manifest is recognised

TABLES = (
    Table("articles", "nsssssSSssssiSs", added=12),
    PASSAGES,
    Table("tokens", "nbb"),
    Table("digests", "nss"),
    Table(
        "meta",
        "ss",
        tells=lambda values: (
            values[0] in ("manifest", "coverage", "fulltext", checksums.KEY)
        ),
    ),
)


@dataclass(slots=True)
class MadeOver:
    """What became of a damaged index: addresses of articles that are kept though they
    are not just what was stored, and of those whose passages have to be made again from
    their text."""

    kept: int = 0
    doubtful: list[str] = field(default_factory=list)
    without_passages: list[str] = field(default_factory=list)


def make_over(
    damaged: Path,
    new: Path,
    *,
    model: Embedder,
    splitter: int,
    is_known: Callable[[str], bool],
) -> MadeOver:
    """Write a new database, of the newest format and checked, from what can be read of
    a damaged one; its vector file goes beside the damaged one.

    An article whose row has changed is kept only where ``is_known`` holds of its
    address.
    """
    new.unlink(missing_ok=True)
    with closing(connect(new)) as db:
        schema.migrate(db)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN")
        version = salvage(damaged, db, TABLES)
        if version is not None and version < len(schema.MIGRATIONS):
            db.execute("DELETE FROM digests")  # of other tables than these
        db.execute("COMMIT")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("BEGIN IMMEDIATE")
        made = MadeOver()
        _drop_nonsense(db)
        _sift(db, made, is_known, trust_deleted=version is not None)
        known, is_new = _manifest(db, model, splitter, damaged.parent)
        _drop_foreign_passages(db, known)
        _keep_coverage(db)
        db.execute("COMMIT")
        Passages(db).fulltext.renew()
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM digests")
        vectors = vectors_of_rows(Passages(db), known.dimension)
        if is_new:
            known = Levels(model).measured(known, Passages(db), vectors)
        conclude(db, damaged.parent, known, vectors)
        db.execute("COMMIT")
        empty = db.execute(
            "SELECT url FROM articles WHERE id NOT IN (SELECT article FROM passages)"
        )
        made.without_passages = [row[0] for row in empty]
        made.kept = Passages(db).counts()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return made


def _drop_nonsense(db: sqlite3.Connection) -> None:
    """Rows that belong to nothing, and articles or passages that don't hold what such
    have to."""
    stored = Passages(db)
    for (url,) in db.execute("SELECT url FROM articles").fetchall():
        try:
            stored.article(url)
            stored.of_article(url)
        except (ValueError, TypeError, KeyError):
            _drop_unreadable(db, stored, url)
    db.execute("DELETE FROM passages WHERE article NOT IN (SELECT id FROM articles)")
    db.execute("DELETE FROM tokens WHERE passage NOT IN (SELECT id FROM passages)")
    db.execute("DELETE FROM digests WHERE article NOT IN (SELECT id FROM articles)")


def _drop_unreadable(db: sqlite3.Connection, stored: Passages, url: str) -> None:
    db.execute(
        "DELETE FROM passages WHERE article = (SELECT id FROM articles WHERE url = ?)",
        (url,),
    )
    try:
        stored.article(url)
    except (ValueError, TypeError, KeyError):
        db.execute("DELETE FROM articles WHERE url = ?", (url,))


def _sift(
    db: sqlite3.Connection,
    made: MadeOver,
    is_known: Callable[[str], bool],
    *,
    trust_deleted: bool,
) -> None:
    """Keep what is as it was stored; an index without any digests is of an older
    program, or lost them."""
    urls = dict(db.execute("SELECT id, url FROM articles").fetchall())
    if db.execute("SELECT EXISTS (SELECT 1 FROM digests)").fetchone()[0]:
        for number, (said, passages) in checksums.changed_articles(db).items():
            if not passages:
                db.execute("DELETE FROM passages WHERE article = ?", (number,))
            if not said and is_known(urls[number]):
                made.doubtful.append(urls[number])
            elif not said:
                db.execute("DELETE FROM articles WHERE id = ?", (number,))
    for number, url in urls.items() if not trust_deleted else ():
        if not is_known(url):
            db.execute("DELETE FROM articles WHERE id = ?", (number,))


def _manifest(
    db: sqlite3.Connection, model: Embedder, splitter: int, directory: Path
) -> tuple[Manifest, bool]:
    """What the next generation's begins with: the old one, if it is as it was sealed,
    or else a new one of the model that was asked for; and which of the two."""
    try:
        known = read_manifest(db)
    except IndexDamaged:
        known = None
    names = [path.name.split("-")[1] for path in directory.glob("vectors-*-*.faiss")]
    generation = 1 + max((int(name) for name in names if name.isdigit()), default=0)
    has_seal = db.execute(
        "SELECT 1 FROM meta WHERE key = ?", (checksums.KEY,)
    ).fetchone()
    is_broken = has_seal is not None and checksums.failed_checksums(
        db, among=("manifest",)
    )
    db.execute(
        "DELETE FROM meta WHERE key IN ('manifest', 'fulltext', ?)", (checksums.KEY,)
    )
    if known is not None and not is_broken:
        return replace(known, generation=max(known.generation + 1, generation)), False
    if not _is_of_model(db, model):
        db.execute("DELETE FROM passages")  # they are embedded anew
    return Manifest(
        model.name, model.fingerprint, model.dimension, splitter, generation=generation
    ), True


def _drop_foreign_passages(db: sqlite3.Connection, known: Manifest) -> None:
    """Passages without a vector of the model's dimension."""
    db.execute(
        "DELETE FROM passages WHERE article IN (SELECT article FROM passages WHERE length(vector) != ?)",
        (4 * known.dimension,),
    )


def _keep_coverage(db: sqlite3.Connection) -> None:
    try:
        coverage.read(db)
    except IndexDamaged:
        db.execute("DELETE FROM meta WHERE key = 'coverage'")


def _is_of_model(db: sqlite3.Connection, model: Embedder) -> bool:
    """Whether the stored vectors are this model's, by some of them."""
    rows = db.execute(
        "SELECT a.title, p.* FROM passages p JOIN articles a ON a.id = p.article ORDER BY p.id LIMIT ?",
        (SAMPLE,),
    ).fetchall()
    for row in rows:
        stored = np.frombuffer(row["vector"], "<f4")
        text = embedding_text(
            Passages(db).passages([row["id"]])[row["id"]].passage, row["title"]
        )
        if (
            len(stored) != model.dimension
            or model.embed_passages([text])[0] @ stored < SAME_TEXT
        ):
            return False
    return True
