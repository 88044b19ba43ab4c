"""Counts over the articles found: of each year, site, author, language and kind of
evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from search.port_values import Labels
from search.types import Facets


def facets(found: Iterable[Labels]) -> Facets:
    """Count the articles of each year, site, author, language and kind of evidence;
    what is unknown isn't counted."""
    articles = list(found)
    days = filter(None, (one.dated for one in articles))
    return Facets(
        years=tuple(sorted(Counter(int(day[:4]) for day in days).items())),
        sites=_counts(one.site for one in articles),
        authors=_counts(one.author for one in articles),
        languages=_counts(one.language for one in articles),
        evidence=_counts(one.evidence for one in articles),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(filter(None, names))
    return tuple(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))
