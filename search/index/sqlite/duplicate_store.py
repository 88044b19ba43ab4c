"""Near-duplicates: the articles that are one text, and the one that represents it.

Comparing two texts is the work of search/text/near_duplicates.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from search.index.stored_blocks import blocks_of
from search.port_values import Duplicates
from search.text.near_duplicates import (
    SIGNATURE_VERSION,
    ComparedText,
    are_same,
    bands,
    compared_text,
    representatives,
)

KEY = "texts"  # in meta: the version of the signatures by which all were compared
# Candidates that a text is compared with, those with most bands in common first: a
# bound for boilerplate.
COMPARED = 20
CACHED = 500  # texts that are kept in memory while candidates are compared


def duplicates_of(
    db: sqlite3.Connection, articles: Sequence[int]
) -> dict[int, Duplicates]:
    """Return all near-duplicates of those of these articles that have any, by the id
    of each."""
    rows = db.execute(
        "SELECT t.same_as, t.article, a.url FROM texts t JOIN articles a ON a.id = t.article"
        " WHERE t.same_as IN (SELECT same_as FROM texts WHERE article IN (SELECT value FROM json_each(?)))"
        " ORDER BY t.article != t.same_as, a.url",
        (json.dumps(list(articles)),),
    )
    found: dict[int, Duplicates] = {}
    for representative, number, url in rows:
        # The representative comes first.
        found[number] = found.get(representative) or Duplicates(representative, {})
        found[number].addresses[number] = url
    return found


def is_behind(db: sqlite3.Connection) -> bool:
    """Tell if texts are to be compared as a whole, as in an index of an older program."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    return row is None or row[0] != str(SIGNATURE_VERSION)


def find_duplicates(db: sqlite3.Connection) -> None:
    """Compare all texts that were not compared yet, and choose all representatives
    again; the transaction is the caller's."""
    db.execute("DELETE FROM texts WHERE version != ?", (SIGNATURE_VERSION,))
    new = db.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM texts) ORDER BY id"
    )
    _compare_all(db, [number for (number,) in new])
    _choose_representatives(
        db, [row[0] for row in db.execute("SELECT article FROM texts")]
    )
    db.execute(
        "INSERT INTO meta VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (KEY, str(SIGNATURE_VERSION)),
    )


def compare_changed(db: sqlite3.Connection, numbers: Collection[int]) -> set[int]:
    """Compare those of these articles whose text has changed; choose the
    representatives of all that are alike them again. Returns the articles whose
    duplicates may be others now; the transaction is the caller's."""
    among = json.dumps(list(numbers))
    new = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        " AND id NOT IN (SELECT article FROM texts) ORDER BY id",
        (among,),
    )
    _compare_all(db, [number for (number,) in new])
    affected = _alike(db, numbers)
    _choose_representatives(db, affected)
    return affected


def _alike(db: sqlite3.Connection, numbers: Collection[int]) -> set[int]:
    """Return these articles with all that are joined to them by pairs."""
    found = set(numbers)
    newest = found
    while newest:
        rows = db.execute(
            "SELECT other FROM copies WHERE article IN (SELECT value FROM json_each(?1))"
            " UNION SELECT article FROM copies"
            " WHERE other IN (SELECT value FROM json_each(?1))",
            (json.dumps(list(newest)),),
        )
        newest = {row[0] for row in rows} - found
        found |= newest
    return found


def _compare_all(db: sqlite3.Connection, numbers: Sequence[int]) -> None:
    text = lru_cache(CACHED)(lambda number: _text(db, number))
    for number in numbers:
        _compare(db, number, text)


def _compare(
    db: sqlite3.Connection, number: int, text: Callable[[int], ComparedText]
) -> None:
    found = bands(text(number))
    candidates = db.execute(
        "SELECT article FROM bands WHERE band IN (SELECT value FROM json_each(?))"
        " GROUP BY article ORDER BY count(*) DESC, article LIMIT ?",
        (json.dumps(found), COMPARED),
    ).fetchall()
    same = [other for (other,) in candidates if are_same(text(number), text(other))]
    db.execute(
        "INSERT INTO texts (article, version) VALUES (?, 0)", (number,)
    )  # 0 till all of it is there
    db.executemany(
        "INSERT INTO bands (band, article) VALUES (?, ?)",
        [(band, number) for band in found],
    )
    db.executemany(
        "INSERT INTO copies (article, other) VALUES (?, ?)",
        [(number, other) for other in same],
    )
    db.execute(
        "UPDATE texts SET version = ? WHERE article = ?", (SIGNATURE_VERSION, number)
    )


def _choose_representatives(db: sqlite3.Connection, among: Collection[int]) -> None:
    """Let the article that was published first represent a text; of those of one day,
    or without one, that with the shortest address. All that are alike one of these
    articles are among them."""
    these = json.dumps(list(among))
    within = "(SELECT value FROM json_each(?))"
    pairs = db.execute(
        f"SELECT article, other FROM copies WHERE article IN {within}",  # noqa: S608  # fixed text
        (these,),
    ).fetchall()
    paired = json.dumps(list({number for pair in pairs for number in pair}))
    order = db.execute(
        f"SELECT id FROM articles WHERE id IN {within}"  # noqa: S608  # as above
        " ORDER BY published IS NULL, published, length(url), url",
        (paired,),
    ).fetchall()
    now = representatives((row[0] for row in order), (tuple(pair) for pair in pairs))
    before = db.execute(
        f"SELECT article, same_as FROM texts WHERE article IN {within}",  # noqa: S608  # as above
        (these,),
    )
    changed = [
        (now.get(number), number)
        for number, same_as in before.fetchall()
        if now.get(number) != same_as
    ]
    db.executemany("UPDATE texts SET same_as = ? WHERE article = ?", changed)


def _text(db: sqlite3.Connection, number: int) -> ComparedText:
    title, blocks = db.execute(
        "SELECT title, blocks FROM articles WHERE id = ?", (number,)
    ).fetchone()
    return compared_text(title, blocks_of(blocks))
