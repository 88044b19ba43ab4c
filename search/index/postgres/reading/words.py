"""The words of an index as a question asks for them: how many passages contain a token,
how many articles a word, which words are like one.

What a question is about to ask is read together, when its transaction begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from search.index.lexicon import (
    Form,
    beginnings,
    forms_of,
    likely_languages,
)
from search.index.postgres.lexemes import any_of, form_query, words_of
from search.index.postgres.reading.transaction import Row, Statement, Transaction
from search.port_values import AnyOf, LexicalQuery, Phrase, Term
from search.text.folding import fold
from search.text.tokenizer import vocabulary

LANGUAGES: Statement = ("SELECT language, articles FROM languages", {})
_TERMS = "SELECT token, passages FROM terms WHERE token = ANY(%(tokens)s)"
_WORDS = "SELECT word, language, articles FROM vocabulary WHERE word = ANY(%(words)s)"
_LIKE = """
SELECT word, sum(articles)::bigint FROM vocabulary
WHERE language = ANY(%(languages)s) AND length BETWEEN %(least)s AND %(most)s
    AND (left(beginning, 1) = ANY(%(begins)s) AND beginning >= %(first)s AND beginning < %(last)s
        OR beginning = ANY(%(begins)s))
GROUP BY word
"""
_MATCHES = (
    "SELECT count(*) FROM"
    " (SELECT 1 FROM passage_words WHERE words @@ %(query)s::tsquery LIMIT %(counted)s) matching"
)
# Passages that are counted one by one; of more their number is estimated by those of the
# forms, of which a question's words have few.
COUNTED = 20_000


class Foreseen(NamedTuple):
    """The words of a question that is about to be asked: those of its vocabulary, and its tokens."""

    words: list[str]
    tokens: list[str]

    def statements(self) -> list[Statement]:
        """Return the statements for them."""
        return [(_WORDS, {"words": self.words}), (_TERMS, {"tokens": self.tokens})]


def foreseen(question: str, languages: Iterable[str]) -> Foreseen:
    """Return what a question will ask, in the languages that an earlier generation
    had."""
    words = list(dict.fromkeys(vocabulary(question)))
    # Two that stand side by side may be one word, parted by a slip.
    both = [one + other for one, other in pairwise(words)]
    return Foreseen([*words, *both], _tokens(map(Term, words), tuple(languages)))


class Words:
    """The words of one generation, over one transaction.

    ``tokens`` counts the passages of each token, ``words`` the articles of each language
    that contain a word, as far as they were asked for.
    """

    def __init__(self, transaction: Transaction, passages: int) -> None:
        self._transaction = transaction
        self.passages = passages
        self.articles: dict[str, int] = {}
        """The articles of each language."""
        self._tokens: dict[str, int] = {}
        self._words: dict[str, dict[str, int]] = {}
        self._counts: dict[str, int] = {}

    def take(self, foreseen: Foreseen, answers: Sequence[Sequence[Row]]) -> None:
        """Take up the answers to the statements for what was foreseen."""
        self._take_words(foreseen.words, answers[0])
        self._take_tokens(foreseen.tokens, answers[1])

    # Passages

    def count(self, queries: Sequence[LexicalQuery]) -> list[int]:
        """Count the passages that match each query."""
        clauses = [clause for query in queries for clause in query.clauses]
        languages = sorted({code for query in queries for code in query.languages})
        self.know(clauses, tuple(languages))
        # The rest follows from the tokens, without asking the server.
        asked: dict[str, None] = {}
        for query in queries:
            if self._known(query) is None:
                asked[match_of(query)] = None
        self._count_matches(list(asked))
        return [self._counted(query) for query in queries]

    def know(
        self, clauses: Iterable[Term | Phrase | AnyOf], languages: tuple[str, ...]
    ) -> None:
        """Read the document frequencies of all tokens of these clauses."""
        missing = [
            one for one in _tokens(clauses, languages) if one not in self._tokens
        ]
        if missing:
            values = {"tokens": missing}
            self._take_tokens(missing, self._transaction.rows(_TERMS, values))

    def frequency(self, form: Form) -> int:
        """Return the passages that contain a form, for its rarity: those of its rarest
        word where it is several, of which few stand apart."""
        words = words_of(form)
        counted = self._counts.get(form_query(form))
        if counted is not None:
            return counted
        return min((self._tokens.get(word, 0) for word in words), default=0)

    def uncounted(self, query: LexicalQuery) -> list[str]:
        """Return the tsqueries of a query's parts whose passages have to be counted: its
        words and phrases, and forms that are several words, or a beginning."""
        found: dict[str, None] = {}
        for clause in _parts(query):
            part = LexicalQuery((clause,), query.languages)
            if self._known(part) is None:
                found[match_of(part)] = None
            forms = forms_of(clause, query.languages)
            found |= dict.fromkeys(
                form_query(form) for form in forms if not is_token(form)
            )
        return [one for one in found if one and one not in self._counts]

    def take_counts(self, queries: Iterable[str], answers: Iterable[list[Row]]) -> None:
        """Take up the answers to the statements that count these tsqueries."""
        for query, ((count,),) in zip(queries, answers, strict=True):
            self._counts[query] = int(count)

    def estimate(self, forms: Sequence[Form]) -> int:
        """Estimate the passages that contain any of these forms, from those that contain
        each, as if these came together by chance."""
        # The share of the passages that contain none of them.
        without = 1.0
        for form in forms:
            without *= 1 - self.frequency(form) / max(1, self.passages)
        return round(self.passages * (1 - without))

    def _known(self, query: LexicalQuery) -> int | None:
        """Return the passages that match a query where that follows from the tokens."""
        if not query.clauses:
            return 0
        if len(query.clauses) > 1:
            return None
        forms = forms_of(query.clauses[0], query.languages)
        found = [form for form in forms if not self._is_nowhere(form)]
        if not found:
            return 0
        if not all(map(is_token, found)):
            return None
        if len(found) == 1:
            return self.frequency(found[0])
        if sum(map(self.frequency, found)) > COUNTED:
            return self.estimate(found)
        return None

    def _counted(self, query: LexicalQuery) -> int:
        known = self._known(query)
        if known is not None:
            return known
        return self._counts[match_of(query)]

    def _is_nowhere(self, form: Form) -> bool:
        """Tell if no passage has some word of a form."""
        words = words_of(form)
        # Of a beginning nothing is known: it is no token.
        whole = words[:-1] if form.is_prefix else words
        return not words or any(self._tokens.get(word, 0) == 0 for word in whole)

    def _count_matches(self, queries: Sequence[str]) -> None:
        missing = [query for query in queries if query not in self._counts]
        answers = self._transaction.together(list(map(count_statement, missing)))
        self.take_counts(missing, answers)

    def _take_tokens(self, asked: Iterable[str], rows: Iterable[Row]) -> None:
        self._tokens |= dict.fromkeys(asked, 0)
        self._tokens.update((token, int(count)) for token, count in rows)

    # Articles

    def languages_of(self, text: str) -> tuple[str, ...]:
        """Return the languages that a question may be in, likeliest first."""
        self._know_words(vocabulary(text))
        return likely_languages(
            text, self.articles, lambda word, code: self._words[word].get(code, 0)
        )

    def articles_with(
        self, words: Sequence[str], languages: Sequence[str]
    ) -> dict[str, int]:
        """Count the articles in these languages that contain each of these words; those
        that none contains are left out."""
        self._know_words(words)
        counts = {}
        for word in words:
            found = self._words[word]
            counts[word] = sum(found.get(code, 0) for code in set(languages))
        return {word: count for word, count in counts.items() if count}

    def similar_words(
        self, word: str, languages: Sequence[str], edits: int
    ) -> dict[str, int]:
        """Return the words that may be meant by a misspelt one, with their articles."""
        begins = beginnings(word)
        size = len(fold(word))
        rows = self._transaction.rows(
            _LIKE,
            {
                "languages": list(languages),
                "begins": begins,
                "first": begins[0],
                "last": begins[0] + "\U0010ffff",
                "least": size - edits,
                "most": size + edits,
            },
        )
        return {found: int(articles) for found, articles in rows}

    def _know_words(self, words: Iterable[str]) -> None:
        missing = [word for word in dict.fromkeys(words) if word not in self._words]
        if missing:
            rows = self._transaction.rows(_WORDS, {"words": missing})
            self._take_words(missing, rows)

    def _take_words(self, asked: Iterable[str], rows: Iterable[Row]) -> None:
        # A word that no article contains has no row, and is known for that.
        for word in asked:
            self._words.setdefault(word, {})
        for word, language, articles in rows:
            self._words[word][language] = int(articles)


def count_statement(query: str) -> Statement:
    """Return the statement that counts the passages of a tsquery."""
    return _MATCHES, {"query": query, "counted": COUNTED}


def match_of(query: LexicalQuery) -> str:
    """Return the tsquery of a query, "" where it matches nothing."""
    parts = []
    for clause in query.clauses:
        part = any_of(
            [one for one in map(form_query, forms_of(clause, query.languages)) if one]
        )
        if not part:
            return ""
        parts.append(part)
    return " & ".join(parts)


def is_token(form: Form) -> bool:
    """Tell if a form is one word as it stands."""
    return not form.is_prefix and len(words_of(form)) == 1


def _parts(query: LexicalQuery) -> list[Term | Phrase]:
    """Return the words and phrases of a query."""
    found: dict[Term | Phrase, None] = {}
    for clause in query.clauses:
        members = clause.members if isinstance(clause, AnyOf) else (clause,)
        found |= dict.fromkeys(members)
    return list(found)


def _tokens(
    clauses: Iterable[Term | Phrase | AnyOf], languages: tuple[str, ...]
) -> list[str]:
    found: dict[str, None] = {}
    for clause in clauses:
        for form in forms_of(clause, languages):
            found.update(dict.fromkeys(words_of(form)))
    return list(found)
