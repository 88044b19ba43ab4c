"""Articles and their passages with vectors, as rows of one SQLite connection.

Transactions are the caller's. Full text and tokens change together with the rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np

from search.index.sqlite.changes import Changes
from search.index.sqlite.fulltext import FullText, IndexedText
from search.index.sqlite.schema import names_columns
from search.index.stored_blocks import dump, stored_blocks, stored_notes
from search.index.stored_rows import article_of, passage_of, stored_names
from search.index.stored_vectors import stored_vector, vectors_of
from search.port_values import Ids, Names, StoredPassage, Vectors
from search.types import Article, Evidence, Passage

ROWS_AT_ONCE = 4096  # 6 MB of vectors in memory


class ArticleStore:
    """The stored articles and passages, over one SQLite connection.

    ``changes`` tells what was done through it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._names = names_columns(connection)
        self.fulltext = FullText(connection)
        self.changes = Changes()

    def counts(self) -> tuple[int, int]:
        """Count the articles and the passages."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        ).fetchone()
        return int(row[0]), int(row[1])

    def put(
        self,
        article: Article,
        passages: Sequence[Passage],
        *,
        keys: Sequence[str],
        vectors: Vectors,
    ) -> tuple[list[int], list[int]]:
        """Store an article in place of the one at its address; return the ids of the
        passages removed and of those added."""
        self.changes.begin(self._db, article.url)
        removed = self._drop_passages(article.url)
        number = self._put_article(article)
        added: list[int] = []
        written: list[IndexedText] = []
        rows = zip(passages, keys, vectors, strict=True)
        for position, (passage, key, vector) in enumerate(rows):
            heading = dump(passage.heading)
            cursor = self._db.execute(
                "INSERT INTO passages (article, position, text, heading, anchor, fragment, is_note,"
                " embedding_key, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, position, passage.text, heading, passage.anchor, passage.fragment,
                 passage.is_note, key, stored_vector(vector)),
            )  # fmt: skip
            added.append(int(cursor.lastrowid or 0))
            written.append(
                IndexedText(
                    article.title,
                    heading,
                    passage.text,
                    passage.is_note,
                    article.language,
                )
            )
        self.fulltext.put(number, zip(added, written, strict=True))
        self.changes.put(number, len(added))
        return removed, added

    def label(self, url: str, names: Names) -> None:
        """Give an article other tags and collections."""
        row = self._db.execute(
            "UPDATE articles SET tags = ?, collections = ? WHERE url = ? RETURNING id",
            (*map(stored_names, names), url),
        ).fetchone()
        if row is not None:
            self.changes.numbers.add(row[0])
            self._db.execute("DELETE FROM digests WHERE article = ?", (row[0],))

    def forget(self, url: str) -> list[int]:
        """Remove an article with its passages; return the ids of those."""
        self.changes.begin(self._db, url)
        removed = self._drop_passages(url)
        self._db.execute("DELETE FROM articles WHERE url = ?", (url,))
        return removed

    def vectors_by_key(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """Return the stored vectors of those texts that were embedded before."""
        found: dict[str, Vectors] = {}
        for key in set(keys):
            row = self._db.execute(
                "SELECT vector FROM passages WHERE embedding_key = ? LIMIT 1", (key,)
            ).fetchone()
            if row is not None:
                found[key] = vectors_of([row[0]])[0]
        return found

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Vectors]:
        """Return those ids that have passages, and their stored vectors."""
        rows = self._db.execute(
            "SELECT id, vector FROM passages"
            " WHERE id IN (SELECT value FROM json_each(?))",
            _given(ids),
        ).fetchall()
        if not rows:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        return _with_ids(rows)

    def vectors_of(self, articles: Sequence[int]) -> dict[int, tuple[Ids, Vectors]]:
        """Return the ids and vectors of the passages of each article that has any, in
        reading order."""
        rows = self._db.execute(
            "SELECT article, id, vector FROM passages"
            " WHERE article IN (SELECT value FROM json_each(?))"
            " ORDER BY article, position",
            _given(articles),
        )
        found: dict[int, tuple[Ids, Vectors]] = {}
        for number, group in groupby(rows, key=itemgetter(0)):
            passages = list(group)
            found[number] = (
                np.array([row[1] for row in passages], np.int64),
                vectors_of([row[2] for row in passages]),
            )
        return found

    def all_vectors(self, dimension: int) -> tuple[Ids, Vectors]:
        """Return every passage's id and vector: shapes (n,) and (n, dimension)."""
        rows = self._db.execute(
            "SELECT id, vector FROM passages ORDER BY id"
        ).fetchall()
        if not rows:
            return np.empty(0, np.int64), np.empty((0, dimension), np.float32)
        return _with_ids(rows)

    def vector_rows(self, after: int = 0) -> Iterator[tuple[Ids, Vectors]]:
        """Yield the ids above one, ascending, and their vectors, some thousand at a
        time; raises ValueError where they are not of one dimension."""
        while True:
            rows = self._db.execute(
                "SELECT id, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?",
                (after, ROWS_AT_ONCE),
            ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield _with_ids(rows)

    def last_passage(self) -> int:
        """Return the greatest id of a passage, 0 if there is none."""
        row = self._db.execute("SELECT ifnull(max(id), 0) FROM passages").fetchone()
        return int(row[0])

    def article(self, url: str) -> Article | None:
        """Return the article stored under this very address, with its blocks."""
        row = self._db.execute(
            f"SELECT *, {self._names} FROM articles WHERE url = ?",  # noqa: S608  # fixed text
            (url,),
        ).fetchone()
        if row:
            return article_of(row)
        return None

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        """Return these articles by id, with their blocks."""
        rows = self._db.execute(
            f"SELECT *, {self._names} FROM articles"  # noqa: S608  # fixed text
            " WHERE id IN (SELECT value FROM json_each(?))",
            _given(ids),
        )
        return {row["id"]: article_of(row) for row in rows}

    def without_blocks(self, articles: Sequence[int]) -> dict[int, Article]:
        """Return these articles by id, without their blocks."""
        rows = self._db.execute(
            "SELECT id, url, title, site, author, published, language, evidence, '[]' AS blocks, notes,"  # noqa: S608
            f" nosnippet, dead_since, archived, {self._names}"  # fixed text
            " FROM articles WHERE id IN (SELECT value FROM json_each(?))",
            _given(articles),
        )
        return {row["id"]: article_of(row) for row in rows}

    def urls(self) -> list[str]:
        """Return the addresses of all articles, oldest entry first."""
        return [
            row[0] for row in self._db.execute("SELECT url FROM articles ORDER BY id")
        ]

    def evidence(self) -> dict[str, Evidence]:
        """Return the evidence of each article by its address."""
        return dict(self._db.execute("SELECT url, evidence FROM articles").fetchall())

    def evidence_of(self, url: str) -> Evidence | None:
        """Return the evidence of the article stored under this very address."""
        row = self._db.execute(
            "SELECT evidence FROM articles WHERE url = ?", (url,)
        ).fetchone()
        if row is None:
            return None
        evidence: Evidence = row[0]
        return evidence

    def passages_of(self, article: int) -> list[StoredPassage]:
        """Return an article's passages in reading order."""
        rows = self._db.execute(
            "SELECT * FROM passages WHERE article = ? ORDER BY position", (article,)
        )
        return list(map(passage_of, rows))

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return these passages by id."""
        rows = self._db.execute(
            "SELECT * FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            _given(ids),
        )
        return {row["id"]: passage_of(row) for row in rows}

    def articles_of(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the id of the article of each of these passages."""
        rows = self._db.execute(
            "SELECT id, article FROM passages"
            " WHERE id IN (SELECT value FROM json_each(?))",
            _given(ids),
        )
        return {row[0]: row[1] for row in rows}

    def _put_article(self, article: Article) -> int:
        published = None
        if article.published:
            published = article.published.isoformat()
        row = (
            article.host, article.title, article.site, article.author,
            published, article.dated or None, article.language, article.evidence,
            stored_blocks(article.blocks),
            stored_notes(article.notes),
            article.nosnippet, article.dead_since and article.dead_since.isoformat(), article.archived,
            stored_names(article.tags), stored_names(article.collections),
        )  # fmt: skip
        number = self._db.execute(
            "INSERT INTO articles (url, host, title, site, author, published, dated, language, evidence,"
            " blocks, notes, nosnippet, dead_since, archived, tags, collections)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET"
            " host = excluded.host, title = excluded.title, site = excluded.site, author = excluded.author,"
            " published = excluded.published, dated = excluded.dated, language = excluded.language,"
            " evidence = excluded.evidence, blocks = excluded.blocks, notes = excluded.notes,"
            " nosnippet = excluded.nosnippet, dead_since = excluded.dead_since, archived = excluded.archived,"
            " tags = excluded.tags, collections = excluded.collections"
            " RETURNING id",
            (article.url, *row),
        ).fetchone()
        # The checksums of a changed article are stored again at the commit.
        self._db.execute("DELETE FROM digests WHERE article = ?", (number[0],))
        return int(number[0])

    def _drop_passages(self, url: str) -> list[int]:
        rows = self._db.execute(
            "SELECT p.article, p.id, a.title, p.heading, p.text, p.is_note, a.language FROM passages p"
            " JOIN articles a ON a.id = p.article WHERE a.url = ?",
            (url,),
        ).fetchall()
        if not rows:
            return []
        # A contentless table has to be given the words that it is to forget.
        texts = [(row[1], IndexedText(*row[2:])) for row in rows]
        self.fulltext.drop(rows[0][0], texts)
        self._db.execute("DELETE FROM passages WHERE article = ?", (rows[0][0],))
        return [number for number, _ in texts]


def _with_ids(rows: Sequence[sqlite3.Row]) -> tuple[Ids, Vectors]:
    ids = np.array([row[0] for row in rows], np.int64)
    return ids, vectors_of([row[1] for row in rows])


def _given(ids: Sequence[int]) -> tuple[str]:
    """Return ids as one value, so that one statement does for any number of them."""
    return (json.dumps(list(map(int, ids))),)
