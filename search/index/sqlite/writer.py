"""The writer of the embedded index: rows, vector file and manifest change together.

It reads no questions; a commit is made in search/index/sqlite/commit.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from search.coverage_report import Coverage
from search.errors import IndexDamaged
from search.index.calibration import Calibration
from search.index.embedded_texts import Known, embedded, wanted_of
from search.index.generations import is_much, next_generation, with_background
from search.index.private_files import make_folder
from search.index.sqlite import rollback, schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.changes import Changes
from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.checksums import segments
from search.index.sqlite.commit import catch_up, conclude, counted, last_article
from search.index.sqlite.connection import lock
from search.index.sqlite.directory_snapshot import INDEX
from search.index.sqlite.doctor.check import first_damage
from search.index.sqlite.doctor.verdict import told
from search.index.sqlite.meta_store import (
    change_standing,
    read_coverage,
    read_manifest,
    write_coverage,
    write_manifest,
)
from search.index.sqlite.reader import SqliteSnapshot
from search.index.sqlite.token_store import TokenStore
from search.index.sqlite.undo.rollback_point import RollbackPoint
from search.index.sqlite.vectors.current import CurrentVectors
from search.index.sqlite.vectors.publishing import (
    needs_mending,
    with_base,
    with_new_base,
)
from search.manifest import Manifest
from search.port_values import Added, Names, Vectors
from search.ports import Embedder
from search.standing import Standing
from search.types import Article, Evidence, Passage

DATABASE = INDEX


class SqliteWriter:
    """The Writer of a directory, which one process has at a time: see the port."""

    def __init__(
        self,
        directory: Path,
        embedder: Embedder,
        *,
        splitter: int,
        rebuild: bool = False,
    ) -> None:
        make_folder(directory)
        self._directory = directory
        self._embedder = embedder
        self._calibration = Calibration(embedder)
        self._splitter = splitter
        self._lock = lock(directory)
        self._before: RollbackPoint | None = None
        try:
            rollback.finish_restore(directory)
            rollback.clear_unfinished(directory)
            self._db = schema.open_database(directory / DATABASE)
            is_kept = bool(schema.check(self._db) and read_manifest(self._db))
            # It brings the log in, and nobody else.
            self._db.execute("PRAGMA wal_autocheckpoint = 0")
            self._before = RollbackPoint(directory, is_kept=is_kept)
            schema.migrate(self._db)
            self.stored = ArticleStore(self._db)
            catch_up(self._db)
            self._manifest = read_manifest(self._db)
            self._vectors = CurrentVectors(directory)
            self._rebuild = rebuild
            self._renews_vectors = rebuild  # at the next commit, be it due or not
            self._is_examined = rebuild  # which writes all of it again
            self._is_examined_whole = rebuild
            if self._manifest is not None and not rebuild:
                self._manifest.require(model=embedder.name, splitter=splitter)
                self._mend(self._manifest)
        except BaseException:
            if self._before is not None:
                self._before.close()
            self._lock.close()
            raise

    @cached_property
    def _tokens(self) -> TokenStore:
        # Not before it is needed: the dimension is the model's, whose loading takes
        # seconds, and most runs find nothing new.
        return TokenStore(self._db, self._embedder.dimension)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._before is not None:
            # Before the last connection that may write, which takes the WAL away.
            self._before.close()
        self._db.close()
        self._lock.close()

    @property
    def manifest(self) -> Manifest | None:
        return self._manifest

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        wanted = wanted_of(articles)
        known = self._stored(wanted.texts)
        fresh = embedded(self._embedder, wanted.texts, known)
        known |= fresh
        # All is embedded before the first row changes: a model may fail.
        self._change()
        for (article, passages), row in zip(articles, wanted.keys, strict=True):
            matrix = self._matrix([known[key][0] for key in row])
            self._change(article.url)
            _, added = self.stored.put(article, passages, keys=row, vectors=matrix)
            bits = [known[key][1] for key in row]
            self._tokens.put(dict(zip(added, bits, strict=True)))
        if segments.has_many(self._db):
            segments.settle(self._db)
        return Added(embedded=len(fresh), reused=wanted.passages - len(fresh))

    def label(self, url: str, names: Names) -> None:
        self._change(url)
        self.stored.label(url, names)

    def forget(self, url: str) -> None:
        self._change(url)
        self.stored.forget(url)
        self._renews_vectors = True  # not even codes of it stay in a file

    def write_coverage(self, report: Sequence[Coverage]) -> None:
        with suppress(IndexDamaged):
            if read_coverage(self._db) == tuple(report):
                return
        write_coverage(self._db, report)

    def coverage(self) -> tuple[Coverage, ...]:
        return read_coverage(self._db)

    def change_standing(self, change: Callable[[Standing], Standing]) -> Standing:
        return change_standing(self._db, change)

    def last_article(self) -> int:
        return last_article(self._db)

    def evidence_of(self, url: str) -> Evidence | None:
        return self.stored.evidence_of(url)

    def article(self, url: str) -> Article | None:
        return self.stored.article(url)

    def urls(self) -> list[str]:
        return self.stored.urls()

    def commit(self) -> None:
        if not self._db.in_transaction:
            return
        known = self._next_manifest()
        if self._renews_vectors:
            known = with_new_base(self._db, known, self._vectors)
        else:
            known = with_base(self._db, known, self._vectors)
        if known.everyday is None or is_much(known.uncalibrated, known):
            known = self._calibrated(known)
        among = None if self._rebuild else self.stored.changes.numbers
        self._publish(conclude(self._db, known, among))
        self.stored.changes = Changes()
        self._renews_vectors = False

    def _next_manifest(self) -> Manifest:
        """Return the next generation's manifest, but for its vectors."""
        known = next_generation(self._manifest, self._embedder, splitter=self._splitter)
        if self._is_examined_whole:
            known = replace(known, unexamined=0)
            self._is_examined_whole = False
        return counted(known, self.stored.changes)

    def _calibrated(self, known: Manifest) -> Manifest:
        index = SqliteSnapshot(self._db, known, self._vectors.of(known, self._db))
        known = with_background(self._calibration.measured(index), index)
        return replace(known, uncalibrated=0)

    def _stored(self, keys: Iterable[str]) -> Known:
        """Return vector and tokens of the texts that were embedded before."""
        if self._is_other_model():
            return {}
        vectors = self.stored.vectors_by_key(keys)
        tokens = self._tokens.by_key(vectors)
        return {key: (vectors[key], found) for key, found in tokens.items()}

    def _publish(self, new: Manifest) -> None:
        """End the transaction that this manifest is in; its vector file is there."""
        try:
            if self._before is not None:
                self._before.save()
            self._db.execute("COMMIT")
        except sqlite3.Error:
            # It may have seen rows that are none.
            self._vectors = CurrentVectors(self._directory)
            if self._manifest is None or new.vectors != self._manifest.vectors:
                with suppress(OSError):  # a full disk needs the room
                    (self._directory / new.vectors).unlink()
            raise
        if self._before is not None:
            self._before.publish()
        self._continue_from(new)

    def _continue_from(self, new: Manifest) -> None:
        """Take up a generation and remove the files of those before the last."""
        # The vector file of the last one stays, as a reader may be loading it just now.
        # Files are told apart by their names, as a clock may have been wrong.
        kept = {new.vectors}
        if self._manifest:
            kept.add(self._manifest.vectors)
        self._manifest = new
        for pattern in ("vectors-*.faiss", "*.partial"):
            for path in self._directory.glob(pattern):
                if path.name not in kept:
                    with suppress(OSError):  # what can't be removed does no harm
                        path.unlink()

    def _mend(self, known: Manifest) -> None:
        """Replace a vector file that isn't what was written, so that no reader has to
        derive its vectors."""
        # The rows stay as they are, and so does the state to roll back to.
        if not needs_mending(self._directory, known):
            return
        self._begin()
        new = replace(known, generation=known.generation + 1)
        new = with_new_base(self._db, new, self._vectors)
        was_intact = checksums.failed_checksums(self._db, ("manifest",)) == []
        write_manifest(self._db, new)
        if was_intact:
            checksums.store_manifest_checksum(self._db)
        self._db.execute("COMMIT")
        self._continue_from(new)

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def _change(self, url: str = "") -> None:
        """Begin to change rows, those of an article if they are what was stored."""
        self._require_sound()
        self._begin()
        if url and not self._rebuild:
            checksums.require_unchanged(self._db, url)

    def _require_sound(self) -> None:
        """Raise IndexDamaged before the first change of a run to rows that are not as
        they were stored.

        All are compared when much has changed since the last time; else what every
        commit writes to, and each article before it changes.
        """
        if self._is_examined:
            return
        known = self._manifest
        is_due = known is not None and is_much(known.unexamined, known)
        if is_due or checksums.failed_heads(self._db):
            # The report is written again at the end of the run.
            damage = first_damage(self._db, besides={"coverage"})
            if damage:
                raise IndexDamaged(told(self._directory / DATABASE, damage))
            self._is_examined_whole = True
        self._is_examined = True

    def _is_other_model(self) -> bool:
        """Tell if stored vectors are of another model; raises IndexMismatch unless
        rebuilding."""
        if self._manifest is None:
            return False
        if self._rebuild:
            return self._manifest.fingerprint != self._embedder.fingerprint
        self._manifest.require(
            model=self._embedder.name, fingerprint=self._embedder.fingerprint
        )
        return False

    def _matrix(self, rows: Sequence[Vectors]) -> Vectors:
        empty = np.empty((0, self._embedder.dimension), np.float32)
        return np.stack(rows) if rows else empty
