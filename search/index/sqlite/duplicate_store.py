"""The SQLite room of copies: which articles are one text, and which of them stands for
it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.text.near_duplicates import (
    SIGNATURE_VERSION,
    Text,
    are_same,
    bands,
    representatives,
    text_of,
)
from search.types import Block

COMPARED = 20  # candidates a text, those with most bands in common first: a bound for boilerplate
AT_HAND = 500  # texts that are kept while candidates are compared


@dataclass(frozen=True, slots=True)
class Copies:
    """One text under several addresses: the article that stands for it, and the address
    of each article."""

    representative: int
    addresses: dict[int, str]

    def others(self, number: int) -> tuple[str, ...]:
        """The addresses but for this article's, that of the representative first."""
        return tuple(url for member, url in self.addresses.items() if member != number)


def copies_of(db: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Copies]:
    """Those of these articles that have copies, and all of their copies, each with the
    whole of its text."""
    rows = db.execute(
        "SELECT t.same_as, t.article, a.url FROM texts t JOIN articles a ON a.id = t.article"
        " WHERE t.same_as IN (SELECT same_as FROM texts WHERE article IN (SELECT value FROM json_each(?)))"
        " ORDER BY t.article != t.same_as, a.url",
        (json.dumps(list(numbers)),),
    )
    found: dict[int, Copies] = {}
    for representative, number, url in rows:
        found[number] = found.get(representative) or Copies(representative, {})
        found[number].addresses[number] = url
    return found


def is_behind(db: sqlite3.Connection) -> bool:
    """Whether there are articles whose texts were not compared yet, as in an index of
    an older program."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM articles"
        " WHERE id NOT IN (SELECT article FROM texts WHERE version = ?))",
        (SIGNATURE_VERSION,),
    ).fetchone()
    return bool(row[0])


def find_copies(db: sqlite3.Connection) -> None:
    """Compare the texts that are new or have changed, and say anew who stands for whom;
    the transaction is the caller's."""
    db.execute("DELETE FROM texts WHERE version != ?", (SIGNATURE_VERSION,))
    new = db.execute(
        "SELECT id FROM articles WHERE id NOT IN (SELECT article FROM texts) ORDER BY id"
    )
    text = lru_cache(AT_HAND)(lambda number: _text(db, number))
    for (number,) in new.fetchall():
        _compare(db, number, text)
    _appoint(db)


def _compare(db: sqlite3.Connection, number: int, text: Callable[[int], Text]) -> None:
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


def _appoint(db: sqlite3.Connection) -> None:
    """The article that was published first stands for the text; of those of one day, or
    without one, that with the shortest address."""
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


def _text(db: sqlite3.Connection, number: int) -> Text:
    title, blocks = db.execute(
        "SELECT title, blocks FROM articles WHERE id = ?", (number,)
    ).fetchone()
    return text_of(title, [Block(*values) for values in json.loads(blocks)])
