"""Links that narrow a search by year, site or author, with counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.types import Facets

STEPS = 8  # heights of a bar, as page.css has them
# Columns. A feed that dates posts to the year 9999 gets no column for each year to then.
MOST_YEARS = 60
NAMED = 12  # sites and authors; for another one types its name


@dataclass(frozen=True, slots=True)
class Bar:
    """One year; ``step`` is its height, 0 to STEPS, ``link`` "" where nothing was found."""

    year: int
    count: int
    step: int
    link: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One site or author, and the search for only its articles."""

    name: str
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """The choices of each kind; none where there is only one."""

    years: tuple[Bar, ...]
    sites: tuple[Choice, ...]
    authors: tuple[Choice, ...]


def facet_links(facets: Facets, search_url: Callable[..., str]) -> FacetLinks:
    """Make the links of a search's facets.

    ``search_url`` gives the address of this search with some parameters changed.
    """
    return FacetLinks(
        years=_bars(facets.years, search_url),
        sites=_choices(facets.sites, lambda name: search_url(site=name)),
        authors=_choices(facets.authors, lambda name: search_url(author=name)),
    )


def _bars(
    years: Sequence[tuple[int, int]], search_url: Callable[..., str]
) -> tuple[Bar, ...]:
    bars = []
    for year, count in _without_gaps(years):
        link = search_url(year=str(year)) if count else ""
        bars.append(Bar(year, count, _step(count, years), link))
    return tuple(bars)


def _without_gaps(years: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Add the years between with a count of 0, so that bars stand in their place."""
    if len(years) < 2:
        return ()
    first, last = years[0][0], years[-1][0]
    if last - first > MOST_YEARS:
        return years
    counts = dict(years)
    return [(year, counts.get(year, 0)) for year in range(first, last + 1)]


def _step(count: int, years: Sequence[tuple[int, int]]) -> int:
    """Scale a count to 0 … STEPS; rounded up, so that one article shows."""
    return -(-count * STEPS // max(most for _, most in years))


def _choices(
    names: Sequence[tuple[str, int]], link: Callable[[str], str]
) -> tuple[Choice, ...]:
    if len(names) < 2:
        return ()
    return tuple(Choice(name, count, link(name)) for name, count in names[:NAMED])
