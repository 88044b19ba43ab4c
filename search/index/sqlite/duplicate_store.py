"""Near-duplicates: the articles that are one text, and the one that represents it.

Comparing two texts is the work of search/text/near_duplicates.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache

from search.index.sqlite.articles import blocks_of
from search.port_values import Duplicates
from search.text.near_duplicates import (
    SIGNATURE_VERSION,
    ComparedText,
    are_same,
    bands,
    compared_text,
    representatives,
)

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
    """Tell if texts were not compared yet, as in an index of an older program."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM articles"
        " WHERE id NOT IN (SELECT article FROM texts WHERE version = ?))",
        (SIGNATURE_VERSION,),
    ).fetchone()
    return bool(row[0])


def find_duplicates(db: sqlite3.Connection) -> None:
    """Compare the texts that are new or have changed, and choose the representatives
    again; the transaction is the caller's."""
    db.execute("DELETE FROM texts WHERE version != ?", (SIGNATURE_VERSION,))
    new = db.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM texts) ORDER BY id"
    )
    text = lru_cache(CACHED)(lambda number: _text(db, number))
    for (number,) in new.fetchall():
        _compare(db, number, text)
    _choose_representatives(db)


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


def _choose_representatives(db: sqlite3.Connection) -> None:
    """Let the article that was published first represent a text; of those of one day,
    or without one, that with the shortest address."""
    pairs = db.execute("SELECT article, other FROM copies").fetchall()
    order = db.execute(
        "SELECT id FROM articles WHERE id IN (SELECT article FROM copies UNION SELECT other FROM copies)"
        " ORDER BY published IS NULL, published, length(url), url"
    ).fetchall()
    now = representatives((row[0] for row in order), (tuple(pair) for pair in pairs))
    before = dict(
        db.execute(
            "SELECT article, same_as FROM texts WHERE same_as IS NOT NULL"
        ).fetchall()
    )
    changed = {
        number
        for number in now.keys() | before.keys()
        if now.get(number) != before.get(number)
    }
    db.executemany(
        "UPDATE texts SET same_as = ? WHERE article = ?",
        [(now.get(number), number) for number in changed],
    )


def _text(db: sqlite3.Connection, number: int) -> ComparedText:
    title, blocks = db.execute(
        "SELECT title, blocks FROM articles WHERE id = ?", (number,)
    ).fetchone()
    return compared_text(title, blocks_of(blocks))
