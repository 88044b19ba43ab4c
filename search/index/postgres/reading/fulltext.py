"""The passages that match a question's words, best first by BM25.

The scores are those of the embedded home: its formula, its fields, its document
frequencies. What a question costs is bounded as there: of words that stand in much of a
large archive, those passages are scored that contain a rarer one, too
(search/index/sqlite/words/matches.py). PostgreSQL finds; the sums are made here, as its
ts_rank is no BM25.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.index.lexicon import K1, B, Form, forms_of, inverse_frequency
from search.index.postgres.lexemes import (
    LABELS,
    any_of,
    form_query,
    frequencies_of,
    words_of,
)
from search.index.postgres.reading.scopes import Conditions
from search.index.postgres.reading.transaction import Row, Statement
from search.index.postgres.reading.words import Words, is_token, match_of
from search.port_values import AnyOf, LexicalQuery
from search.ranking.weights import FIELD_WEIGHTS

# As in search/index/sqlite/words/matches.py, so that both score the same passages.
EXACT = 8_000
SCORED = 2_500
FOR_ONE_MORE = 200

_WEIGHTS = dict(zip(LABELS, FIELD_WEIGHTS, strict=True))

_FROM = "FROM passage_words p WHERE p.words @@ %(match)s::tsquery AND {where} {bound}"
# In a small scope its passages come first where the words are common; and once: as a mere
# join they were looked up again for each passage that matches, of which PostgreSQL expects
# one.
_FROM_FEW = (
    "FROM (SELECT p.id, p.site FROM passage_words p WHERE {where} OFFSET 0) few,"
    " LATERAL (SELECT * FROM passage_words p WHERE p.id = few.id AND p.site = few.site"
    " AND p.words @@ %(match)s::tsquery OFFSET 0) p"
)
_NEWEST = "ORDER BY p.id DESC LIMIT %(newest)s"
_ROWS = "SELECT p.id, p.article, p.length, p.frequencies {matching}"
# The places of words, for forms that are several words, or a beginning.
_PLACES = """
SELECT p.id, w.lexeme, w.positions, w.weights
FROM (SELECT p.id, p.words {matching}) p, unnest({read}) w
WHERE p.words @@ %(forms)s::tsquery
    AND (w.lexeme = ANY(%(tokens)s) OR w.lexeme ^@ ANY(%(beginnings)s))
"""
# To give all words of a passage takes twice as long as to leave the others out.
_TOKENS = (
    "ts_delete(p.words, tsvector_to_array(ts_delete(p.words, %(tokens)s::text[])))"
)


Scores = NDArray[np.float64]


class Plan(NamedTuple):
    """The way a ``query`` is answered: the statements that give the passages to be scored, and
    the forms that score them."""

    query: LexicalQuery
    statements: tuple[Statement, ...]
    forms: tuple[Form, ...]


class Matching(NamedTuple):
    """The passages that match, with their articles and BM25 scores."""

    ids: list[int]
    articles: list[int]
    scores: Scores

    def best(self, k: int, also: Iterable[int] = ()) -> list[tuple[int, float]]:
        """Return the k that match best, and those of ``also``: (id, BM25 score), best
        first, ties by smaller id."""
        order = np.lexsort((np.array(self.ids, np.int64), -self.scores))
        ranked = [(self.ids[place], float(self.scores[place])) for place in order]
        wanted = {*also}
        return ranked[:k] + [one for one in ranked[k:] if one[0] in wanted]


NOTHING = Matching([], [], np.empty(0))


def plan(query: LexicalQuery, conditions: Conditions, words: Words) -> Plan | None:
    """Choose what is scored of a query, whose tokens ``words`` knows; None where nothing
    matches."""
    # Two bounds: of common words only the rarer ones choose, and then the newest.
    is_large = bool(conditions.texts) and not conditions.is_small
    match, newest = _within(query, words) if is_large else _chosen(query, words)
    if not match:
        return None
    forms = [form for one in query.clauses for form in forms_of(one, query.languages)]
    bound = _NEWEST if newest else ""
    is_common = newest > 0 or _are_common(query, words)
    frame = _FROM_FEW if conditions.is_small and is_common else _FROM
    matching = frame.format(where=conditions.of_words, bound=bound)
    values = {**conditions.values, "match": match, "newest": newest}
    statements: list[Statement] = [(_ROWS.format(matching=matching), values)]
    # Frequencies are of single words; of these the places are read as well.
    longer = [form for form in forms if not is_token(form) and words_of(form)]
    if longer:
        asked = {
            "forms": any_of(list(map(form_query, dict.fromkeys(longer)))),
            "tokens": [word for form in longer for word in _whole_words(form)],
            "beginnings": [words_of(form)[-1] for form in longer if form.is_prefix],
        }
        read = "p.words" if asked["beginnings"] else _TOKENS
        places = _PLACES.format(matching=matching, read=read)
        statements.append((places, {**values, **asked}))
    scoring = tuple(form for form in forms if words_of(form))
    return Plan(query, tuple(statements), scoring)


def scored(
    chosen: Plan, answers: Sequence[Sequence[Row]], words: Words, mean_length: float
) -> Matching:
    """Score the rows that a plan's statements gave; ``mean_length`` is that of all
    passages, in words.

    ``words`` has counted the forms. The formula is that of
    https://www.sqlite.org/fts5.html.
    """
    rows = answers[0]
    if not rows:
        return NOTHING
    ids = [int(row[0]) for row in rows]
    lengths = np.array([row[2] for row in rows], np.float64)
    counts = _counts(chosen.forms, ids, rows, answers[1:])
    passages = words.passages
    # As FTS5 has it: each form by its own rarity, also two forms of one word.
    rarity = np.array(
        [inverse_frequency(words.frequency(form), passages) for form in chosen.forms]
    )
    room = K1 * (1 - B + B * lengths / max(mean_length, 1e-9))
    scores = (counts * (K1 + 1) / (counts + room[:, np.newaxis])) @ rarity
    articles = [int(row[1]) for row in rows]
    return Matching(ids, articles, scores)


def _chosen(query: LexicalQuery, words: Words) -> tuple[str, int]:
    """Return the tsquery of what is scored, "" for nothing, and how many of the newest
    of it, 0 for all."""
    whole = match_of(query)
    if len(query.clauses) != 1 or not isinstance(query.clauses[0], AnyOf):
        return whole, 0
    exact, most = _exact(words), SCORED + words.passages // FOR_ONE_MORE
    counted = []
    for member in query.clauses[0].members:
        forms = forms_of(member, query.languages)
        match = any_of([one for one in map(form_query, forms) if one])
        counted.append((words.estimate(forms), match))
    if sum(count for count, _ in counted) <= exact:
        return whole, 0
    # A word that no passage contains has no part in it.
    by_rarity = sorted(one for one in counted if one[0] and one[1])
    # The words are taken while all that contain them are few enough to be scored.
    total, taken = 0, 0
    for count, _ in by_rarity:
        total += count
        taken += total <= most
    if taken:
        return any_of([match for _, match in by_rarity[:taken]]), 0
    rest = any_of([match for _, match in by_rarity[1:]])
    if rest:
        return f"{by_rarity[0][1]} & {rest}", exact
    return by_rarity[0][1], exact


def _within(query: LexicalQuery, words: Words) -> tuple[str, int]:
    """Return the same in a large scope, where what all of a question has to contain may
    stand in more passages than are scored: its other words choose."""
    required = [one for one in query.clauses if not isinstance(one, AnyOf)]
    others = [
        member
        for one in query.clauses
        if isinstance(one, AnyOf)
        for member in one.members
        if member not in required
    ]
    if not required:
        return _chosen(query, words)
    match = match_of(LexicalQuery(tuple(required), query.languages))
    known = [one for one in others if words.estimate(forms_of(one, query.languages))]
    if not known:
        return match, _exact(words)
    rest = LexicalQuery((AnyOf(tuple(known)),), query.languages)
    chosen, newest = _chosen(rest, words)
    return f"{match} & {chosen}" if match else "", newest


def _are_common(query: LexicalQuery, words: Words) -> bool:
    """Tell if more passages match a query's words than are scored, as far as the rarest
    of its clauses tells. Of a query of one clause the rarer words were chosen."""
    if len(query.clauses) == 1 and isinstance(query.clauses[0], AnyOf):
        return False
    forms = [forms_of(clause, query.languages) for clause in query.clauses]
    return min(map(words.estimate, forms)) > _exact(words)


def _exact(words: Words) -> int:
    return EXACT + words.passages // FOR_ONE_MORE


def _counts(
    forms: Sequence[Form],
    ids: Sequence[int],
    rows: Sequence[Row],
    places: Sequence[Sequence[Row]],
) -> Scores:
    """Return how often each form stands in each passage, fields by their weights: shape
    (passages, forms)."""
    counts = np.zeros((len(ids), len(forms)), np.float64)
    tokens = {form: words_of(form)[0] for form in forms if is_token(form)}
    of_tokens = frequencies_of([row[3] for row in rows], list(tokens.values()))
    # A form that stands in two clauses counts twice, and is looked up once.
    columns = {form: column for column, form in enumerate(tokens)}
    for column, form in enumerate(forms):
        if form in columns:
            counts[:, column] = of_tokens[:, columns[form]]
    if places:
        at = {number: row for row, number in enumerate(ids)}
        for number, found in _by_passage(places[0]).items():
            for column, form in enumerate(forms):
                # A newer passage may have come between two bounds: it isn't scored.
                if form not in columns and number in at:
                    counts[at[number], column] = _weighted(form, found)
    return counts


Places = dict[str, dict[int, float]]
"""The places of each word in a passage, with the weight of the field."""


def _by_passage(rows: Iterable[Row]) -> dict[int, Places]:
    found: dict[int, Places] = defaultdict(dict)
    for number, lexeme, positions, labels in rows:
        weights = (_WEIGHTS[label] for label in labels)
        found[number][lexeme] = dict(zip(positions, weights, strict=True))
    return found


def _weighted(form: Form, places: Places) -> float:
    """Count the places where a form stands in a passage, fields by their weights."""
    *first, last = words_of(form)
    # From the last word, which may be a beginning, back to the first.
    ends = dict(places.get(last, {}))
    if form.is_prefix:
        for word, found in places.items():
            if word.startswith(last):
                ends |= found
    total = 0.0
    for place, weight in ends.items():
        starts = enumerate(first, place - len(first))
        if all(at in places.get(word, {}) for at, word in starts):
            total += weight
    return total


def _whole_words(form: Form) -> list[str]:
    words = words_of(form)
    if form.is_prefix:
        return words[:-1]
    return words
