"""Scopes as conditions of SQL, and which of them are small.

A condition is on a row ``p`` of ``passages`` or ``passage_words``. Nothing is ranked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from search.index.lexicon import Form, phrase_forms
from search.index.postgres.lexemes import query_of, title_query
from search.index.postgres.reading.transaction import Transaction
from search.index.site_names import asked_site
from search.port_values import EVERYTHING, Scope
from search.text.folding import fold
from search.text.tags import folded
from search.types import Filters

# Passages of a scope that are compared one by one: reading a vector takes some 2 µs,
# and the graph would have to be searched far and wide for so few.
FEW = 20_000

_OF_SITE = """
SELECT id, host = %(site)s OR right(host, length(%(site)s) + 1) = '.' || %(site)s
        OR site_folded = %(folded)s AS is_named
FROM bylines
WHERE host = %(site)s OR right(host, length(%(site)s) + 1) = '.' || %(site)s
    OR site_folded = %(folded)s
    OR %(part)s <> '' AND strpos(squashed, %(part)s) > 0
"""
_OF_AUTHOR = "SELECT id FROM bylines WHERE strpos(author_folded, %(author)s) > 0"
_SIZE = "SELECT count(*) FROM (SELECT 1 FROM passage_words p WHERE {where} LIMIT %(few)s + 1) few"


@dataclass(slots=True)
class Conditions:
    """A scope as conditions and their values; without any it is everything."""

    texts: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    is_small: bool = False

    @property
    def where(self) -> str:
        """All conditions as one."""
        return " AND ".join(self.texts) or "true"

    @property
    def of_words(self) -> str:
        """All conditions as one on a row of ``passage_words``, which has its words itself."""
        return self.where.replace(_ITS_WORDS, "(p.words")


class Scopes:
    """The scopes of one question, over one transaction."""

    def __init__(self, transaction: Transaction, languages: tuple[str, ...]) -> None:
        self._transaction = transaction
        self._languages = languages
        self._known: dict[Scope, Conditions] = {EVERYTHING: Conditions()}

    def conditions(self, scope: Scope) -> Conditions:
        """Return the conditions on a passage of a scope."""
        if scope not in self._known:
            self._known[scope] = self._measured(scope)
        return self._known[scope]

    def of_articles(self, filters: Filters) -> Conditions:
        """Return the conditions on a row ``a`` of ``articles``."""
        found = Conditions()
        bylines = self._bylines(filters)
        if bylines is not None:
            found.texts.append("a.byline = ANY(%(bylines)s)")
            found.values["bylines"] = bylines
        for text, name, value in (
            ("a.language = %(language)s", "language", filters.language),
            ("a.evidence = %(evidence)s", "evidence", filters.evidence),
            ("a.dated >= %(after)s", "after", filters.after),
            ("a.dated <= %(before)s AND a.dated != ''", "before", filters.before),
        ):
            if value:
                found.texts.append(text)
                found.values[name] = str(value)
        for text, name, names in (
            ("a.tags_folded @> %(tags)s", "tags", filters.tags),
            ("NOT a.tags_folded && %(without)s", "without", filters.without_tags),
            ("a.collections_folded @> %(in)s", "in", (filters.collection,)),
        ):
            if any(names):
                found.texts.append(text)
                found.values[name] = sorted(folded(tuple(filter(None, names))))
        return found

    def _measured(self, scope: Scope) -> Conditions:
        """Return the conditions of a scope, in the form that suits its size."""
        found = self._phrases(scope)
        articles = self.of_articles(scope.filters)
        found.values |= articles.values
        # Few as a rule: those of a run.
        if scope.articles is not None:
            found.texts.append("p.article = ANY(%(among)s)")
            found.values["among"] = sorted(scope.articles)
        among = Conditions(list(found.texts), found.values)
        if articles.texts:
            among.texts.append(
                f"p.article IN (SELECT a.id FROM articles a WHERE {articles.where})"
            )
        # Counted up to the bound: more than that costs as much as it is worth.
        ((size,),) = self._transaction.rows(
            _SIZE.format(where=among.of_words), {**among.values, "few": FEW}
        )
        if size <= FEW:
            among.is_small = True
            return among
        if articles.texts:
            # Row by row: the list of all such articles would take longer than the rest.
            found.texts.append(
                f"(SELECT {articles.where} FROM articles a"
                " WHERE a.id = p.article AND a.site = p.site)"
            )
        return found

    def _phrases(self, scope: Scope) -> Conditions:
        found = Conditions()
        for text in scope.required:
            _add(found, query_of(self._forms([text])), _WITH_PHRASE)
        for texts in scope.alternatives:
            _add(found, query_of(self._forms(texts)), _WITH_PHRASE)
        for text in scope.titled:
            _add(found, title_query(self._forms([text])), _WITH_PHRASE)
        for text in scope.excluded:
            _add(found, query_of(self._forms([text])), _WITHOUT_PHRASE)
        return found

    def _forms(self, texts: Sequence[str]) -> list[Form]:
        """Return the forms of any of these texts."""
        found: list[Form] = []
        for text in texts:
            found += phrase_forms(text, self._languages)
        return found

    def _bylines(self, filters: Filters) -> list[int] | None:
        """Return the names that site: and author: leave, None where neither is asked."""
        if not (filters.site or filters.author):
            return None
        asked = []
        if filters.site:
            asked.append((_OF_SITE, _site_values(filters.site)))
        if filters.author:
            asked.append((_OF_AUTHOR, {"author": fold(filters.author)}))
        # Few sites have as many names as a question has candidates.
        answers = self._transaction.together(asked)
        left = None
        if filters.site:
            rows = answers[0]
            # Where there is such a site, no other is meant by a part of its name.
            named = {row[0] for row in rows if row[1]}
            left = named or {row[0] for row in rows}
        if filters.author:
            by_author = {row[0] for row in answers[-1]}
            left = by_author if left is None else left & by_author
        return sorted(left or ())


# In words, as only they have a tsvector.
_ITS_WORDS = "EXISTS (SELECT FROM passage_words w WHERE w.id = p.id AND w.site = p.site AND w.words"
_WITH_PHRASE = f"{_ITS_WORDS} @@ {{query}})"
_WITHOUT_PHRASE = (
    "p.article NOT IN (SELECT w.article FROM passage_words w WHERE w.words @@ {query})"
)


def _add(found: Conditions, query: str, condition: str) -> None:
    name = f"words{len(found.values)}"
    if query:
        found.texts.append(condition.format(query=f"%({name})s::tsquery"))
        found.values[name] = query
    elif condition == _WITH_PHRASE:  # without a word it stands nowhere
        found.texts.append("false")


def _site_values(site: str) -> dict[str, object]:
    asked = asked_site(site)
    return {"site": asked.name, "folded": asked.folded, "part": asked.part}
