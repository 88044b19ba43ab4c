"""A new index database from the sound rows of a damaged one.

Reads through SQLite only: a row that SQLite can't read is not looked for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from search.errors import IndexDamaged
from search.index.sqlite import schema
from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.commit import renew
from search.index.sqlite.connection import require_damage
from search.index.sqlite.directory_snapshot import copy_database
from search.index.sqlite.meta_store import (
    read_coverage,
    read_manifest,
    read_standing,
)
from search.index.sqlite.readable import generation_of
from search.index.sqlite.schema import open_database
from search.index.stored_vectors import stored_lengths
from search.index.work_folder import WORK, work_folder


def derive_again(damaged: Path, new: Path) -> list[str]:
    """Write a new database from the rows of a damaged one, and derive the rest.

    Full text, duplicates, vector file, counts and checksums are made from the rows; the
    vector file lies beside the damaged database. Articles whose passages are not sound
    keep none: their addresses are returned, and their passages have to be made with the
    model. Raises IndexDamaged where an article can't be read or has changed.
    """
    with work_folder(WORK) as folder:
        # Opening a damaged database in its place may change it.
        copy = folder / damaged.name
        copy_database(damaged, copy)
        with closing(sqlite3.connect(copy)) as old, closing(open_database(new)) as db:
            schema.migrate(db)
            db.execute("BEGIN")
            try:
                _copy_rows(old, db)
            except sqlite3.DatabaseError as error:
                require_damage(error)
                raise IndexDamaged(
                    f"The rows of the index can't be read ({error}). See what helps"
                    " with: blog-indexer doctor"
                ) from error
            db.execute("COMMIT")
            bare = db.execute(
                "SELECT url FROM articles"
                " WHERE id NOT IN (SELECT article FROM passages)"
            ).fetchall()
    # Readers see that it is another by its generation.
    renew(new, damaged.parent, newer_than=generation_of(damaged.parent))
    # It is put in place as one file.
    with closing(open_database(new)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return [url for (url,) in bare]


def _copy_rows(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """Copy what nothing can derive, and those passages that are sound."""
    changed = {}
    # In an older format the checksums are of other columns than these.
    if schema.check(old) == len(schema.MIGRATIONS) and checksums.are_stored(old):
        changed = checksums.changed_articles(old)
    if "article" in changed.values():
        raise IndexDamaged("Articles of the index are not what was stored.")
    kept = "WHERE key IN ('manifest', 'coverage', 'standing')"
    _copy(old, new, table="meta", rows=kept)
    try:
        read_coverage(new)
    except IndexDamaged:
        # The next update writes it, and could not compare it with this one.
        new.execute("DELETE FROM meta WHERE key = 'coverage'")
    try:
        read_standing(new)
    except IndexDamaged:
        # Nothing can derive them, and the articles are worth more.
        new.execute("DELETE FROM meta WHERE key = 'standing'")
    has_tokens = _columns(old, "tokens") != []
    of_article = "WHERE passage IN (SELECT id FROM passages WHERE article = ?)"
    # Each by its number, as the checksums were compared: a scan goes another way.
    for one in old.execute("SELECT id FROM articles ORDER BY id").fetchall():
        _copy(old, new, table="articles", rows="WHERE id = ?", values=one)
        if one[0] in changed:
            continue
        _copy(old, new, table="passages", rows="WHERE article = ?", values=one)
        if has_tokens:
            _copy(old, new, table="tokens", rows=of_article, values=one)
    known = read_manifest(new)
    if known is not None:
        # Of an index without checksums this is all that can be seen of its vectors.
        new.execute(
            "DELETE FROM passages WHERE article IN"
            " (SELECT article FROM passages WHERE length(vector) NOT IN (?, ?))",
            stored_lengths(known.dimension),
        )


def _copy(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    *,
    table: str,
    rows: str,
    values: Sequence[object] = (),
) -> None:
    """Copy rows of a table; columns that the old one lacks get what they begin with."""
    theirs = _columns(old, table)
    names = [name for name in _columns(new, table) if name in theirs]
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    # A row that breaks a rule of its table is damaged, and ends the copying.
    new.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608  # fixed names
        old.execute(f"SELECT {columns} FROM {table} {rows}", values),  # noqa: S608
    )


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    """Name the columns of a table, none of one that is not there."""
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
