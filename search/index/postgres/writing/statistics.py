"""The statistics of all articles: how many passages contain a token, how many articles a
word or a language.

They change by differences, in the transaction of the rows that they count, while the
row of ``state`` is locked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from search.index.postgres.connection import Connection
from search.text.folding import fold
from search.text.tokenizer import vocabulary

# Letters: what is longer is no word, and a B-tree takes 2,700 bytes.
LONGEST_WORD = 200
BEGINNING = 2  # letters by which a misspelt word is looked up
T = TypeVar("T")


@dataclass(slots=True)
class Difference:
    """By how many more passages contain each token, and by how many more articles are
    of each language or contain each of its words, by language and word."""

    terms: Counter[str] = field(default_factory=Counter)
    vocabulary: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, other: Difference) -> None:
        """Add what another one counts."""
        self.terms.update(other.terms)
        self.vocabulary.update(other.vocabulary)
        self.languages.update(other.languages)

    def subtract(self, other: Difference) -> None:
        """Take away what another one counts."""
        self.terms.subtract(other.terms)
        self.vocabulary.subtract(other.vocabulary)
        self.languages.subtract(other.languages)


def article_words(texts: Iterable[str]) -> set[str]:
    """Return the words for spelling of an article's title and passages."""
    found = {word for text in texts for word in vocabulary(text)}
    return {word for word in found if len(word) <= LONGEST_WORD}


def counted(
    tokens: Iterable[Iterable[str]], words: Iterable[str], language: str
) -> Difference:
    """Return what one article counts: ``tokens`` are those of each passage."""
    return Difference(
        Counter(token for one in tokens for token in one),
        Counter((language, word) for word in words),
        Counter([language]),
    )


def stored_counts(connection: Connection, article: int, site: int) -> Difference:
    """Return what a stored article counts."""
    # As they were stored: another tokenizer may have made them.
    tokens = connection.execute(
        "SELECT lexeme, count(*) FROM passage_words, unnest(words)"
        " WHERE article = %s AND site = %s GROUP BY lexeme",
        (article, site),
    ).fetchall()
    row = connection.execute(
        "SELECT title, language, ARRAY(SELECT p.text FROM passages p WHERE p.article = a.id"
        " AND p.site = a.site) FROM articles a WHERE id = %s AND site = %s",
        (article, site),
    ).fetchone()
    if row is None:
        return Difference()
    title, language, texts = row
    words = article_words([title, *texts]) if texts else ()
    found = counted((), words, language)
    found.terms.update(dict(tokens))
    return found


def apply(connection: Connection, change: Difference) -> None:
    """Add a difference to what is counted."""
    _apply_terms(connection, change.terms)
    _apply_vocabulary(connection, change.vocabulary)
    _apply_languages(connection, change.languages)


def _apply_terms(connection: Connection, terms: Counter[str]) -> None:
    changed = _changed(terms)
    if not changed:
        return
    connection.execute(
        "INSERT INTO terms SELECT * FROM unnest(%s::text[], %s::bigint[])"
        " ON CONFLICT (token) DO UPDATE SET passages = terms.passages + excluded.passages",
        (list(changed), list(changed.values())),
    )
    if fewer := [token for token, count in changed.items() if count < 0]:
        connection.execute(
            "DELETE FROM terms WHERE token = ANY(%s) AND passages <= 0", (fewer,)
        )


def spelling_rows(
    counts: Mapping[tuple[str, str], int],
) -> list[tuple[str, str, str, int, int]]:
    """Return the rows of vocabulary for words by their language."""
    rows = []
    for (language, word), articles in counts.items():
        plain = fold(word)
        rows.append((language, word, plain[:BEGINNING], len(plain), articles))
    return rows


def _apply_vocabulary(connection: Connection, counts: Counter[tuple[str, str]]) -> None:
    changed = _changed(counts)
    if not changed:
        return
    connection.execute(
        "INSERT INTO vocabulary (language, word, beginning, length, articles)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::bigint[])"
        " ON CONFLICT (word, language)"
        " DO UPDATE SET articles = vocabulary.articles + excluded.articles",
        tuple(map(list, zip(*spelling_rows(changed), strict=True))),
    )
    if fewer := [entry for entry, count in changed.items() if count < 0]:
        codes, gone = map(list, zip(*fewer, strict=True))
        connection.execute(
            "DELETE FROM vocabulary v USING unnest(%s::text[], %s::text[]) AS f (language, word)"
            " WHERE v.word = f.word AND v.language = f.language AND v.articles <= 0",
            (codes, gone),
        )


def _apply_languages(connection: Connection, counts: Counter[str]) -> None:
    changed = _changed(counts)
    if not changed:
        return
    connection.execute(
        "INSERT INTO languages SELECT * FROM unnest(%s::text[], %s::bigint[])"
        " ON CONFLICT (language) DO UPDATE SET articles = languages.articles + excluded.articles",
        (list(changed), list(changed.values())),
    )
    # There are a few dozen at the most.
    connection.execute("DELETE FROM languages WHERE articles <= 0")


def _changed(counts: Counter[T]) -> dict[T, int]:
    return {entry: count for entry, count in counts.items() if count}
