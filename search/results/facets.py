"""Counts over the articles found: of each year, site, author and language."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from search.types import Facets


@dataclass(frozen=True, slots=True)
class Particulars:
    """One article found; ``site`` is the host where the site has no name, ``dated`` the
    ISO date it is ordered by, "" where unknown."""

    url: str
    title: str
    site: str
    author: str
    language: str
    published: date | None
    dated: str


def particulars(
    db: sqlite3.Connection, numbers: Sequence[int]
) -> dict[int, Particulars]:
    """Those of these articles, by their numbers."""
    rows = db.execute(
        "SELECT id, url, title, iif(site = '', host, site) AS name, author, language, published, dated"
        " FROM articles WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    return {
        row["id"]: Particulars(
            url=row["url"],
            title=row["title"],
            site=row["name"],
            author=row["author"],
            language=row["language"],
            published=date.fromisoformat(row["published"])
            if row["published"]
            else None,
            dated=row["dated"] or "",
        )
        for row in rows
    }


def facets(found: Iterable[Particulars]) -> Facets:
    """How many articles are of each year, site, author and language; what is unknown
    isn't counted."""
    known = list(found)
    return Facets(
        years=tuple(
            sorted(Counter(int(one.dated[:4]) for one in known if one.dated).items())
        ),
        sites=_counts(one.site for one in known),
        authors=_counts(one.author for one in known),
        languages=_counts(one.language for one in known),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(
            Counter(filter(None, names)).items(),
            key=lambda entry: (-entry[1], entry[0]),
        )
    )
