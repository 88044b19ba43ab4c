"""Counts over the articles found: of each year, site, author and language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from search.types import Article, Facets


def facets(found: Iterable[Article]) -> Facets:
    """Count the articles of each year, site, author and language; what is unknown isn't
    counted."""
    articles = list(found)
    days = filter(None, map(dated, articles))
    return Facets(
        years=tuple(sorted(Counter(int(day[:4]) for day in days).items())),
        sites=_counts(map(_site_of, articles)),
        authors=_counts(article.author for article in articles),
        languages=_counts(article.language for article in articles),
    )


def dated(article: Article) -> str:
    """Return the ISO date that an article is ordered by, "" where unknown: the day it
    was published, else that of its newest note."""
    if article.published:
        return article.published.isoformat()
    noted = [note.noted.isoformat() for note in article.notes if note.noted]
    return max(noted, default="")


def _site_of(article: Article) -> str:
    return article.site or (urlsplit(article.url).hostname or "").lower()


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(filter(None, names))
    return tuple(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))
