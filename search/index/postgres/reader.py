"""A snapshot of an index in PostgreSQL: the reading half of the port, over one
transaction.

It changes nothing. A question waits for five answers of the server: what its words need,
the candidates, what is known of them, the tokens of the best, and what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from search.coverage_report import Coverage
from search.index.lexicon import lexical_bound
from search.index.postgres.reading import fulltext, nearest
from search.index.postgres.reading.lookup import Lookup
from search.index.postgres.reading.scopes import Scopes
from search.index.postgres.reading.transaction import Row, Statement, Transaction
from search.index.postgres.reading.whole import Whole
from search.index.postgres.reading.words import Words, count_statement
from search.index.postgres.rows import (
    ARTICLE,
    PASSAGE,
    VECTOR,
    article_of,
    stored_passage_of,
    vectors_of_rows,
)
from search.index.stored_vectors import products
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

_ARTICLE = (
    f"SELECT {ARTICLE} FROM articles a JOIN bylines b ON b.id = a.byline"  # fixed text
    " WHERE a.url = %(url)s"
)
_PASSAGES_OF = f"SELECT {PASSAGE} FROM passages p WHERE p.article = %(article)s ORDER BY p.position"  # as above
_VECTORS_OF = (
    f"SELECT p.article, p.id, {VECTOR} FROM passages p"  # as above
    " WHERE p.article = ANY(%(articles)s) ORDER BY p.article, p.position"
)
_NEWEST = "SELECT a.id FROM articles a WHERE {where} ORDER BY a.dated DESC, a.id DESC LIMIT %(k)s"


class PostgresSnapshot:
    """The Snapshot of one transaction, which its home begins and ends; see the port.

    ``mean_length`` is that of all passages, in words.
    """

    def __init__(
        self,
        transaction: Transaction,
        manifest: Manifest,
        words: Words,
        *,
        mean_length: float,
    ) -> None:
        self.manifest = manifest
        self.transaction = transaction
        self._words = words
        self._mean_length = mean_length
        self._lookup = Lookup(transaction, manifest.dimension)
        self._scopes = Scopes(transaction, tuple(words.articles))
        self._whole = Whole(transaction, manifest)

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """The server bounds what each statement takes."""
        yield

    # Retrieval

    def candidates(
        self, vector: Vectors, query: LexicalQuery, k: int, scope: Scope = EVERYTHING
    ) -> Candidates:
        conditions = self._scopes.conditions(scope)
        near = nearest.statement(vector, k, conditions, passages=self.manifest.passages)
        # Both retrievers are asked at once; neither knows what the other finds.
        plan = self._plan(query, scope)
        (rows, *_), answers = self._asked([near], plan)
        found = nearest.ranked(rows, vector, k)
        cosines = dict(zip(found.ids.tolist(), found.products.tolist(), strict=True))
        owners = dict(zip(found.ids.tolist(), found.articles.tolist(), strict=True))
        scores: dict[int, float] = {}
        if plan:
            matching = fulltext.scored(plan, answers, self._words, self._mean_length)
            scores = dict(matching.best(k, cosines))
            of = dict(zip(matching.ids, matching.articles, strict=True))
            owners |= {number: of[number] for number in scores}
        # What ranking and the page will ask of these comes in one more answer.
        self._lookup.take_owners(owners)
        others = sorted(scores.keys() - cosines.keys())
        self._lookup.foresee(others, sorted(set(owners.values())))
        return Candidates(cosines | self.similarities(others, vector), scores)

    def nearest(
        self, vector: Vectors, k: int, scope: Scope = EVERYTHING
    ) -> tuple[Ids, Vectors]:
        asked = nearest.statement(
            vector,
            k,
            self._scopes.conditions(scope),
            passages=self.manifest.passages,
        )
        found = nearest.ranked(self.transaction.rows(*asked), vector, k)
        return found.ids, found.products

    def lexical(
        self,
        query: LexicalQuery,
        k: int,
        scope: Scope = EVERYTHING,
        *,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        plan = self._plan(query, scope)
        if plan is None:
            return []
        _, answers = self._asked([], plan)
        matching = fulltext.scored(plan, answers, self._words, self._mean_length)
        return matching.best(k, also)

    def similarities(self, ids: Sequence[int], vector: Vectors) -> dict[int, float]:
        found = self._lookup.vectors(ids)
        if not found:
            return {}
        values = products(np.stack(list(found.values())), vector)
        return dict(zip(found, values.tolist(), strict=True))

    def token_bits(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        return self._lookup.token_bits(ids)

    def _plan(self, query: LexicalQuery, scope: Scope) -> fulltext.Plan | None:
        if not query.clauses:
            return None
        self._words.know(query.clauses, query.languages)
        return fulltext.plan(query, self._scopes.conditions(scope), self._words)

    def _asked(
        self, besides: Sequence[Statement], plan: fulltext.Plan | None
    ) -> tuple[list[list[Row]], list[list[Row]]]:
        """Return the rows of some statements, and of a plan's; what has to be counted
        for it is counted on the way."""
        statements, counted = list(besides), []
        if plan:
            statements += plan.statements
            counted = self._words.uncounted(plan.query)
        answers = self.transaction.together(
            [*statements, *map(count_statement, counted)]
        )
        self._words.take_counts(counted, answers[len(statements) :])
        return answers[: len(besides)], answers[len(besides) : len(statements)]

    # Words

    def document_frequencies(self, queries: Sequence[LexicalQuery]) -> list[int]:
        return self._words.count(queries)

    def lexical_bound(self, frequencies: Sequence[int]) -> float:
        return lexical_bound(frequencies, self.manifest.passages)

    def languages(self) -> tuple[str, ...]:
        return tuple(self._words.articles)

    def languages_of(self, text: str) -> tuple[str, ...]:
        return self._words.languages_of(text)

    def articles_with(
        self, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        return self._words.articles_with(words, languages)

    def similar_words(
        self, word: str, languages: Sequence[str], edits: int
    ) -> dict[str, int]:
        return self._words.similar_words(word, languages, edits)

    # Articles

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        return self._lookup.passages(ids)

    def passages_of(self, article: int) -> list[StoredPassage]:
        rows = self.transaction.rows(_PASSAGES_OF, {"article": article})
        return list(map(stored_passage_of, rows))

    def article_ids(self, ids: Sequence[int]) -> dict[int, int]:
        return self._lookup.owners(ids)

    def article_vectors(
        self, articles: Sequence[int]
    ) -> dict[int, tuple[Ids, Vectors]]:
        rows = self.transaction.rows(_VECTORS_OF, {"articles": list(articles)})
        vectors = vectors_of_rows([row[2:] for row in rows], self.manifest.dimension)
        owners = np.array([row[0] for row in rows], np.int64)
        ids = np.array([row[1] for row in rows], np.int64)
        return {
            number: (ids[owners == number], vectors[owners == number])
            for number in np.unique(owners).tolist()
        }

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        return self._lookup.articles(ids)

    def read(
        self, articles: Sequence[int], passages: Sequence[int]
    ) -> tuple[dict[int, Article], dict[int, StoredPassage]]:
        return self._lookup.read(articles, passages)

    def labels(self, ids: Sequence[int]) -> dict[int, Labels]:
        return self._lookup.labels(ids)

    def article(self, url: str) -> Article | None:
        rows = self.transaction.rows(_ARTICLE, {"url": url})
        if rows:
            return article_of(rows[0])
        return None

    def newest(self, k: int, filters: Filters) -> list[int]:
        passing = self._scopes.of_articles(filters)
        asked = _NEWEST.format(where=passing.where)
        rows = self.transaction.rows(asked, {**passing.values, "k": k})
        return [row[0] for row in rows]

    def find(self, url: str) -> int | None:
        return self._whole.find(url)

    def contains(self, url: str) -> bool:
        rows = self.transaction.rows(
            "SELECT FROM articles WHERE url = %(url)s AND evidence = 'article'",
            {"url": url},
        )
        return bool(rows)

    def duplicates(self, articles: Sequence[int]) -> dict[int, Duplicates]:
        return self._lookup.duplicates(articles)

    # The whole

    def urls(self) -> list[str]:
        return self._whole.urls()

    def evidence(self) -> dict[str, Evidence]:
        return self._whole.evidence()

    def sample(self, count: int) -> Sample:
        return self._whole.sample(count)

    def sample_titles(self, count: int) -> list[tuple[str, list[int]]]:
        return self._whole.sample_titles(count)

    def status(self) -> IndexStatus:
        return self._whole.status()

    def coverage(self) -> tuple[Coverage, ...]:
        return self._whole.coverage()

    def standing(self) -> Standing:
        return self._whole.standing()

    def arrived(self, after: int, upto: int) -> list[int]:
        return self._whole.arrived(after, upto)
