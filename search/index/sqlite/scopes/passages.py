"""Scopes as the passages in them, and filters as the newest articles that pass.

What a scope costs depends on how many articles there are, a few bytes of each; the rows
themselves are not read.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Callable

import numpy as np

from search.index.site_names import asked_site, squashed
from search.index.sqlite.scopes.labels import (
    ArticleLabels,
    KeptLabels,
    Mask,
)
from search.index.sqlite.words.fts5_query import any_phrase, in_title, phrase
from search.port_values import Ids, Scope
from search.text.folding import fold
from search.types import Filters


class Scopes:
    """The scopes of one generation, over one SQLite connection.

    ``kept`` is what other snapshots of it found out.
    """

    def __init__(self, connection: sqlite3.Connection, kept: KeptLabels) -> None:
        self._db = connection
        self._kept = kept

    def passages(self, scope: Scope, languages: tuple[str, ...]) -> Ids | None:
        """Return the ids of the passages in scope, ascending, None where those are all.

        ``languages`` are those of the index, in each of which the phrases are read.
        """
        if scope == Scope():
            return None
        labels, owners = self._kept.labels(self._db), self._kept.owners(self._db)
        passing = _passing(labels, scope.filters)
        # Ids that no article has are left out.
        if scope.articles is not None:
            passing &= np.isin(labels.ids, list(scope.articles))
        for text in scope.excluded:
            matching = np.isin(owners.passages, self._matching(phrase(text, languages)))
            passing[owners.rows[matching]] = False
        found = passing[owners.rows]
        for match in _expressions(scope, languages):
            found &= np.isin(owners.passages, self._matching(match))
        return owners.passages[found]

    def newest(self, k: int, filters: Filters) -> list[int]:
        """Return the ids of the articles dated last that pass the filters, newest
        first, ties by greater id; those without a date come last."""
        labels = self._kept.labels(self._db)
        passing = np.flatnonzero(_passing(labels, filters))
        dates = labels.dated
        entries = zip(
            dates.rows[passing].tolist(), labels.ids[passing].tolist(), strict=True
        )
        best = heapq.nlargest(
            k, ((dates.values[date], number) for date, number in entries)
        )
        return [number for _, number in best]

    def _matching(self, match: str) -> Ids:
        """Return the passages that match an expression."""
        (found,) = self._db.execute(
            "SELECT json_group_array(rowid) FROM passages_fts WHERE passages_fts MATCH ?",
            (match,),
        ).fetchone()
        return np.array(json.loads(found), np.int64)


def _expressions(scope: Scope, languages: tuple[str, ...]) -> list[str]:
    """Return the expressions that a passage in scope has to match."""
    found = [phrase(text, languages) for text in scope.required]
    found += [in_title(text, languages) for text in scope.titled]
    found += [any_phrase(texts, languages) for texts in scope.alternatives]
    return found


def _passing(labels: ArticleLabels, filters: Filters) -> Mask:
    """Tell of each article if it passes the filters."""
    passing = np.ones(len(labels.ids), np.bool_)
    if filters.site:
        passing &= _of_site(labels, filters.site)
    if filters.author:
        author = fold(filters.author)
        passing &= labels.names.where(lambda names: author in fold(names.author))
    if filters.language:
        passing &= labels.language.where(filters.language.__eq__)
    if filters.evidence:
        passing &= labels.evidence.where(filters.evidence.__eq__)
    for tag in filters.tags:
        passing &= labels.tags.where(_has(tag))
    for tag in filters.without_tags:
        passing &= ~labels.tags.where(_has(tag))
    if filters.collection:
        passing &= labels.collections.where(_has(filters.collection))
    if filters.after:
        first = filters.after.isoformat()
        passing &= labels.dated.where(lambda day: day >= first)
    if filters.before:
        last = filters.before.isoformat()
        passing &= labels.dated.where(lambda day: "" < day <= last)
    return passing


def _has(name: str) -> Callable[[frozenset[str]], bool]:
    """Return a condition on folded names: that this is one of them."""
    wanted = fold(name)
    return lambda names: wanted in names


def _of_site(labels: ArticleLabels, site: str) -> Mask:
    """Tell of each article if it is of a host (or a domain above it) or of a site's
    name; where there is no such site, of a part of the name."""
    asked = asked_site(site)
    found = labels.names.where(lambda names: asked.is_named(names.host, names.site))
    if found.any() or not asked.part:
        return found
    return labels.names.where(lambda names: asked.part in squashed(*names))
