"""A snapshot of the embedded index: the reading half of the port, over SQLite and FAISS.

It changes nothing; its transaction is begun and ended by search/index/sqlite/home.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np

from search.coverage_report import Coverage
from search.index.both_retrievers import candidates_of
from search.index.lexicon import lexical_bound
from search.index.sqlite import addresses, connection
from search.index.sqlite.articles import ArticleStore
from search.index.sqlite.duplicate_store import duplicates_of
from search.index.sqlite.kept import Kept
from search.index.sqlite.meta_store import read_coverage, read_standing
from search.index.sqlite.schema import names_columns
from search.index.sqlite.scopes.passages import Scopes
from search.index.sqlite.token_store import TokenStore
from search.index.sqlite.vectors.view import VectorView
from search.index.sqlite.words.kept import filled
from search.index.sqlite.words.matches import Matches
from search.index.sqlite.words.vocabulary import Vocabulary
from search.index.stored_records import all_texts
from search.index.stored_rows import names_from
from search.index.stored_vectors import products, vectors_of
from search.manifest import Manifest
from search.port_values import (
    EVERYTHING,
    Candidates,
    Duplicates,
    Ids,
    Labels,
    LexicalQuery,
    Sample,
    Scope,
    StoredPassage,
    TokenBits,
    Vectors,
)
from search.standing import Standing
from search.types import Article, Evidence, Filters, IndexStatus


class SqliteSnapshot:
    """The Snapshot of one transaction: rows and vectors that belong together.

    ``stored`` are the rows, and ``connection`` is what they are read by, for what looks
    after the files; nothing above search/index/ uses them. ``kept`` is what other
    snapshots of the same generation found out.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        manifest: Manifest,
        vectors: VectorView | None = None,
        kept: Kept | None = None,
    ) -> None:
        self.connection = self._db = db
        self.manifest = manifest
        self._vectors = vectors
        self.stored = ArticleStore(db)
        kept = kept or Kept()
        self._kept = kept.words
        self._matches = Matches(db, self._kept, passages=manifest.passages)
        self._vocabulary = Vocabulary(db, self._kept)
        self._scopes = Scopes(db, kept.labels)
        self._tokens = TokenStore(db, manifest.dimension)
        self._allowed: dict[Scope, Ids | None] = {EVERYTHING: None}

    @property
    def vectors(self) -> VectorView:
        """The vectors, for a snapshot that was given them."""
        if self._vectors is None:
            raise ValueError("this snapshot is only read by its rows")
        return self._vectors

    def time_limit(self, seconds: float) -> AbstractContextManager[None]:
        return connection.time_limit(seconds)

    # Retrieval

    def nearest(
        self, vector: Vectors, k: int, scope: Scope = EVERYTHING
    ) -> tuple[Ids, Vectors]:
        allowed = self._ids_in(scope)
        return self.vectors.nearest(vector, k, allowed, self.stored.vectors)

    def lexical(
        self,
        query: LexicalQuery,
        k: int,
        scope: Scope = EVERYTHING,
        *,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        return self._matches.best(query, k, self._ids_in(scope), also)

    def candidates(
        self, vector: Vectors, query: LexicalQuery, k: int, scope: Scope = EVERYTHING
    ) -> Candidates:
        return candidates_of(self, vector, query, k, scope)

    def similarities(self, ids: Sequence[int], vector: Vectors) -> dict[int, float]:
        found, vectors = self.stored.vectors(ids)
        return dict(
            zip(found.tolist(), products(vectors, vector).tolist(), strict=True)
        )

    def token_bits(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        return self._tokens.by_id(ids)

    # Words

    def document_frequencies(self, queries: Sequence[LexicalQuery]) -> list[int]:
        return self._matches.frequencies(queries)

    def lexical_bound(self, frequencies: Sequence[int]) -> float:
        return lexical_bound(frequencies, self.manifest.passages)

    def languages(self) -> tuple[str, ...]:
        return self._vocabulary.languages()

    def languages_of(self, text: str) -> tuple[str, ...]:
        return self._vocabulary.languages_of(text)

    def articles_with(
        self, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        return self._vocabulary.articles_with(words, languages)

    def similar_words(
        self, word: str, languages: Sequence[str], edits: int
    ) -> dict[str, int]:
        return self._vocabulary.similar_words(word, languages, edits)

    # Articles

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        return self.stored.passages(ids)

    def passages_of(self, article: int) -> list[StoredPassage]:
        return self.stored.passages_of(article)

    def article_ids(self, ids: Sequence[int]) -> dict[int, int]:
        return filled(self._kept.article_of, ids, self.stored.articles_of)

    def article_vectors(
        self, articles: Sequence[int]
    ) -> dict[int, tuple[Ids, Vectors]]:
        return self.stored.vectors_of(articles)

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        return self.stored.without_blocks(ids)

    def read(
        self, articles: Sequence[int], passages: Sequence[int]
    ) -> tuple[dict[int, Article], dict[int, StoredPassage]]:
        return self.stored.articles(articles), self.stored.passages(passages)

    def labels(self, ids: Sequence[int]) -> dict[int, Labels]:
        rows = self._db.execute(
            "SELECT id, coalesce(dated, ''), iif(site = '', host, site), author, language, evidence,"  # noqa: S608
            f" {names_columns(self._db)}"  # fixed text
            " FROM articles WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        found = {}
        for number, *values in rows:
            one = Labels(*values)
            if not all_texts(*one):
                raise TypeError("a text of an article is none")
            tags, within = names_from(values[-2]), names_from(values[-1])
            found[number] = one._replace(tags=tags, collections=within)
        return found

    def article(self, url: str) -> Article | None:
        return self.stored.article(url)

    def newest(self, k: int, filters: Filters) -> list[int]:
        return self._scopes.newest(k, filters)

    def find(self, url: str) -> int | None:
        return addresses.find(self._db, url)

    def contains(self, url: str) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM articles WHERE url = ? AND evidence = 'article'", (url,)
        )
        return found.fetchone() is not None

    def duplicates(self, articles: Sequence[int]) -> dict[int, Duplicates]:
        return duplicates_of(self._db, articles)

    # The whole

    def urls(self) -> list[str]:
        return self.stored.urls()

    def evidence(self) -> dict[str, Evidence]:
        return self.stored.evidence()

    def sample(self, count: int) -> Sample:
        rows = self._db.execute(
            "SELECT id, article, vector FROM passages"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (self._spread("passages", max(1, self.manifest.passages // count)),),
        ).fetchall()
        vectors = np.empty((0, self.manifest.dimension), np.float32)
        if rows:
            vectors = vectors_of([row[2] for row in rows])
        return Sample(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            vectors,
        )

    def sample_titles(self, count: int) -> list[tuple[str, list[int]]]:
        rows = self._db.execute(
            "SELECT a.title, json_group_array(p.id) FROM articles a JOIN passages p ON p.article = a.id"
            " WHERE a.id IN (SELECT value FROM json_each(?)) AND a.title != '' GROUP BY a.id",
            (self._spread("articles", max(1, self.manifest.articles // count)),),
        )
        return [(title, json.loads(ids)) for title, ids in rows]

    def _spread(self, table: str, step: int) -> str:
        """Return the ids at even distances that a table may have, as JSON."""
        # By id and not by chance, so that a generation always gives the same ones.
        (last,) = self._db.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608  # fixed names
        return json.dumps(list(range(step, (last or 0) + 1, step)))

    def status(self) -> IndexStatus:
        known = self.manifest
        return IndexStatus(
            known.articles,
            known.passages,
            self._sites(),
            self._years(),
            known.updated,
            known.model,
        )

    def coverage(self) -> tuple[Coverage, ...]:
        return read_coverage(self._db)

    def standing(self) -> Standing:
        return read_standing(self._db)

    def arrived(self, after: int, upto: int) -> list[int]:
        rows = self._db.execute(
            "SELECT id FROM articles WHERE id > ? AND id <= ? ORDER BY id",
            (after, upto),
        )
        return [row[0] for row in rows]

    def _ids_in(self, scope: Scope) -> Ids | None:
        """Return the ids of a scope, which one question asks for twice."""
        if scope not in self._allowed:
            self._allowed[scope] = self._scopes.passages(scope, self.languages())
        return self._allowed[scope]

    def _sites(self) -> tuple[tuple[str, int], ...]:
        """Count the articles of each site, most articles first; sites without a name go
        by their host."""
        rows = self._db.execute(
            "SELECT iif(site = '', host, site) AS name, count(*) AS articles FROM articles"
            " GROUP BY name HAVING name != '' ORDER BY articles DESC, name"
        )
        return tuple((name, articles) for name, articles in rows)

    def _years(self) -> tuple[int, ...]:
        """Return the years that articles are from, newest first."""
        rows = self._db.execute(
            "SELECT DISTINCT substr(dated, 1, 4) FROM articles WHERE dated IS NOT NULL"
        )
        return tuple(sorted((int(row[0]) for row in rows), reverse=True))
