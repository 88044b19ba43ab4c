"""Counts over the articles found: of each year, site, author, language, kind of
evidence, tag and collection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from search.port_values import Labels
from search.text.folding import fold
from search.types import Facets

MOST_TAGS = 50  # those of some hundred articles go into the thousands


def facets(found: Iterable[Labels]) -> Facets:
    """Count the articles of each year, site, author, language, kind of evidence, tag
    and collection; what is unknown isn't counted."""
    articles = list(found)
    days = filter(None, (one.dated for one in articles))
    return Facets(
        years=tuple(sorted(Counter(int(day[:4]) for day in days).items())),
        sites=_counts(one.site for one in articles),
        authors=_counts(one.author for one in articles),
        languages=_counts(one.language for one in articles),
        evidence=_counts(one.evidence for one in articles),
        tags=_counts_of_names(one.tags for one in articles)[:MOST_TAGS],
        collections=_counts_of_names(one.collections for one in articles),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(filter(None, names))
    return tuple(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))


def _counts_of_names(lists: Iterable[tuple[str, ...]]) -> tuple[tuple[str, int], ...]:
    """Count names that differ in case or accents as one, by its commonest spelling."""
    spelt: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for names in lists:
        for name in names:
            spelt[fold(name)][name] += 1
    counted = [
        (min(names, key=lambda name: (-names[name], name)), names.total())
        for names in spelt.values()
    ]
    return tuple(sorted(counted, key=lambda entry: (-entry[1], entry[0])))
