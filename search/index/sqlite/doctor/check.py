"""Examination of an index: everything that is stored, compared with everything else.

Writes to nothing but the copy that it is given.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from search.errors import BlogsearchError, IndexDamaged
from search.index.sqlite import schema
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.connection import require_damage
from search.index.sqlite.doctor.findings import Finding, named
from search.index.sqlite.doctor.integrity import Schema, schema_of, structure_of
from search.index.sqlite.meta_store import (
    read_coverage,
    read_manifest,
    read_standing,
)
from search.index.sqlite.readable import UNREADABLE
from search.index.sqlite.vectors.agreement import agrees
from search.index.sqlite.vectors.current import read_named_base
from search.index.stored_vectors import stored_lengths

# By the name that its checksum goes by.
_DERIVED_TEXTS = {
    "fulltext": "The full text is not what was stored.",
    "vocabulary": "The list of words is not what was stored.",
    "copies": "The list of copies is not what was stored.",
    checksums.KEY: "The list of checksums can't be read.",
}


def examine_index(path: Path, directory: Path) -> list[Finding]:
    """Examine a copy of an index's database, and the vector file of ``directory``.

    Raises IndexDamaged for a database of another program, IndexMismatch for one of a
    newer Blogsearch, and sqlite3.Error where the disk fails.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        try:
            version = schema.check(db)
        except IndexDamaged as error:
            if error.__cause__ is None:  # SQLite can read it, and it isn't ours
                raise
            text = f"The index can't be opened as a database ({error.__cause__})."
            return [Finding("sqlite", text, mendable=False)]
        if version == 0:
            text = f"{directory / path.name} is empty: it holds no index."
            return [Finding("sqlite", text, mendable=False)]
        if version == len(schema.MIGRATIONS):
            return _compare_all(db, directory)
        return _examine_old_format(db, directory)


def first_damage(
    db: sqlite3.Connection, *, besides: Collection[str] = frozenset()
) -> str:
    """Say what is wrong with the rows that a connection reads, "" where each is as it
    was stored.

    Only damage counts, not age, nor findings ``besides`` by their codes. 0.6 s of
    processor time for 12,500 passages.
    """
    checks: Sequence[Callable[[sqlite3.Connection], Iterable[Finding]]] = (
        _check_structure,
        _check_manifest,
        _check_articles,
        _check_checksums,
        _check_fulltext,
        _check_coverage,
        _check_standing,
    )
    passed_over = {"unsealed", *besides}
    with suppress(BlogsearchError):
        if schema.check(db) != len(schema.MIGRATIONS):
            # It has other tables, and no checksums that could be compared.
            passed_over.add("schema")
            checks = (_check_structure, _check_coverage)
    for check in checks:
        for finding in _run(check, db):
            if finding.code not in passed_over:
                return finding.text
    return ""


def _examine_old_format(db: sqlite3.Connection, directory: Path) -> list[Finding]:
    """Bring the copy up to date, and examine it then."""
    text = "An older Blogsearch made this index; the next update brings it up to date."
    old = Finding("old-format", text)
    try:
        schema.migrate(db)
    except UNREADABLE as error:
        if isinstance(error, sqlite3.Error):
            require_damage(error)
        text = f"The index can't be brought up to date ({error})."
        return [old, Finding("sqlite", text, mendable=False)]
    # That it has no checksums yet follows from its age.
    found = [one for one in _compare_all(db, directory) if one.code != "unsealed"]
    return [old, *found]


def _compare_all(db: sqlite3.Connection, directory: Path) -> list[Finding]:
    """Run all checks. What is derived can be derived again only while all rows that it
    is derived from are sound."""
    # These come from outside, and nothing in the index can replace them.
    stored = [*_run(_check_passages, db, mendable=False)]
    stored += _run(_check_articles, db, mendable=False)
    stored += _run(_check_manifest, db, mendable=False)
    # The structure counts as derived: indexes and free pages break as tables do.
    derived = [*_run(_check_structure, db), *_run(_check_checksums, db)]
    derived += [*_run(_check_fulltext, db), *_run(_check_coverage, db)]
    derived += _run(_check_standing, db)
    derived += _run(lambda db: _check_vectors(db, directory), db)
    if all(one.mendable for one in stored):
        return stored + derived
    # New checksums would call what is damaged sound.
    return [replace(one, mendable=False) for one in stored + derived]


def _run(
    check: Callable[[sqlite3.Connection], Iterable[Finding]],
    db: sqlite3.Connection,
    *,
    mendable: bool = True,
) -> Iterator[Finding]:
    try:
        yield from check(db)
    except UNREADABLE as error:
        # A disk that fails or is full says nothing of what is stored.
        if isinstance(error, sqlite3.Error):
            require_damage(error)
        text = f"A part of the index can't be read ({error})."
        yield Finding("sqlite", text, mendable)


def _check_passages(db: sqlite3.Connection) -> Iterator[Finding]:
    bare = db.execute(
        "SELECT count(*) FROM articles WHERE id NOT IN (SELECT article FROM passages)"
    )
    if count := bare.fetchone()[0]:
        text = f"{count} articles have no passages, and can't be found."
        yield Finding("passages", text)


def _check_articles(db: sqlite3.Connection) -> Iterator[Finding]:
    if not checksums.are_stored(db):
        text = "The index has no checksums of its own yet; the next update takes them."
        yield Finding("unsealed", text)
        return
    changed = checksums.changed_articles(db)
    # Its text is in the article's own row; passages can be cut from it again.
    lost = [number for number, part in changed.items() if part == "article"]
    if lost:
        text = f"{len(lost)} articles are not what was stored: {_urls(db, lost)}."
        yield Finding("articles", text, mendable=False)
    if harmed := [number for number in changed if number not in lost]:
        text = f"{len(harmed)} articles have passages that are not what was stored:"
        yield Finding("passages", f"{text} {_urls(db, harmed)}.")


def _urls(db: sqlite3.Connection, numbers: Sequence[int]) -> str:
    """Name some articles; a damaged table may hold anything as an address."""
    urls = []
    for number in numbers:
        row = db.execute(
            "SELECT CAST(url AS BLOB) FROM articles WHERE id = ?", (number,)
        ).fetchone()
        urls.append(row[0].decode(errors="replace") if row else "?")
    return named(urls)


def _check_manifest(db: sqlite3.Connection) -> Iterator[Finding]:
    known = read_manifest(db)
    articles, passages = ArticleStore(db).counts()
    if known is None:
        if articles:
            text = f"The index has no manifest, but {articles} articles."
            yield Finding("manifest", text, mendable=False)
        return
    if (articles, passages) != (known.articles, known.passages):
        text = (
            f"The manifest speaks of {known.articles} articles and {known.passages}"
            f" passages, the index holds {articles} and {passages}."
        )
        # Passages can be made again from their articles.
        yield Finding("counts", text, mendable=articles == known.articles)
    lacking = db.execute(
        "SELECT count(*) FROM passages WHERE length(vector) NOT IN (?, ?)",
        stored_lengths(known.dimension),
    ).fetchone()[0]
    if lacking:
        text = f"{lacking} passages have no vector of {known.dimension} dimensions."
        yield Finding("vectors", text)
    if "manifest" in checksums.failed_checksums(db, among=("manifest",)):
        text = (
            "The manifest is not what was stored; make it again, with all passages,"
            " with: blog-indexer rebuild"
        )
        yield Finding("manifest", text, mendable=False)


def _check_structure(db: sqlite3.Connection) -> Iterator[Finding]:
    found = structure_of(db)
    if found.damage:
        text = f"SQLite finds the database damaged ({found.damage})."
        yield Finding("sqlite", text)
    if found.orphans:
        tables = ", ".join(sorted(set(found.orphans)))
        count = len(found.orphans)
        text = f"{count} rows belong to nothing that is there (in {tables})."
        yield Finding("orphans", text)
    if found.schema != _schema_of_new_index():
        text = "The database's tables are not those that Blogsearch makes."
        yield Finding("schema", text)


def _schema_of_new_index() -> Schema:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema.migrate(db)
        # The full text's tables are made by its own module.
        ArticleStore(db).fulltext.rederive()
        return schema_of(db)


def _check_checksums(db: sqlite3.Connection) -> Iterator[Finding]:
    if checksums.are_stored(db):
        for name in checksums.failed_checksums(db):
            if name in _DERIVED_TEXTS:
                yield Finding(name, _DERIVED_TEXTS[name])


def _check_fulltext(db: sqlite3.Connection) -> Iterator[Finding]:
    missing, extra = db.execute(
        "SELECT (SELECT count(*) FROM passages"
        " WHERE id NOT IN (SELECT id FROM passages_fts_docsize)),"
        " (SELECT count(*) FROM passages_fts_docsize"
        " WHERE id NOT IN (SELECT id FROM passages))"
    ).fetchone()
    if missing or extra:
        text = (
            f"{missing} passages are not in the full text,"
            f" and {extra} in it are no passages."
        )
        yield Finding("fulltext", text)


def _check_coverage(db: sqlite3.Connection) -> Iterator[Finding]:
    try:
        read_coverage(db)
    except IndexDamaged:
        text = "The coverage report can't be read; the next update writes it again."
        yield Finding("coverage", text)


def _check_standing(db: sqlite3.Connection) -> Iterator[Finding]:
    try:
        read_standing(db)
    except IndexDamaged:
        text = "The standing questions can't be read; a repair takes them out."
        yield Finding("standing", text)


def _check_vectors(db: sqlite3.Connection, directory: Path) -> Iterator[Finding]:
    """Compare the vector file with its checksum and with the passages' vectors."""
    known = read_manifest(db)
    if known is None:
        return
    path = directory / known.vectors
    try:
        base = read_named_base(directory, known)
    except FileNotFoundError:
        text = f"The vector file {path.name} is missing; it is made from the rows."
        yield Finding("vector-file", text)
        return
    except OSError as error:
        text = f"{path.name} can't be read ({error}); it is made from the rows."
        yield Finding("vector-file", text)
        return
    except IndexDamaged as error:
        text = f"{str(error).rstrip('.')}; it is made again from the rows."
        yield Finding("vector-file", text)
        return
    if not agrees(base, db, known):
        text = "The vector file and the rows don't hold the same vectors."
        yield Finding("vectors", text)
