"""A tally of the articles that were put and forgotten since the last commit.

Changes nothing itself.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field


@dataclass(slots=True)
class Changes:
    """The ids of articles that may have changed, and of those that were alike one that
    did; by how many there are more articles and passages; how many passages came or
    went."""

    numbers: set[int] = field(default_factory=set)
    articles: int = 0
    passages: int = 0
    exchanged: int = 0

    def begin(self, db: sqlite3.Connection, url: str) -> None:
        """Count the article at an address as gone, before anything of it changes."""
        row = db.execute(
            "SELECT id, (SELECT count(*) FROM passages WHERE article = articles.id)"
            " FROM articles WHERE url = ?",
            (url,),
        ).fetchone()
        if row is None:
            return
        number, passages = row
        alike = db.execute(
            "SELECT other FROM copies WHERE article = ?1"
            " UNION SELECT article FROM copies WHERE other = ?1",
            (number,),
        )
        self.numbers.update(other for (other,) in alike)
        self.articles -= 1
        self.passages -= passages
        self.exchanged += passages

    def put(self, number: int, passages: int) -> None:
        """Count an article with so many passages."""
        self.numbers.add(number)
        self.articles += 1
        self.passages += passages
        self.exchanged += passages
