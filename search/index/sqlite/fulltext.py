"""The full text as it is written: words by passage, and the vocabulary, both derived
from the passages. Questions are asked of it in search/index/sqlite/words/.

The tables contain the words of search/text/tokenizer.py, separated by spaces, in the
languages of the articles; the text itself is stored once, in passages. Whenever the
tokenizer changes, all of it is derived again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from search.index.lexicon import WORDS_VERSION, Fields, fields
from search.index.sqlite.checksums.segments import leave_merging_to_us, merge_all
from search.text.tokenizer import vocabulary

VERSION = WORDS_VERSION
"""The tokenizer that made the words. A contentless table is given what it is to
forget, so all rows must be made by one."""

_TABLES = """
DROP TABLE passages_fts;
DROP TABLE IF EXISTS vocabulary_words;
DROP TABLE IF EXISTS vocabulary;
DELETE FROM meta WHERE key = 'seal';
-- Every byte beyond ASCII is a letter here, and so are the signs that the tokenizer leaves in words.
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    title, heading, note, text, forms, content = '', tokenize = "ascii tokenchars '_#\\.<>+-'"
);
-- The words of each article as they are written, each with its language; vocabulary_words counts articles.
CREATE VIRTUAL TABLE vocabulary USING fts5 (
    words, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '_/'"
);
CREATE VIRTUAL TABLE vocabulary_words USING fts5vocab (vocabulary, row);
"""


class IndexedText(NamedTuple):
    """A passage as far as the full text goes; ``heading`` is the path as JSON."""

    title: str
    heading: str
    text: str
    is_note: bool
    language: str


class FullText:
    """The full text over one SQLite connection; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, article: int, passages: Iterable[tuple[int, IndexedText]]) -> None:
        """Index an article's passages, each under its id."""
        rows = list(passages)
        self._db.executemany(
            "INSERT INTO passages_fts (rowid, title, heading, note, text, forms) VALUES (?, ?, ?, ?, ?, ?)",
            [(number, *_words(written)) for number, written in rows],
        )
        self._db.execute(
            "INSERT INTO vocabulary (rowid, words) VALUES (?, ?)",
            (article, _vocabulary_of(written for _, written in rows)),
        )

    def drop(self, article: int, passages: Iterable[tuple[int, IndexedText]]) -> None:
        """Remove them: a contentless table has to be given its values again."""
        rows = list(passages)
        self._db.executemany(
            "INSERT INTO passages_fts (passages_fts, rowid, title, heading, note, text, forms)"
            " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            [(number, *_words(written)) for number, written in rows],
        )
        self._db.execute(
            "INSERT INTO vocabulary (vocabulary, rowid, words) VALUES ('delete', ?, ?)",
            (article, _vocabulary_of(written for _, written in rows)),
        )

    def merge(self) -> None:
        """Leave no word of what was dropped, in a transaction.

        FTS5 keeps it in older segments until they are merged. Its own option for this,
        secure-delete, writes a form that SQLite before 3.42 can't read.
        """
        merge_all(self._db)

    def rederive(self) -> bool:
        """Derive all of it again, in one transaction, where another tokenizer wrote it;
        the index then needs checksums again. Returns False where nothing was to do."""
        found = self._db.execute(
            "SELECT value FROM meta WHERE key = 'fulltext'"
        ).fetchone()
        if found and found[0] == VERSION:
            return False
        self._db.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
        leave_merging_to_us(self._db)
        rows = self._db.execute(
            "SELECT p.article, p.id, a.title, p.heading, p.text, p.is_note, a.language FROM passages p"
            " JOIN articles a ON a.id = p.article ORDER BY p.article, p.id"
        )
        for article, passages in groupby(rows, lambda row: row[0]):
            self.put(article, [(row[1], IndexedText(*row[2:])) for row in passages])
        self._db.execute(
            "INSERT INTO meta VALUES ('fulltext', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (VERSION,),
        )
        self._db.execute("COMMIT")
        return True


def _words(written: IndexedText) -> Fields:
    return fields(
        written.title,
        " ".join(json.loads(written.heading)),
        written.text,
        language=written.language,
        is_note=written.is_note,
    )


def _vocabulary_of(passages: Iterable[IndexedText]) -> str:
    """Return the words of an article's passages, each once, as ``de/bearbeitung``."""
    texts = {
        text: written.language
        for written in passages
        for text in (written.title, written.text)
    }
    return " ".join(
        sorted(
            {
                f"{code}/{word}"
                for text, code in texts.items()
                for word in vocabulary(text)
            }
        )
    )
