"""Lexical queries made of a question's words and phrases."""

from __future__ import annotations

from collections.abc import Sequence

from search.port_values import AnyOf, LexicalQuery, Phrase, Scope, Term
from search.query.parser import Query


def any_word(query: Query, languages: Sequence[str]) -> LexicalQuery:
    """Return the query for any of the words and every phrase."""
    terms = list(map(Term, query.words))
    phrases = list(map(Phrase, query.phrases))
    likely = list(map(Phrase, query.likely_phrases))
    # The phrases stand among the words too: a passage with a phrase need not contain
    # another word.
    either: tuple[Term | Phrase, ...] = (*terms, *phrases, *likely)
    if not either:
        return LexicalQuery((), tuple(languages))
    return LexicalQuery((*phrases, AnyOf(either)), tuple(languages))


def one_clause(clause: Term | Phrase, languages: Sequence[str]) -> LexicalQuery:
    """Return the query for one word or phrase alone."""
    return LexicalQuery((clause,), tuple(languages))


def scope_of(query: Query) -> Scope:
    """Return the passages that a question's filters and operators leave."""
    return Scope(
        query.filters,
        query.phrases,
        query.excluded,
        query.titled,
        query.alternatives,
    )
