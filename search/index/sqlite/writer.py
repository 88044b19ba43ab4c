"""The index directory as one thing: SQLite, vector file and manifest in step.

index.sqlite        articles, passages, vectors, full text, manifest: what is true
vectors-N-….faiss   derived from it; its name and sha256 are in the manifest of generation N
lock                held by the one process that writes
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from search.errors import IndexBusy, IndexDamaged, IndexMissing
from search.index.calibration import Levels
from search.index.manifest import Manifest
from search.index.sqlite import checksums, rollback, schema
from search.index.sqlite import coverage_store as coverage
from search.index.sqlite.articles import Passages
from search.index.sqlite.commit import (
    conclude,
    is_beside,
    load_vectors,
    vectors_of_rows,
)
from search.index.sqlite.connection import Reading, explain
from search.index.sqlite.duplicate_store import find_copies, is_behind
from search.index.sqlite.faiss_vectors import FaissIndex, is_whole
from search.index.sqlite.forking import GATE
from search.index.sqlite.manifest_store import read_manifest, write_manifest
from search.index.sqlite.opening import connect, connect_to_read, lock
from search.index.sqlite.time_limit import watch
from search.index.sqlite.token_store import TokenBits, token_bits
from search.ports import Embedder, Vectors
from search.text.embedding_text import embedding_text
from search.types import Article, Coverage, Passage

DATABASE = "index.sqlite"


def embedding_key(text: str) -> str:
    """What tells one embedded text from another: sha256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Added:
    """What an ``add`` did: passages embedded anew, and passages whose vector was there
    already."""

    embedded: int
    reused: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent generation: rows and vectors that belong together."""

    manifest: Manifest
    stored: Passages
    vectors: FaissIndex


class IndexReader:
    """Reads an index while another process may write it. Safe to use from several
    threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._readings: dict[tuple[int, int], Reading] = {}  # by process and thread
        self._lock = threading.Lock()
        self._loaded: tuple[str, FaissIndex] = ("", FaissIndex(1))
        if not (directory / DATABASE).is_file():
            raise IndexMissing(
                f"There is no index in {directory}. Make one with: blog-indexer add SOURCE"
            )

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The newest generation; what is read inside the block stays of that
        generation.

        Raises IndexMissing, IndexMismatch, IndexDamaged, StorageFailed, and IndexBusy
        where another run came between; so does what is read inside.
        """
        try:
            with GATE.reading():
                yield from self._snapshots()
        except sqlite3.Error as error:
            self.close()
            if (
                getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
            ):  # by search/index/sqlite/time_limit.py
                raise
            raise explain(error, self._directory / DATABASE) from error

    def _snapshots(self) -> Iterator[Snapshot]:
        reading = self._reading()
        db = reading.connection
        for last in (
            False,
            False,
            True,
        ):  # a commit may take the file away between the row and the load
            db.execute("BEGIN")
            try:
                found = read_manifest(db)
                if found is None:
                    raise IndexMissing(schema.EMPTY)
                vectors = self._vectors(found, Passages(db), derive=last)
                if vectors is not None:
                    yield Snapshot(found, Passages(db), vectors)
                    break
            finally:
                if db.in_transaction:  # some failures end it
                    db.execute("ROLLBACK")
        if reading.is_unlocked and reading.is_outdated():
            raise IndexBusy("The index has been written to just now; ask again.")

    def close(self) -> None:
        """Close this thread's connection."""
        if reading := self._readings.pop((os.getpid(), threading.get_ident()), None):
            reading.connection.close()

    def _reading(self) -> Reading:
        """This thread's own; in a forked process another than before, and the old one
        is never touched."""
        here = os.getpid(), threading.get_ident()
        if here in self._readings and self._readings[here].is_outdated():
            self.close()
        if here not in self._readings:
            reading = connect_to_read(self._directory / DATABASE)
            schema.require_current(reading.connection)
            watch(reading.connection)
            self._readings[here] = reading
        return self._readings[here]

    def _vectors(
        self, found: Manifest, stored: Passages, *, derive: bool
    ) -> FaissIndex | None:
        """The vectors of this generation, from the rows where the file is gone or
        damaged.

        A missing file is no reason to derive yet, unless ``derive``: a newer commit may
        have put another in its place, which a fresh look at the manifest will show.
        """
        with self._lock:
            if self._loaded[0] != found.vectors_sha256:
                try:
                    loaded = load_vectors(self._directory, found)
                except FileNotFoundError:
                    if not derive:
                        return None
                    loaded = vectors_of_rows(stored, found.dimension)
                except (OSError, IndexDamaged):
                    loaded = vectors_of_rows(stored, found.dimension)
                self._loaded = (found.vectors_sha256, loaded)
            return self._loaded[1]


class IndexWriter:
    """The one writer: ``add`` and ``forget`` take effect, all together, at
    ``commit``."""

    def __init__(
        self,
        directory: Path,
        embedder: Embedder,
        *,
        splitter: int,
        rebuild: bool = False,
    ) -> None:
        """Open or make the index; raises IndexBusy, IndexMismatch or IndexDamaged.

        With ``rebuild`` it may be of another model or splitter, and the first commit
        makes it one of these: everything has to be added anew before.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._embedder = embedder
        self._levels = Levels(embedder)
        self._splitter = splitter
        self._lock = lock(directory)
        self._before: rollback.RollbackPoint | None = None
        try:
            rollback.finish_restore(directory)
            self._db = connect(directory / DATABASE)
            if schema.check(self._db) and read_manifest(self._db):
                self._before = rollback.RollbackPoint(directory)
            schema.migrate(self._db)
            self.stored = Passages(self._db)
            self._catch_up()
            self._manifest = read_manifest(self._db)
            self._vectors: FaissIndex | None = None
            self._is_apart = False
            self._rebuild = rebuild
            if self._manifest is not None and not rebuild:
                self._manifest.require(model=embedder.name, splitter=splitter)
                self._mend(self._manifest)
        except BaseException:
            if self._before is not None:
                self._before.close()
            self._lock.close()
            raise

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop what was not committed and let the next writer in."""
        if self._before is not None:
            self._before.close()  # before the last connection that may write, which takes the WAL away
        self._db.close()
        self._lock.close()

    @property
    def manifest(self) -> Manifest | None:
        """What the index is as of the last commit, None while it is empty."""
        return self._manifest

    def add(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> Added:
        """Store articles with their passages, each in place of what its address held.

        A passage whose embedded text is in the index already is not embedded again.
        """
        texts = [
            [embedding_text(p, article.title) for p in passages]
            for article, passages in articles
        ]
        keys = [[embedding_key(text) for text in row] for row in texts]
        wanted = {
            key: (text, passage.text)
            for row, written, (_, passages) in zip(keys, texts, articles, strict=True)
            for key, text, passage in zip(row, written, passages, strict=True)
        }
        known, fresh = self._embedded(wanted)
        with self._in_step() as vectors:
            for (article, passages), row in zip(articles, keys, strict=True):
                matrix = _matrix(
                    [known[key][0] for key in row], self._embedder.dimension
                )
                removed, added = self.stored.put(article, passages, row, matrix)
                self.stored.tokens.put(
                    {n: known[key][1] for n, key in zip(added, row, strict=True)}
                )
                vectors.remove(np.array(removed, np.int64))
                vectors.add(np.array(added, np.int64), matrix)
        return Added(embedded=fresh, reused=sum(map(len, keys)) - fresh)

    def _embedded(
        self, wanted: Mapping[str, tuple[str, str]]
    ) -> tuple[dict[str, tuple[Vectors, TokenBits]], int]:
        """Vector and tokens of each text by its embedding key, and how many had to be
        made now.

        ``wanted`` has the text to embed and the passage's own.
        """
        model = self._embedder
        known: dict[str, tuple[Vectors, TokenBits]] = {}
        if not self._is_other_model():
            vectors = self.stored.vectors_by_key(wanted)
            tokens = self.stored.tokens.by_key(vectors, model.dimension)
            known = {key: (vectors[key], found) for key, found in tokens.items()}
        fresh = [key for key in wanted if key not in known]
        for key, encoding in zip(
            fresh, model.encode_passages([wanted[key][0] for key in fresh]), strict=True
        ):
            known[key] = encoding.vector, token_bits(encoding, *wanted[key])
        return known, len(fresh)

    def forget(self, url: str) -> None:
        """Remove an article; nothing happens where there is none."""
        with self._in_step() as vectors:
            vectors.remove(np.array(self.stored.forget(url), np.int64))

    def keep_books(self, books: Sequence[Coverage]) -> None:
        """Write down what the sources lead to and what of it is held; after a commit,
        at once, and only where it has changed, so that a run that finds nothing new
        leaves every file as it is."""
        if self.stored.coverage() != tuple(books):
            coverage.write(self._db, books)

    def commit(self) -> None:
        """Make all changes since the last commit durable and visible, or none of
        them."""
        if not self._db.in_transaction:
            return
        model = self._embedder
        known = Manifest(
            model=model.name,
            fingerprint=model.fingerprint,
            dimension=model.dimension,
            splitter=self._splitter,
            generation=self._manifest.generation + 1 if self._manifest else 1,
        )
        known = self._levels.measured(known, self.stored, self._current_vectors())
        self._publish(
            conclude(self._db, self._directory, known, self._current_vectors())
        )

    def _publish(self, new: Manifest) -> None:
        """End the transaction that this manifest is in; its vector file is there."""
        try:
            if self._before is not None:
                self._before.save()
            self._db.execute("COMMIT")
        except sqlite3.Error:
            with suppress(OSError):
                (self._directory / new.vectors).unlink()  # a full disk needs the room
            raise
        if self._before is not None:
            self._before.publish()
        self._succeed(new)

    def _succeed(self, new: Manifest) -> None:
        """Go on from this generation. The vector file of the one before stays, as a
        reader may be loading it just now; older ones go, by their names and not by
        their times, which a clock may have got wrong."""
        kept = {new.vectors} | ({self._manifest.vectors} if self._manifest else set())
        self._manifest = new
        for path in [
            *self._directory.glob("vectors-*.faiss"),
            *self._directory.glob("*.partial"),
        ]:
            if path.name not in kept:
                with suppress(OSError):  # what can't be removed does no harm
                    path.unlink()

    def _mend(self, known: Manifest) -> None:
        """Put a good vector file in the place of one that isn't what was written, so
        that no reader has to derive its vectors. The rows stay as they are, and so does
        the state to roll back to."""
        if is_beside(known) and is_whole(
            self._directory / known.vectors, known.vectors_sha256
        ):
            return
        self._vectors = vectors_of_rows(self.stored, known.dimension)
        generation = known.generation + 1
        name, checksum = self._vectors.save(self._directory, f"vectors-{generation}")
        new = replace(
            known, generation=generation, vectors=name, vectors_sha256=checksum
        )
        self._begin()
        was_sealed = checksums.failed_checksums(self._db, ("manifest",)) == []
        write_manifest(self._db, new)
        if was_sealed:
            checksums.store_manifest_checksum(self._db)
        self._db.execute("COMMIT")
        self._succeed(new)

    def _catch_up(self) -> None:
        """Do what an older program left undone: words, comparisons, checksums; no
        vector changes by it."""
        self.stored.fulltext.renew()
        if is_behind(self._db) or not checksums.are_stored(self._db):
            self._begin()
            find_copies(self._db)
            checksums.store_checksums(self._db)
            self._db.execute("COMMIT")

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    @contextmanager
    def _in_step(self) -> Iterator[FaissIndex]:
        """Change rows and vectors together. Ctrl-C between the two, or twice, leaves
        them apart: then the vectors are made anew of the rows before anything else is
        done with them."""
        self._begin()
        vectors = self._current_vectors()
        self._is_apart = True
        yield vectors
        self._is_apart = False

    def _is_other_model(self) -> bool:
        """Whether stored vectors are of another model; raises IndexMismatch unless
        rebuilding."""
        if self._manifest is None:
            return False
        if self._rebuild:
            return self._manifest.fingerprint != self._embedder.fingerprint
        self._manifest.require(
            model=self._embedder.name, fingerprint=self._embedder.fingerprint
        )
        return False

    def _current_vectors(self) -> FaissIndex:
        if self._is_apart:
            self._vectors = vectors_of_rows(self.stored, self._embedder.dimension)
            self._is_apart = False
        elif self._vectors is None:
            self._vectors = self._load_vectors()
        return self._vectors

    def _load_vectors(self) -> FaissIndex:
        known = self._manifest
        if known is None or self._rebuild:
            return FaissIndex(self._embedder.dimension)
        try:
            return load_vectors(self._directory, known)
        except (OSError, IndexDamaged):
            return vectors_of_rows(self.stored, known.dimension)


def _matrix(rows: Sequence[Vectors], dimension: int) -> Vectors:
    return np.stack(rows) if rows else np.empty((0, dimension), np.float32)


def copy_index(directory: Path, target: Path) -> None:
    """Copy an index as of its last commit into a folder that holds none, whoever reads
    or writes it meanwhile. The vector file isn't copied: it is derived from the
    rows."""
    target.mkdir(parents=True, exist_ok=True)
    with closing(connect_to_read(directory / DATABASE).connection) as held:
        schema.require_current(held)
        with closing(sqlite3.connect(target / DATABASE)) as copy:
            held.backup(copy)


def model_of(directory: Path) -> str | None:
    """The model that the index was made with, None where there is no index yet."""
    if not (directory / DATABASE).is_file():
        return None
    with closing(connect_to_read(directory / DATABASE).connection) as db:
        known = read_manifest(db) if schema.check(db) else None
    return known.model if known else None
