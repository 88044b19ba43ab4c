"""The SQLite room of checksums: what was stored, to tell from it what has changed by
itself.

SQLite has no checksums of its own: a flipped bit within a text or vector passes its
integrity check. Each article has digests of its rows, and the tables that are derived
from them have one a group.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping

KEY = "seal"  # in meta
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


def store_article_checksums(db: sqlite3.Connection) -> None:
    """Take the digests of those articles that have none; the transaction is the
    caller's."""
    new = db.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM digests)"
    ).fetchall()
    db.executemany(
        "INSERT INTO digests (article, said, passages) VALUES (?, ?, ?)",
        [(number, *article_checksums(db, number)) for (number,) in new],
    )


def article_checksums(db: sqlite3.Connection, number: int) -> tuple[str, str]:
    """What the digests of an article are by what is stored now: of its own row, and of
    its passages with all their vectors."""
    passages = _digest(db, "passages", "WHERE article = ? ORDER BY position", number)
    tokens = _digest(
        db, "tokens",
        "WHERE passage IN (SELECT id FROM passages WHERE article = ?) ORDER BY passage", number,
    )  # fmt: skip
    return _digest(db, "articles", "WHERE id = ?", number), f"{passages}{tokens}"


def changed_articles(db: sqlite3.Connection) -> dict[int, tuple[bool, bool]]:
    """The articles that are not what was stored, by number: whether the row is, whether
    its passages are."""
    kept = {
        row[0]: (row[1], row[2])
        for row in db.execute("SELECT article, said, passages FROM digests")
    }
    harmed = {}
    for (number,) in db.execute("SELECT id FROM articles ORDER BY id").fetchall():
        said, passages = kept.get(number, ("", ""))
        now = article_checksums(db, number)
        if now != (said, passages):
            harmed[number] = (now[0] == said, now[1] == passages)
    return harmed


def store_checksums(db: sqlite3.Connection) -> None:
    """Write down what the derived tables and the manifest are now; the transaction is
    the caller's."""
    store_article_checksums(db)
    db.execute("SAVEPOINT flush")  # FTS5 writes what it holds back
    db.execute("RELEASE flush")
    db.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (
            KEY,
            json.dumps({name: _current(db, name) for name in (*DERIVED, "manifest")}),
        ),
    )


def store_manifest_checksum(db: sqlite3.Connection) -> None:
    """Write down what the manifest is now, of the derived tables what was sealed
    before."""
    (value,) = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    sealed = json.loads(value) | {"manifest": _current(db, "manifest")}
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(sealed), KEY))


def has_checksums(db: sqlite3.Connection) -> bool:
    """Whether there is a seal, and a digest of each article; older programs took
    none."""
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?) AND NOT EXISTS"
        " (SELECT 1 FROM articles WHERE id NOT IN (SELECT article FROM digests))",
        (KEY,),
    )
    return bool(found.fetchone()[0])


def failed_checksums(
    db: sqlite3.Connection, among: Iterable[str] = (*DERIVED, "manifest")
) -> list[str]:
    """The names of what is not as it was sealed: groups of DERIVED, "manifest", or
    "seal" itself."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    try:
        sealed = dict(json.loads(row[0])) if row else {}
    except (ValueError, TypeError):
        return [KEY]
    if sealed.keys() != {*DERIVED, "manifest"}:
        return [KEY]
    return [name for name in among if _current(db, name) != sealed[name]]


def _current(db: sqlite3.Connection, name: str) -> str:
    if name == "manifest":
        return _digest(
            db,
            "meta",
            "WHERE key IN ('manifest', 'fulltext') AND key != ? ORDER BY key",
            KEY,
        )
    return "".join(
        _digest(db, table, "WHERE ?1 = ?1", 0)[:32] for table in DERIVED[name]
    )


def _digest(db: sqlite3.Connection, table: str, rows: str, value: int | str) -> str:
    """sha256 in hexadecimal over all columns of rows, texts as the bytes that lie
    there."""
    columns = [
        f"CAST({name} AS BLOB)" if kind == "TEXT" else name
        for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")
    ]
    digest = hashlib.sha256()
    for row in db.execute(f"SELECT {', '.join(columns)} FROM {table} {rows}", (value,)):  # noqa: S608  # fixed texts
        for field in row:
            data = field if isinstance(field, bytes) else repr(field).encode()
            digest.update(b"%s%d:" % (b"=" if data is field else b"~", len(data)))
            digest.update(data)
    return digest.hexdigest()
