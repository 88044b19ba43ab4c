"""Lexical queries as MATCH expressions of FTS5, and scopes as the ids in them.

Every form of a word is quoted, so that FTS5 reads nothing in it as syntax.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from search.index.lexicon import Form, phrase_forms, term_forms
from search.index.sqlite.schema import squashed
from search.port_values import AnyOf, LexicalQuery, Phrase, Scope, Term
from search.ports import Ids
from search.types import Filters

_NOTHING = '""'  # an expression that matches no passage

SHORTEST_PART = 4  # characters of a site's name that are enough to guess it by

_REQUIRED = "p.id IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?)"
_EXCLUDED = (
    "a.id NOT IN (SELECT article FROM passages WHERE id IN"
    " (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?))"
)
_SITE = "(substr('.' || a.host, -length(?)) = ? OR fold(a.site) = ?)"  # LIKE would read % and _
_SITE_PART = "instr(squashed(a.site) || ' ' || squashed(a.host) || ' ' || squashed(a.author), ?) > 0"

Condition = tuple[str, list[str]]
"""A condition over an article ``a`` and its passage ``p``, and its values."""


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


def allowed_ids(
    db: sqlite3.Connection, scope: Scope, languages: tuple[str, ...]
) -> Ids | None:
    """Return the ids of the passages in scope, None where those are all.

    ``languages`` are those of the index, in each of which the phrases are read.
    """
    conditions = _conditions(db, scope.filters)
    for text in scope.required:
        conditions.append((_REQUIRED, [phrase(text, languages)]))
    for text in scope.excluded:
        conditions.append((_EXCLUDED, [phrase(text, languages)]))
    if not conditions:
        return None
    where = " AND ".join(condition for condition, _ in conditions)
    # Articles first, as their names are folded in Python: else for each passage. But a
    # phrase finds the passages themselves.
    join = "articles a CROSS JOIN passages p"
    if scope.required:
        join = "passages p JOIN articles a"
    rows = db.execute(
        f"SELECT p.id FROM {join} ON p.article = a.id WHERE {where} ORDER BY p.id",  # noqa: S608  # fixed texts
        [value for _, values in conditions for value in values],
    )
    return np.array([row[0] for row in rows], np.int64)


def newest_articles(db: sqlite3.Connection, k: int, filters: Filters) -> list[int]:
    """Return the ids of the articles dated last that pass the filters."""
    conditions = _conditions(db, filters)
    where = " AND ".join(condition for condition, _ in conditions) or "1"
    # SQLite takes NULL, an unknown date, for less than any.
    rows = db.execute(
        f"SELECT a.id FROM articles a WHERE {where}"  # noqa: S608  # fixed texts
        " ORDER BY a.dated DESC, a.id DESC LIMIT ?",
        [*(value for _, values in conditions for value in values), k],
    )
    return [row[0] for row in rows]


def _conditions(db: sqlite3.Connection, filters: Filters) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.site:
        conditions.append(_site_condition(db, filters.site))
    if filters.author:
        conditions.append(("instr(fold(a.author), ?) > 0", [filters.author.casefold()]))
    if filters.language:
        conditions.append(("a.language = ?", [filters.language]))
    if filters.evidence:
        conditions.append(("a.evidence = ?", [filters.evidence]))
    if filters.after:
        conditions.append(("a.dated >= ?", [filters.after.isoformat()]))
    if filters.before:
        conditions.append(("a.dated <= ?", [filters.before.isoformat()]))
    return conditions


def _site_condition(db: sqlite3.Connection, site: str) -> Condition:
    """Match the host (or a domain above it) or the site's name; where there is no such
    site, a part of the name."""
    # People type a site as they remember it: site:ruder.io, site:lilianweng. Its first
    # part is then looked for in the names of sites, hosts and authors, spaces and
    # punctuation aside.
    wanted = site.casefold().removeprefix("www.")
    values = [f".{wanted}", f".{wanted}", wanted]
    known = db.execute(f"SELECT 1 FROM articles a WHERE {_SITE} LIMIT 1", values)  # noqa: S608  # fixed text
    part = squashed(wanted.split(".")[0])
    if known.fetchone() or len(part) < SHORTEST_PART:
        return _SITE, values
    return _SITE_PART, [part]


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
