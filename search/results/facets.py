"""What the articles found have in common, counted; and what their authors said of it
earlier and later."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from search.ranking.fusion import Ranked
from search.types import Facets, View, Views

NEARLY = 0.9  # of the best score: what is less near to the question is no view of it
APART = timedelta(days=365)  # what is nearer in time is the same view


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


def views(
    number: int, ranked: Sequence[Ranked], known: Mapping[int, Particulars]
) -> Views | None:
    """What the author of an article found said of it at least a year before and after:
    of each the nearest to the question. None where this article or all others are not
    nearly as near as the best, of ``ranked``."""
    here = known[number]
    if not here.author or here.published is None:
        return None
    near = [
        known[other] for other, score, _ in ranked if score >= NEARLY * ranked[0][1]
    ]
    if here not in near:
        return None
    others = [
        View(one.url, one.title, one.published)
        for one in near
        if one.published and _is_same_author(here, one)
    ]
    older = next(
        (one for one in others if one.published <= here.published - APART), None
    )
    newer = next(
        (one for one in others if one.published >= here.published + APART), None
    )
    return Views(older, newer) if older or newer else None


def _is_same_author(one: Particulars, other: Particulars) -> bool:
    """The same name; one of a single word ("admin") only on the same site."""
    same = one.author.casefold() == other.author.casefold()
    return same and (one.site == other.site or len(one.author.split()) > 1)


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(
            Counter(filter(None, names)).items(),
            key=lambda entry: (-entry[1], entry[0]),
        )
    )
