"""What is wrong with an index: everything that is stored, held against everything else
that is."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.errors import BlogsearchError, IndexDamaged, IndexMismatch
from search.index.manifest import Manifest
from search.index.sqlite import checksums, schema
from search.index.sqlite.articles import Passages
from search.index.sqlite.faiss_vectors import FaissIndex
from search.index.sqlite.manifest_store import read_manifest
from search.index.sqlite.salvage import Table
from search.index.sqlite.sqlite_file import SqliteFile

_FAILS = (sqlite3.DatabaseError, BlogsearchError, ValueError, TypeError)
PASSAGES = Table("passages", "niissssisb")
ENOUGH = 3  # tables of ours in a schema that is damaged itself
SHOWN = 5  # addresses that a sentence names
_COMMENT = re.compile(rb"--[^\n]*")
UNIT = 1e-3  # how far a vector's length may be from 1; half precision moves it by less


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, as a sentence. ``code`` is a stable word for machines;
    ``mendable``: ``doctor --repair`` puts it right, by itself or by having the next
    update fetch what is lost."""

    code: str
    text: str
    mendable: bool = True


def examine(path: Path, directory: Path) -> Iterator[Finding]:
    """Look at a copy of an index's database, and at the vector file of ``directory``.
    The copy may be written to. Raises IndexDamaged or IndexMismatch where it is not one
    that can be examined."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        try:
            version = schema.check(db)
        except (IndexDamaged, IndexMismatch) as error:
            if not _is_ours(path, exactly=isinstance(error, IndexMismatch)):
                raise
            yield Finding(
                "sqlite", f"The index can't be opened, though it is one. {error}"
            )
            return
        if version == 0:
            yield Finding(
                "sqlite", f"{directory / path.name} is empty: it holds no index."
            )
            return
        newest = len(schema.MIGRATIONS)
        if version < newest:
            text = "An older Blogsearch made this index; the next update brings it up to date."
            yield Finding("old-format", text)
            try:
                schema.migrate(db)
            except _FAILS as error:
                yield Finding(
                    "sqlite", f"The index can't be brought up to date ({error})."
                )
                return
        checks = (_structure, _articles, _derived, _manifest, _fulltext)
        for check in checks:
            try:
                yield from (
                    one
                    for one in check(db)
                    if version == newest or one.code != "unsealed"
                )
            except _FAILS as error:
                yield Finding("sqlite", f"A part of the index can't be read ({error}).")
        with suppress(*_FAILS):  # told above where the rows themselves can't be read
            yield from _vectors(db, directory)


def _is_ours(path: Path, *, exactly: bool) -> bool:
    """Whether a file that is refused is an index of ours all the same, whose first
    bytes are damaged. ``exactly``: it says that it is of a newer version, so that it
    has to have all tables of this one and no others."""
    file = SqliteFile(path.read_bytes())
    tables = file.tables()
    if exactly:
        return tables.keys() == _tables()
    if len(tables.keys() & _tables()) >= ENOUGH:
        return True
    rows = (row.values for number in file.leaves() for row in file.leaf(number))
    return any(PASSAGES.fits(values) for values in rows)


def _tables() -> set[str]:
    with closing(_fresh()) as db:
        found = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage != 0"
        )
        return {row[0].decode() for row in found}


def named(urls: list[str]) -> str:
    """Some addresses for a sentence."""
    more = f" and {len(urls) - SHOWN} more" if len(urls) > SHOWN else ""
    return ", ".join(urls[:SHOWN]) + more


def _structure(db: sqlite3.Connection) -> Iterator[Finding]:
    db.text_factory = bytes  # what SQLite says of a damaged page may hold anything
    try:
        said = [row[0] for row in db.execute("PRAGMA integrity_check(10)")]
        orphans = [
            (row[0] or b"").decode(errors="replace")
            for row in db.execute("PRAGMA foreign_key_check")
        ]
        made = db.execute(
            "SELECT name, sql FROM sqlite_schema ORDER BY name"
        ).fetchall()
    finally:
        db.text_factory = str
    if said != [b"ok"]:
        first = said[0].decode(errors="replace").splitlines()[-1]
        yield Finding("sqlite", f"SQLite finds the database damaged ({first}).")
    if orphans:
        tables = ", ".join(sorted(set(orphans)))
        yield Finding(
            "orphans",
            f"{len(orphans)} rows belong to nothing that is there (in {tables}).",
        )
    if bare_schema(made) != _schema():
        yield Finding(
            "schema", "The database's tables are not those that Blogsearch makes."
        )


def bare_schema(rows: Iterable[Sequence[bytes | None]]) -> list[tuple[bytes, bytes]]:
    """Names and statements of a schema without comments, which may be worded anew."""
    return [
        (bytes(name or b""), b" ".join(_COMMENT.sub(b"", sql or b"").split()))
        for name, sql in rows
    ]


def _schema() -> list[tuple[bytes, bytes]]:
    """What the schema of a new index is."""
    with closing(_fresh()) as db:
        return bare_schema(
            db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        )


def _fresh() -> sqlite3.Connection:
    """A new index in memory, whose texts are given as bytes."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(db)
    Passages(db).fulltext.renew()
    db.text_factory = bytes
    return db


def _articles(db: sqlite3.Connection) -> Iterator[Finding]:
    if not checksums.has_checksums(db):
        yield Finding(
            "unsealed",
            "The index has no checksums of its own yet; the next update takes them.",
        )
        return
    urls = dict(db.execute("SELECT id, CAST(url AS BLOB) FROM articles").fetchall())
    if harmed := checksums.changed_articles(db):
        # A damaged table may give other numbers each time it is read.
        text = named(
            [urls.get(number, b"?").decode(errors="replace") for number in harmed]
        )
        yield Finding(
            "articles", f"{len(harmed)} articles are not what was stored: {text}."
        )
    empty = db.execute(
        "SELECT count(*) FROM articles WHERE id NOT IN (SELECT article FROM passages)"
    )
    if count := empty.fetchone()[0]:
        yield Finding(
            "passages", f"{count} articles have no passages, and can't be found."
        )


def _derived(db: sqlite3.Connection) -> Iterator[Finding]:
    sealed = db.execute("SELECT 1 FROM meta WHERE key = ?", (checksums.KEY,)).fetchone()
    names = {
        "fulltext": "The full text", "vocabulary": "The list of words", "copies": "The list of copies",
        "manifest": "The manifest", checksums.KEY: "The list of checksums",
    }  # fmt: skip
    for name in checksums.failed_checksums(db) if sealed else ():
        yield Finding(name, f"{names[name]} is not what was stored.")


def _manifest(db: sqlite3.Connection) -> Iterator[Finding]:
    known = read_manifest(db)
    articles, passages = Passages(db).counts()
    if known is None:
        if articles:
            yield Finding(
                "manifest", f"The index has no manifest, but {articles} articles."
            )
        return
    if (articles, passages) != (known.articles, known.passages):
        yield Finding(
            "counts",
            f"The manifest speaks of {known.articles} articles and {known.passages} passages,"
            f" the index holds {articles} and {passages}.",
        )
    size = 4 * known.dimension
    lacking = db.execute(
        "SELECT count(*) FROM passages WHERE length(vector) != ?", (size,)
    ).fetchone()[0]
    if lacking:
        yield Finding(
            "vectors",
            f"{lacking} passages have no vector of {known.dimension} dimensions.",
        )
    else:
        yield from _lengths(db, known)


def _lengths(db: sqlite3.Connection, known: Manifest) -> Iterator[Finding]:
    """Whether vectors are of unit length, and those of tokens as many as are
    counted."""
    _, vectors = Passages(db).all_vectors(known.dimension)
    with np.errstate(all="ignore"):  # a flipped bit makes any number
        wrong = int(np.sum(~(np.abs(np.linalg.norm(vectors, axis=1) - 1) < UNIT)))
    if wrong:
        yield Finding(
            "vectors", f"{wrong} passages have vectors that are not of unit length."
        )
    rows = db.execute("SELECT counts, length(bits) FROM tokens")
    a_token = -(-known.dimension // 8)
    lacking = sum(
        len(row[0]) % 2 or np.frombuffer(row[0], "<u2").sum() * a_token != row[1]
        for row in rows
    )
    if lacking:
        yield Finding(
            "vectors",
            f"{lacking} passages have other vectors of tokens than are counted.",
        )


def _fulltext(db: sqlite3.Connection) -> Iterator[Finding]:
    for table in ("passages_fts", "vocabulary"):
        try:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608  # two fixed names
        except sqlite3.DatabaseError:
            yield Finding("fulltext", f"The full text is damaged (in {table}).")
    row = db.execute(
        "SELECT (SELECT count(*) FROM passages WHERE id NOT IN (SELECT id FROM passages_fts_docsize)),"
        " (SELECT count(*) FROM passages_fts_docsize WHERE id NOT IN (SELECT id FROM passages))"
    ).fetchone()
    if any(row):
        yield Finding(
            "fulltext",
            f"{row[0]} passages are not in the full text, and {row[1]} in it are no passages.",
        )


def _vectors(db: sqlite3.Connection, directory: Path) -> Iterator[Finding]:
    """Whether the vector file is what was written, and holds just the passages'
    vectors."""
    known = read_manifest(db)
    if known is None:
        return
    path = directory / known.vectors
    try:
        loaded = FaissIndex.load(path, known.vectors_sha256)
    except FileNotFoundError:
        yield Finding(
            "vector-file",
            f"The vector file {path.name} is missing; it is made from the rows.",
        )
        return
    except (OSError, IndexDamaged) as error:
        reason = (
            str(error)
            if isinstance(error, IndexDamaged)
            else f"{path.name} can't be read ({error})."
        )
        yield Finding(
            "vector-file", f"{reason.rstrip('.')}; it is made anew from the rows."
        )
        return
    ids, vectors = Passages(db).all_vectors(known.dimension)
    held, rows = loaded.rows()
    if not np.array_equal(ids, held) or not np.array_equal(vectors, rows):
        yield Finding(
            "vector-file", "The vector file and the rows don't hold the same vectors."
        )
