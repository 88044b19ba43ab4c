"""Checksums of what was stored, to tell from them what has changed by itself.

SQLite has none of its own: a flipped bit within a text or vector passes its integrity
check. Each article has one of its row and one of its passages; the tables that are
derived from them have one a group.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

KEY = "seal"  # in meta, as older programs named it; the table digests is theirs too
# By group, the tables that SQLite keeps for a virtual table, and those of duplicates.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "fulltext": (
        "passages_fts_data",
        "passages_fts_idx",
        "passages_fts_docsize",
        "passages_fts_config",
    ),
    "vocabulary": ("vocabulary_data", "vocabulary_idx", "vocabulary_config"),
    "copies": ("texts", "bands", "copies"),
}
GROUPS = (*DERIVED, "manifest")

# The part of an article that changed: its own row, or its passages with all vectors.
Part = Literal["article", "passages"]


def store_article_checksums(db: sqlite3.Connection) -> None:
    """Take the checksums of those articles that have none; the transaction is the
    caller's."""
    new = db.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM digests)"
    ).fetchall()
    db.executemany(
        "INSERT INTO digests (article, said, passages) VALUES (?, ?, ?)",
        [
            (number, _of_article(db, number), _of_passages(db, number))
            for (number,) in new
        ],
    )


def changed_articles(
    db: sqlite3.Connection,
) -> dict[int, Part]:
    """Compare all articles with their checksums: numbers, and the part that changed.

    Where the article's own row has changed, its passages are not looked at. An article
    without a checksum counts as changed. So does one that can't be read.
    """
    stored = {
        number: (article, passages)
        for number, article, passages in db.execute(
            "SELECT article, said, passages FROM digests"
        )
    }
    changed: dict[int, Part] = {}
    for (number,) in db.execute("SELECT id FROM articles ORDER BY id").fetchall():
        article, passages = stored.get(number, ("", ""))
        if _readable(_of_article, db, number) != article:
            changed[number] = "article"
        elif _readable(_of_passages, db, number) != passages:
            changed[number] = "passages"
    return changed


def _readable(
    checksum: Callable[[sqlite3.Connection, int], str],
    db: sqlite3.Connection,
    number: int,
) -> str | None:
    try:
        return checksum(db, number)
    except sqlite3.DatabaseError:
        return None


def store_checksums(db: sqlite3.Connection) -> None:
    """Store the checksums of all that has none, and of the derived tables and the
    manifest as they are now; the transaction is the caller's."""
    store_article_checksums(db)
    # FTS5 holds rows back until a savepoint is released.
    db.execute("SAVEPOINT flush")
    db.execute("RELEASE flush")
    # Derived tables are read whole: 0.08 s for 12,500 passages.
    values = json.dumps({name: _of_group(db, name) for name in GROUPS})
    db.execute(
        "INSERT INTO meta VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (KEY, values),
    )


def store_manifest_checksum(db: sqlite3.Connection) -> None:
    """Store the checksum of the manifest as it is now, and leave the others."""
    (value,) = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    new = json.loads(value) | {"manifest": _of_group(db, "manifest")}
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(new), KEY))


def are_stored(db: sqlite3.Connection) -> bool:
    """Tell if checksums were taken; older programs took none, or of other columns.

    It is all or none: a single article without one is damaged.
    """
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?),"
        " EXISTS (SELECT 1 FROM digests), EXISTS (SELECT 1 FROM articles)",
        (KEY,),
    ).fetchone()
    of_groups, of_articles, has_articles = map(bool, row)
    return of_articles or (of_groups and not has_articles)


def failed_checksums(
    db: sqlite3.Connection, among: Iterable[str] = GROUPS
) -> list[str]:
    """Name what is not as it was stored: groups of DERIVED, "manifest", or KEY where
    the checksums themselves can't be read."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    try:
        stored = dict(json.loads(row[0])) if row else {}
    except (ValueError, TypeError):
        return [KEY]
    if stored.keys() != set(GROUPS):
        return [KEY]
    return [name for name in among if _of_group(db, name) != stored[name]]


def _of_article(db: sqlite3.Connection, number: int) -> str:
    return _checksum(db, "articles", rows="WHERE id = ?", value=number)


def _of_passages(db: sqlite3.Connection, number: int) -> str:
    rows = "WHERE article = ? ORDER BY position"
    passages = _checksum(db, "passages", rows=rows, value=number)
    rows = (
        "WHERE passage IN (SELECT id FROM passages WHERE article = ?) ORDER BY passage"
    )
    tokens = _checksum(db, "tokens", rows=rows, value=number)
    return f"{passages}{tokens}"


def _of_group(db: sqlite3.Connection, name: str) -> str:
    if name == "manifest":
        # The checksums lie in the same table, and can't be part of themselves.
        rows = "WHERE key IN ('manifest', 'fulltext') AND key != ? ORDER BY key"
        return _checksum(db, "meta", rows=rows, value=KEY)
    checksums = [
        _checksum(db, table, rows="WHERE ?1 = ?1", value=0) for table in DERIVED[name]
    ]
    # Half of each is enough, and keeps the row short.
    return "".join(checksum[:32] for checksum in checksums)


def _checksum(
    db: sqlite3.Connection, table: str, *, rows: str, value: int | str
) -> str:
    """Compute sha256, in hexadecimal, over all columns of rows, with texts as their
    bytes."""
    # As bytes: a damaged text may be no UTF-8.
    columns = [
        f"CAST({name} AS BLOB)" if kind == "TEXT" else name
        for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")
    ]
    checksum = hashlib.sha256()
    for row in db.execute(f"SELECT {', '.join(columns)} FROM {table} {rows}", (value,)):  # noqa: S608  # fixed texts
        for field in row:
            if isinstance(field, bytes):
                mark, data = b"=", field
            else:
                mark, data = b"~", repr(field).encode()
            checksum.update(b"%s%d:" % (mark, len(data)))  # tells where a value ends
            checksum.update(data)
    return checksum.hexdigest()
