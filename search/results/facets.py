"""Counts over the articles found: of each year, site, author, language and kind of
evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from search.types import Article, Facets


def facets(found: Iterable[Article]) -> Facets:
    """Count the articles of each year, site, author, language and kind of evidence;
    what is unknown isn't counted."""
    articles = list(found)
    days = filter(None, (article.dated for article in articles))
    return Facets(
        years=tuple(sorted(Counter(int(day[:4]) for day in days).items())),
        sites=_counts(article.site or article.host for article in articles),
        authors=_counts(article.author for article in articles),
        languages=_counts(article.language for article in articles),
        evidence=_counts(article.evidence for article in articles),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(filter(None, names))
    return tuple(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))
