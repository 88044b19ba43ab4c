"""The passages that match a question's words, best first by BM25.

What a question costs is bounded here: of words that stand in much of a large archive,
those passages are scored that contain a rarer one, too. It writes nothing.

Turtle & Flood (Query evaluation: strategies and optimizations, 1995) leave out what
can't come among the best; here a rarer word is believed to say as much, which is no
proof.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

import numpy as np

from search.index.lexicon import Fields
from search.index.sqlite.words.fts5_query import (
    any_of,
    clause_expression,
    match_expression,
)
from search.index.sqlite.words.kept import KeptWords, filled
from search.port_values import AnyOf, Ids, LexicalQuery
from search.ranking.weights import FIELD_WEIGHTS

# Passages that one question's words may match, each word by itself, to be all scored:
# one takes a microsecond, and of 276 questions over 12,468 passages one has more.
# Beyond, those are scored that match the rarest words. Over 100,000 passages of words
# mixed anew the median takes 6 ms in place of 14, over a million 18 in place of 119.
EXACT = 8_000
SCORED = 2_500  # passages of those rarest words, at most where it is several words
# Passages of the index for each of which one more of either is allowed: over a million
# the rarest words would else be too few.
FOR_ONE_MORE = 200

# The best of all that match. Those of :also come first, so that they have a score
# however many are better.
_BEST = """
SELECT rowid, score FROM (
    SELECT rowid, -bm25(passages_fts, :title, :heading, :note, :text, :forms) AS score
    FROM passages_fts WHERE passages_fts MATCH :match {within} {bound}
) ORDER BY rowid IN (SELECT value FROM json_each(:also)) DESC, score DESC, rowid LIMIT :k
"""
_WITHIN = "AND is_allowed(rowid)"
_NEWEST = "ORDER BY rowid DESC LIMIT :newest"
_WEIGHTS = dict(zip(Fields._fields, FIELD_WEIGHTS, strict=True))

Scores = dict[int, float]


class Matches:
    """The full text of the passages, over one SQLite connection."""

    def __init__(
        self, connection: sqlite3.Connection, kept: KeptWords, *, passages: int
    ) -> None:
        self._db = connection
        self._kept = kept
        more = passages // FOR_ONE_MORE
        self._exact, self._scored = EXACT + more, SCORED + more

    def frequencies(self, queries: Sequence[LexicalQuery]) -> list[int]:
        """Count the passages that match each query."""
        asked = list(map(match_expression, queries))
        counts = self._counts(asked)
        return [counts[match] for match in asked]

    def best(
        self,
        query: LexicalQuery,
        k: int,
        allowed: Ids | None,
        also: Sequence[int] = (),
    ) -> list[tuple[int, float]]:
        """Return the k passages that match best, and those of ``also`` that match:
        (id, BM25 score), best first, ties by smaller id."""
        look = Look(self._db, k, allowed, also)
        words = self._by_rarity(query)
        if words is None:
            scores = look.scores(match_expression(query))
        else:
            scores = self._of_rarest(look, words)
        ranked = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
        wanted = {*also}
        return ranked[:k] + [one for one in ranked[k:] if one[0] in wanted]

    def _by_rarity(self, query: LexicalQuery) -> list[tuple[int, str]] | None:
        """Return the words of a query with the passages that match each, rarest first,
        where they match too many; None where all matches are to be scored."""
        if len(query.clauses) != 1 or not isinstance(query.clauses[0], AnyOf):
            return None
        members = query.clauses[0].members
        words = [clause_expression(one, query.languages) for one in members]
        counts = self._counts(words)
        if sum(counts.values()) <= self._exact:
            return None
        # A word that no passage contains has no part in it.
        return sorted((n, word) for word, n in counts.items() if n)

    def _of_rarest(self, look: Look, words: Sequence[tuple[int, str]]) -> Scores:
        """Score what matches the rarest words, with all words."""
        total, taken = 0, 0
        for count, _ in words:
            total += count
            taken += total <= self._scored
        rare = any_of([word for _, word in words[: max(1, taken)]])
        rest = any_of([word for _, word in words[max(1, taken) :]])
        if not rest:
            return look.scores(rare, newest=self._exact)
        both = look.scores(f"{rare} AND {rest}", newest=self._exact)
        if not taken:
            return both
        # BM25 is a sum over the words: what matches none of the rest has it complete.
        return look.scores(rare) | both

    def _counts(self, expressions: Sequence[str]) -> dict[str, int]:
        return filled(self._kept.passages, expressions, self._count)

    def _count(self, expressions: list[str]) -> dict[str, int]:
        rows = self._db.execute(
            "SELECT value, (SELECT count(*) FROM passages_fts WHERE passages_fts MATCH value)"
            " FROM json_each(?)",
            (json.dumps(expressions),),
        )
        return {row[0]: int(row[1]) for row in rows}


class Look:
    """One question's look at the full text: how many passages it wants, which, and of
    which others the scores."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        k: int,
        allowed: Ids | None,
        also: Sequence[int],
    ) -> None:
        self._db = connection
        self._within = ""
        self._values: dict[str, object] = {
            **_WEIGHTS,
            "also": json.dumps(list(also)),
            "k": k + len(also),
        }
        if allowed is not None:
            self._within = _WITHIN
            connection.create_function("is_allowed", 1, _membership(allowed))

    def scores(self, match: str, *, newest: int = 0) -> Scores:
        """Return the scores of the best passages that match an expression; with
        ``newest`` of those that are this new."""
        if not match:  # it would be a syntax error
            return {}
        bound = _NEWEST if newest else ""
        rows = self._db.execute(
            _BEST.format(within=self._within, bound=bound),
            {**self._values, "match": match, "newest": newest},
        )
        return {int(row[0]): float(row[1]) for row in rows}


def _membership(ids: Ids) -> Callable[[int], int]:
    """Return a function that says 1 of these ids, which ascend, and 0 of others."""
    # A byte a passage: SQLite asks for each match, and this takes a tenth of a
    # microsecond.
    members = np.zeros(int(ids[-1:].sum()) + 2, np.uint8)
    members[ids] = 1
    last, by_id = len(members) - 1, members.tobytes()
    return lambda number: by_id[min(number, last)]
