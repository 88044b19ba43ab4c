"""Pure: what a search found, counted → links that narrow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.types import Facets

STEPS = 8  # heights of a bar, as page.css has them
MOST_YEARS = 60  # columns; a feed that dates posts to the year 9999 gets no column for each year until then
NAMED = 12  # sites and authors; who looks for another types its name


@dataclass(frozen=True, slots=True)
class Bar:
    """One year: ``step`` is its height, 0 to STEPS; ``link`` is "" where nothing was
    found."""

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
class Narrowing:
    """What there is to choose from; empty where there is but one."""

    years: tuple[Bar, ...]
    sites: tuple[Choice, ...]
    authors: tuple[Choice, ...]


def narrowing(facets: Facets, search_url: Callable[..., str]) -> Narrowing:
    """``search_url`` gives the address of this search with some parameters changed."""
    return Narrowing(
        years=tuple(
            Bar(
                year,
                count,
                _step(count, facets.years),
                search_url(year=str(year)) if count else "",
            )
            for year, count in _without_gaps(facets.years)
        ),
        sites=tuple(
            Choice(name, n, search_url(site=name)) for name, n in _choices(facets.sites)
        ),
        authors=tuple(
            Choice(name, n, search_url(author=name))
            for name, n in _choices(facets.authors)
        ),
    )


def _without_gaps(years: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The years between the first and the last too, so that the bars stand where they
    belong in time."""
    if len(years) < 2:
        return ()
    first, last = years[0][0], years[-1][0]
    counts = dict(years)
    return (
        years
        if last - first > MOST_YEARS
        else [(y, counts.get(y, 0)) for y in range(first, last + 1)]
    )


def _step(count: int, years: Sequence[tuple[int, int]]) -> int:
    """Never 0 for a year in which anything was found."""
    return -(-count * STEPS // max(most for _, most in years))


def _choices(names: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    return names[:NAMED] if len(names) > 1 else ()
