"""Articles and passages by id, read once a question: what was fetched along with
something else isn't asked for again.

It ranks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from search.index.postgres.reading.transaction import Row, Statement, Transaction
from search.index.postgres.rows import (
    ARTICLE,
    PASSAGE,
    VECTOR,
    WITHOUT_BLOCKS,
    article_of,
    stored_passage_of,
    token_bits_of,
    vectors_of_rows,
)
from search.port_values import Duplicates, Labels, StoredPassage, TokenBits, Vectors
from search.types import Article

Value = TypeVar("Value")

_ARTICLES = (
    f"SELECT a.id, {ARTICLE} FROM articles a JOIN bylines b ON b.id = a.byline"
    " WHERE a.id = ANY(%(ids)s) ORDER BY a.id"
)
_WITHOUT_BLOCKS = _ARTICLES.replace(ARTICLE, WITHOUT_BLOCKS)
_PASSAGES = (
    f"SELECT p.id, {PASSAGE} FROM passages p WHERE p.id = ANY(%(ids)s) ORDER BY p.id"
)
# From the words: the row of a passage has its text and its vector.
_OWNERS = "SELECT p.id, p.article FROM passage_words p WHERE p.id = ANY(%(ids)s)"
_VECTORS = f"SELECT p.id, {VECTOR} FROM passages p WHERE p.id = ANY(%(ids)s)"
# A passage of an older index may have none until that is rebuilt.
_TOKENS = "SELECT passage, counts, bits FROM tokens WHERE passage = ANY(%(ids)s) AND bits != ''"
_LABELS = (
    "SELECT a.id, a.dated, coalesce(nullif(b.site, ''), b.host), b.author, a.language, a.evidence,"
    " a.tags, a.collections"
    " FROM articles a JOIN bylines b ON b.id = a.byline WHERE a.id = ANY(%(ids)s)"
)
_DUPLICATES = (
    "SELECT t.same_as, t.article, a.url FROM texts t JOIN articles a ON a.id = t.article"
    " WHERE t.same_as IN (SELECT same_as FROM texts WHERE article = ANY(%(ids)s))"
    " ORDER BY t.article != t.same_as, a.url"
)


class Lookup:
    """The rows of one generation by id, over one transaction."""

    def __init__(self, transaction: Transaction, dimension: int) -> None:
        self._transaction = transaction
        self._dimension = dimension
        self._owners: dict[int, int | None] = {}
        self._vectors: dict[int, Vectors | None] = {}
        self._tokens: dict[int, TokenBits | None] = {}
        self._labels: dict[int, Labels | None] = {}
        self._duplicates: dict[int, Duplicates | None] = {}

    def take_owners(self, owners: Mapping[int, int]) -> None:
        """Take up the articles of passages that were read elsewhere."""
        self._owners.update(owners)

    def foresee(self, passages: Sequence[int], articles: Sequence[int]) -> None:
        """Read together the vectors of these passages, and the labels and
        near-duplicates of these articles."""
        answers = self._transaction.together(
            [
                _asked(_VECTORS, passages),
                _asked(_LABELS, articles),
                _asked(_DUPLICATES, articles),
            ]
        )
        _keep(self._vectors, passages, self._read_vectors(answers[0]))
        _keep(self._labels, articles, _read_labels(answers[1]))
        _keep(self._duplicates, articles, _read_duplicates(answers[2]))

    def owners(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the article of each of these passages."""
        return self._filled(
            self._owners, ids, _OWNERS, lambda rows: {row[0]: row[1] for row in rows}
        )

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vector of each of these passages, shape (dimension,)."""
        return self._filled(self._vectors, ids, _VECTORS, self._read_vectors)

    def token_bits(self, ids: Sequence[int]) -> dict[int, TokenBits]:
        """Return the tokens of those of these passages that have any."""
        return self._filled(self._tokens, ids, _TOKENS, self._read_tokens)

    def labels(self, ids: Sequence[int]) -> dict[int, Labels]:
        """Return what these articles are counted and ordered by."""
        return self._filled(self._labels, ids, _LABELS, _read_labels)

    def duplicates(self, ids: Sequence[int]) -> dict[int, Duplicates]:
        """Return all near-duplicates of those of these articles that have any."""
        # Those of one text have one value: it is spread over all of its articles.
        own = self._filled(self._duplicates, ids, _DUPLICATES, _read_duplicates)
        found: dict[int, Duplicates] = {}
        for duplicates in own.values():
            found |= dict.fromkeys(duplicates.addresses, duplicates)
        return found

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return these passages by id."""
        return _read_passages(self._transaction.rows(*_asked(_PASSAGES, ids)))

    def articles(self, ids: Sequence[int]) -> dict[int, Article]:
        """Return these articles by id, without their blocks."""
        return _read_articles(self._transaction.rows(*_asked(_WITHOUT_BLOCKS, ids)))

    def read(
        self, articles: Sequence[int], passages: Sequence[int]
    ) -> tuple[dict[int, Article], dict[int, StoredPassage]]:
        """Return these articles with their blocks, and these passages, each by id."""
        of_articles, of_passages = self._transaction.together(
            [_asked(_ARTICLES, articles), _asked(_PASSAGES, passages)]
        )
        return _read_articles(of_articles), _read_passages(of_passages)

    def _filled(
        self,
        known: dict[int, Value | None],
        ids: Sequence[int],
        statement: str,
        read: Callable[[Sequence[Row]], Mapping[int, Value]],
    ) -> dict[int, Value]:
        """Return the values of these ids; those that are not known are read, and
        kept."""
        missing = [number for number in ids if number not in known]
        if missing:
            rows = self._transaction.rows(*_asked(statement, missing))
            _keep(known, missing, read(rows))
        found = {number: known[number] for number in ids}
        return {number: value for number, value in found.items() if value is not None}

    def _read_vectors(self, rows: Sequence[Row]) -> dict[int, Vectors]:
        vectors = vectors_of_rows([row[1:] for row in rows], self._dimension)
        return {row[0]: vector for row, vector in zip(rows, vectors, strict=True)}

    def _read_tokens(self, rows: Sequence[Row]) -> dict[int, TokenBits]:
        return {
            number: token_bits_of(counts, bits, self._dimension)
            for number, counts, bits in rows
        }


def _asked(statement: str, ids: Iterable[int]) -> Statement:
    return statement, {"ids": list(map(int, ids))}


def _keep(
    known: dict[int, Value | None], asked: Iterable[int], found: Mapping[int, Value]
) -> None:
    # None of those that have no row: they aren't asked for again.
    known.update(dict.fromkeys(asked))
    known.update(found)


def _read_labels(rows: Sequence[Row]) -> dict[int, Labels]:
    found = {number: Labels(*values) for number, *values in rows}
    return {
        number: one._replace(tags=tuple(one.tags), collections=tuple(one.collections))
        for number, one in found.items()
    }


def _read_duplicates(rows: Sequence[Row]) -> dict[int, Duplicates]:
    found: dict[int, Duplicates] = {}
    for representative, number, url in rows:
        # The representative comes first.
        found[number] = found.get(representative) or Duplicates(representative, {})
        found[number].addresses[number] = url
    return found


def _read_passages(rows: Sequence[Row]) -> dict[int, StoredPassage]:
    return {row[0]: stored_passage_of(row[1:]) for row in rows}


def _read_articles(rows: Sequence[Row]) -> dict[int, Article]:
    return {row[0]: article_of(row[1:]) for row in rows}
