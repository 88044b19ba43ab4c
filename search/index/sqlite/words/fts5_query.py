"""Lexical queries as MATCH expressions of FTS5.

Every form of a word is quoted, so that FTS5 reads nothing in it as syntax.
"""

from __future__ import annotations

from collections.abc import Sequence

from search.index.lexicon import Form, phrase_forms, term_forms
from search.port_values import AnyOf, LexicalQuery, Phrase, Term

_NOTHING = '""'  # an expression that matches no passage


def match_expression(query: LexicalQuery) -> str:
    """Return the expression of a query, "" where it has no clauses."""
    parts = (clause_expression(part, query.languages) for part in query.clauses)
    return " AND ".join(parts)


def clause_expression(clause: Term | Phrase | AnyOf, languages: Sequence[str]) -> str:
    """Return the expression of one clause of a query."""
    match clause:
        case Term(text):
            return term(text, languages)
        case Phrase(text):
            return phrase(text, languages)
        case AnyOf(members):
            return any_of([clause_expression(one, languages) for one in members])


def any_of(expressions: Sequence[str]) -> str:
    """Return the expression of any of these, "" where there are none."""
    if expressions:
        return f"({' OR '.join(expressions)})"
    return ""


def term(text: str, languages: Sequence[str]) -> str:
    """Return the expression of one word in any form that is indexed."""
    return _any_form(term_forms(text, languages))


def phrase(text: str, languages: Sequence[str]) -> str:
    """Return the expression of words in this order."""
    return _any_form(phrase_forms(text, languages))


def any_phrase(texts: Sequence[str], languages: Sequence[str]) -> str:
    """Return the expression of any of these phrases."""
    forms = [form for text in texts for form in phrase_forms(text, languages)]
    return _any_form(forms)


def in_title(text: str, languages: Sequence[str]) -> str:
    """Return the expression of words in this order in an article's title."""
    return f"title : {phrase(text, languages)}"


def _any_form(forms: Sequence[Form]) -> str:
    quoted = list(map(_quoted, forms))
    if len(quoted) == 1:
        return quoted[0]
    return any_of(quoted) or _NOTHING


def _quoted(form: Form) -> str:
    words = " ".join(form.words).replace('"', '""')
    if form.is_prefix:
        return f'"{words}" *'
    return f'"{words}"'
