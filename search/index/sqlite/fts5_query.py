"""Lexical queries as MATCH expressions of FTS5.

A word is looked for as each language of the query would write it; every alternative is
quoted, so that FTS5 reads nothing in it as syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from search.port_values import AnyOf, LexicalQuery, Phrase, Term
from search.text.languages import COMPOUNDING
from search.text.tokenizer import running, stemmed_alike
from search.text.word_forms import as_written, compound_parts

_NOTHING = '""'  # an expression that matches no passage
_MEANT_SIGNS = "\\-#."  # a word that begins so is nothing without them: .NET, --flag


def match_expression(query: LexicalQuery) -> str:
    """Return the expression of a query, "" where it has no clauses."""
    return " AND ".join(_clause(part, query.languages) for part in query.clauses)


def term(text: str, languages: Sequence[str]) -> str:
    """Return the expression of one word in any form that is indexed."""
    forms: list[str] = []
    for language in stemmed_alike(languages):
        forms += [_quoted([form]) for _, _, form in as_written(text, language)]
        words = [form for _, _, form in running(text, language)]
        forms.append(_quoted(words))
        if len(words) == 1 and language in COMPOUNDING:
            forms += [f"{_quoted([part])} *" for part in compound_parts(words[0])]
    return _either(forms)


def phrase(text: str, languages: Sequence[str]) -> str:
    """Return the expression of words in this order."""
    length = len(text.strip())
    whole = [
        form
        for start, end, form in as_written(text)
        if end - start == length and form[0] in _MEANT_SIGNS
    ]
    if whole:
        return _quoted(whole)
    runs: list[str] = []
    for language in stemmed_alike(languages):
        runs.append(_quoted([form for _, _, form in running(text, language)]))
    return _either(runs)


def _clause(clause: Term | Phrase | AnyOf, languages: Sequence[str]) -> str:
    match clause:
        case Term(text):
            return term(text, languages)
        case Phrase(text):
            return phrase(text, languages)
        case AnyOf(members):
            return f"({' OR '.join(_clause(one, languages) for one in members)})"


def _quoted(words: Sequence[str]) -> str:
    if not words:
        return ""
    return '"{}"'.format(" ".join(words).replace('"', '""'))


def _either(forms: Iterable[str]) -> str:
    found = list(dict.fromkeys(filter(None, forms)))
    if len(found) > 1:
        return f"({' OR '.join(found)})"
    return found[0] if found else _NOTHING
