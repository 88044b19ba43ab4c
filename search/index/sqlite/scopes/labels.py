"""The labels of all articles and the articles of all passages, of one generation, as
columns of numbers: filters look at each different value once.

It reads the rows and knows no question.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.index.sqlite.schema import names_columns
from search.index.stored_records import all_texts
from search.index.stored_rows import names_from
from search.port_values import Ids
from search.text.tags import folded

Mask = NDArray[np.bool_]


class Names(NamedTuple):
    """The names by which people know where an article is from."""

    site: str
    host: str
    author: str


class Column:
    """A value a row; the rows have few different ones."""

    def __init__(self, values: Iterable[Any]) -> None:
        numbers: dict[Any, int] = {}
        rows = [numbers.setdefault(value, len(numbers)) for value in values]
        self.values = list(numbers)
        """Each different value once."""
        self.rows = np.array(rows, np.int32)
        """The place of each row's value among them."""

    def where(self, holds: Callable[[Any], bool]) -> Mask:
        """Tell of each row if a condition holds for its value."""
        return np.array([holds(value) for value in self.values], np.bool_)[self.rows]


@dataclass(frozen=True, slots=True)
class ArticleLabels:
    """The values that articles are filtered by: a row an article, ``ids`` ascending; ``names`` are
    Names, ``tags`` and ``collections`` sets of folded names, all else is text, ``dated`` an ISO
    date or ""."""

    ids: Ids
    names: Column
    dated: Column
    language: Column
    evidence: Column
    tags: Column
    collections: Column


@dataclass(frozen=True, slots=True)
class Owners:
    """The passages by ascending id, and the row of each one's article among the
    labels."""

    passages: Ids
    rows: Ids


class KeptLabels:
    """The labels of one generation, read at the first filter.

    Safe to use from several threads: what two of them read at once is the same.
    """

    def __init__(self) -> None:
        self._labels: ArticleLabels | None = None
        self._owners: Owners | None = None

    def labels(self, db: sqlite3.Connection) -> ArticleLabels:
        """Return the labels of all articles; raises TypeError where one is no text."""
        if self._labels is None:
            self._labels = _read_labels(db)
        return self._labels

    def owners(self, db: sqlite3.Connection) -> Owners:
        """Return the article of each passage."""
        if self._owners is None:
            self._owners = _read_owners(db, self.labels(db))
        return self._owners


def _read_labels(db: sqlite3.Connection) -> ArticleLabels:
    # From an index of these columns: the rows lie among the texts of the articles.
    rows = db.execute(
        "SELECT id, site, host, author, ifnull(dated, ''), language, evidence,"  # noqa: S608
        f" {names_columns(db)} FROM articles"  # fixed text
    ).fetchall()
    rows.sort(key=lambda row: row[0])
    labels = ArticleLabels(
        np.array([row[0] for row in rows], np.int64),
        Column(Names(*row[1:4]) for row in rows),
        Column(row[4] for row in rows),
        Column(row[5] for row in rows),
        Column(row[6] for row in rows),
        _folded(Column(row[7] for row in rows)),
        _folded(Column(row[8] for row in rows)),
    )
    texts = (*labels.dated.values, *labels.language.values, *labels.evidence.values)
    if not all_texts(
        *texts, *(text for names in labels.names.values for text in names)
    ):
        raise TypeError("a text of an article is none")
    return labels


def _folded(stored: Column) -> Column:
    """Read each different list of names once."""
    stored.values = [folded(names_from(value)) for value in stored.values]
    return stored


def _read_owners(db: sqlite3.Connection, labels: ArticleLabels) -> Owners:
    # As two texts: a million rows of their own take three times as long. They come from
    # the index of passages by article.
    numbers, articles = db.execute(
        "SELECT json_group_array(id), json_group_array(article) FROM passages"
    ).fetchone()
    ids = np.array(json.loads(numbers), np.int64)
    order = np.argsort(ids)
    owners = np.array(json.loads(articles), np.int64)[order]
    return Owners(ids[order], np.searchsorted(labels.ids, owners))
