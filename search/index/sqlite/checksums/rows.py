"""Checksums of what was stored, to tell from them what has changed by itself.

SQLite has none of its own: a flipped bit within a text or vector passes its integrity
check. Each article has one of its row, one of its passages and one of each kind of what
is derived from them; those of the full text are in search/index/sqlite/checksums/segments.py.
What did not change is not read, and keeps the checksum that it has.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

from search.errors import IndexDamaged
from search.index.sqlite.checksums import segments

KEY = "seal"  # in meta, as older programs named it; the table digests is theirs too
# By group, the tables that SQLite keeps for a virtual table, and those of duplicates:
# older programs took one checksum of each group.
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
# Columns that are left out where they say nothing: what was stored before them keeps
# its checksum.
LATER = ("tags", "collections")
NO_NAMES = b"[]"

# The part of an article that changed: its own row, or its passages with all vectors.
Part = Literal["article", "passages"]


def store_article_checksums(
    db: sqlite3.Connection, among: Collection[int] | None = None
) -> None:
    """Take the checksums of those articles that have none, and of the duplicates of all
    of them; ``among`` are those that may have changed, None for any. The transaction is
    the caller's."""
    if among is None:
        among = [row[0] for row in db.execute("SELECT id FROM articles")]
    have = _numbers(db, "SELECT article FROM digests WHERE article IN ", among)
    there = _numbers(db, "SELECT id FROM articles WHERE id IN ", among)
    db.executemany(
        "INSERT INTO digests (article, said, passages, words) VALUES (?, ?, ?, ?)",
        [
            (
                number,
                _of_article(db, number),
                _of_passages(db, number),
                _of_words(db, number),
            )
            for number in sorted(there - have)
        ],
    )
    db.executemany(
        "UPDATE digests SET copies = ? WHERE article = ?",
        [(_of_copies(db, number), number) for number in sorted(there)],
    )


def require_unchanged(db: sqlite3.Connection, url: str) -> None:
    """Raise IndexDamaged where the article at this address is not what was stored; one
    that was put in the open transaction has no checksums yet."""
    row = db.execute(
        "SELECT article, said, passages, words FROM digests"
        " WHERE article = (SELECT id FROM articles WHERE url = ?)",
        (url,),
    ).fetchone()
    if row is None:
        return
    number, *stored = row
    if stored != [
        _of_article(db, number),
        _of_passages(db, number),
        _of_words(db, number),
    ]:
        raise IndexDamaged(
            f"What the index holds of {url} is not what was stored; see:"
            " blog-indexer doctor"
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


def store_checksums(
    db: sqlite3.Connection, among: Collection[int] | None = None
) -> None:
    """Store the checksums of all that is new, and of the manifest as it is now.

    ``among`` are the articles that may have changed, None for any; the transaction is
    the caller's. Raises IndexDamaged where what is read for it is not what was stored.
    """
    store_article_checksums(db, among)
    segments.settle(db)
    values = json.dumps({"manifest": _of_group(db, "manifest")})
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


def is_of_older_program(db: sqlite3.Connection) -> bool:
    """Tell if the checksums are those of whole groups of tables, as they were taken
    before segments had their own."""
    return _groups_stored(db).keys() == set(GROUPS)


def store_checksums_of_derived(db: sqlite3.Connection) -> None:
    """Store the checksums of everything that is derived as it is now; the caller knows
    that it is sound, and its is the transaction."""
    db.executemany(
        "UPDATE digests SET words = ? WHERE article = ?",
        [
            (_of_words(db, number), number)
            for (number,) in db.execute("SELECT article FROM digests").fetchall()
        ],
    )
    db.execute("DELETE FROM segments")
    store_checksums(db)


def convert(db: sqlite3.Connection) -> None:
    """Put checksums of today's kind in the place of those of an older program, unless
    anything is not what was stored: that stays to be seen. The transaction is the
    caller's."""
    if not changed_articles(db) and not failed_checksums(db):
        segments.leave_merging_to_us(db)
        store_checksums_of_derived(db)


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
    stored = _groups_stored(db)
    if stored.keys() == set(GROUPS):
        return [name for name in among if _of_group(db, name) != stored[name]]
    if stored.keys() != {"manifest"}:
        return [KEY]
    failed: set[str] = set()
    if "manifest" in among and _of_group(db, "manifest") != stored["manifest"]:
        failed.add("manifest")
    if set(among) & DERIVED.keys():
        failed.update(segments.TABLES[table] for table in segments.changed_tables(db))
        failed |= _failed_of_articles(db)
    return [name for name in among if name in failed]


def failed_heads(db: sqlite3.Connection) -> bool:
    """Tell if something is not as it was stored of the little that every commit writes
    to: the manifest, and the lists of the segments."""
    if is_of_older_program(db):
        return True
    is_changed = segments.changed_tables(db, roots_only=True) != []
    return is_changed or failed_checksums(db, ("manifest",)) != []


def _failed_of_articles(db: sqlite3.Connection) -> set[str]:
    """Name the groups of which rows of an article are not as they were stored."""
    failed: set[str] = set()
    rows = db.execute("SELECT article, words, copies FROM digests").fetchall()
    for number, words, copies in rows:
        if _of_words(db, number) != words:
            failed.add("fulltext")
        if _of_copies(db, number) != copies:
            failed.add("copies")
    return failed


def _groups_stored(db: sqlite3.Connection) -> dict[str, str]:
    """Return the checksums that are kept in meta, none where they can't be read."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    try:
        return dict(json.loads(row[0])) if row else {}
    except (ValueError, TypeError):
        return {}


def _numbers(
    db: sqlite3.Connection, statement: str, among: Collection[int]
) -> set[int]:
    rows = db.execute(
        f"{statement} (SELECT value FROM json_each(?))",  # noqa: S608  # fixed texts
        (json.dumps(list(among)),),
    )
    return {row[0] for row in rows}


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


def _of_words(db: sqlite3.Connection, number: int) -> str:
    rows = "WHERE id IN (SELECT id FROM passages WHERE article = ?) ORDER BY id"
    return _checksum(db, "passages_fts_docsize", rows=rows, value=number)


def _of_copies(db: sqlite3.Connection, number: int) -> str:
    texts = _checksum(db, "texts", rows="WHERE article = ?", value=number)
    rows = "WHERE article = ? ORDER BY band"
    of_bands = _checksum(db, "bands", rows=rows, value=number)
    rows = "WHERE article = ? ORDER BY other"
    pairs = _checksum(db, "copies", rows=rows, value=number)
    # A third of each is enough, and keeps the row short.
    return f"{texts[:21]}{of_bands[:21]}{pairs[:21]}"


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
    kinds = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
    names = list(kinds)
    columns = [
        f"CAST({name} AS BLOB)" if kind == "TEXT" else name
        for name, kind in kinds.items()
    ]
    checksum = hashlib.sha256()
    for row in db.execute(f"SELECT {', '.join(columns)} FROM {table} {rows}", (value,)):  # noqa: S608  # fixed texts
        for name, field in zip(names, row, strict=True):
            if name in LATER and field == NO_NAMES:
                continue
            if isinstance(field, bytes):
                mark, data = b"=", field
            else:
                mark, data = b"~", repr(field).encode()
            checksum.update(b"%s%d:" % (mark, len(data)))  # tells where a value ends
            checksum.update(data)
    return checksum.hexdigest()
