"""Corrections of typing slips in a question, by the words of an index and its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from search.port_values import AnyOf, LexicalQuery, Phrase, Term
from search.ports import Embedder, Snapshot
from search.query import spelling
from search.query.lexical import one_clause
from search.query.parser import LONGEST, Query, parse, plain_parts
from search.text.languages import STOP_WORDS, language_by_stop_words
from search.text.tokenizer import vocabulary
from search.types import Filters


def corrected(
    question: str, filters: Filters, index: Snapshot, *, embedder: Embedder
) -> str | None:
    """Return the question with its typing slips corrected, None where there is none.
    Raises parse's QueryError."""
    words = _IndexWords(parse(question, filters), index, embedder)
    # Only words outside of quotes and operators: those were meant as typed.
    text, parts = plain_parts(question)
    if not words.is_of_known_language():
        return None  # the words of another language are no slips
    lexicon = spelling.Lexicon(words.knows, words.like, words.supports, words.adjoins)
    meant = spelling.slips(text, parts, lexicon)
    instead = spelling.mended(text, parts, meant)
    if instead == text or len(instead) > LONGEST:
        return None
    if None not in meant.values():
        return instead
    # What is corrected now may support what was meant by other words.
    return corrected(instead, filters, index, embedder=embedder) or instead


@dataclass(frozen=True)
class _IndexWords:
    """The answers of a spelling.Lexicon for one question."""

    query: Query
    index: Snapshot
    embedder: Embedder

    def is_of_known_language(self) -> bool:
        """Tell if the question's common words speak against no language of the
        index."""
        language = language_by_stop_words(set(vocabulary(self.query.text)))
        known = {code[:2] for code in self._all_languages if code}
        return not (language and known) or language in known

    def knows(self, word: str) -> bool:
        """Tell if any language of the index has the word in any form, or the model
        reads it as one token: that is a word of its language that just does not occur
        here."""
        return (
            word in STOP_WORDS
            or self.index.contains_word(word, self._all_languages)
            or self.embedder.count_tokens([word]) == [1]
            or self._occurs(one_clause(Term(word), self._all_languages))
        )

    def like(self, word: str) -> dict[str, int]:
        return self.index.similar_words(word, self._languages, spelling.edits(word))

    def supports(self, word: str) -> int | None:
        if not self._telling:
            return None
        clauses = (Term(word), AnyOf(self._telling))
        (count,) = self.index.document_frequencies(
            [LexicalQuery(clauses, self._languages)]
        )
        return count

    def adjoins(self, first: str, second: str) -> bool:
        for half in (first, second):
            if not self.index.contains_word(half, self._languages):
                return False
        return self._occurs(one_clause(Phrase(f"{first} {second}"), self._languages))

    def _occurs(self, query: LexicalQuery) -> bool:
        return self.index.document_frequencies([query]) != [0]

    @cached_property
    def _all_languages(self) -> tuple[str, ...]:
        return self.index.languages()

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        """The languages that the question may be in."""
        language = self.query.filters.language
        if language:
            return (language,)
        return self.index.languages_of(self.query.text)

    @cached_property
    def _telling(self) -> tuple[Term | Phrase, ...]:
        """The rarer half of the question's other words and phrases."""
        # Words that are known but do not occur are among them, so that they speak
        # against a question that the index knows nothing of.
        clauses: list[Term | Phrase] = [
            Term(word) for word in self.query.words if self.knows(word.lower())
        ]
        clauses += map(Phrase, self.query.phrases)
        return tuple(self._by_frequency(clauses)[: (len(clauses) + 1) // 2])

    def _by_frequency(self, clauses: Sequence[Term | Phrase]) -> list[Term | Phrase]:
        queries = [one_clause(clause, self._languages) for clause in clauses]
        counts = self.index.document_frequencies(queries)
        order = sorted(range(len(clauses)), key=counts.__getitem__)
        return [clauses[place] for place in order]
