"""Links that narrow a search by year, site, author, language, tag, collection or kind,
with counts, and those that take a filter away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.states import STATE_WORDS
from search.text.languages import language_name
from search.types import Evidence, Facets

STEPS = 8  # heights of a bar, as page.css has them
# Columns. A feed that dates posts to the year 9999 gets no column for each year to then.
MOST_YEARS = 60
# Fewer articles or years are quicker read as chips than seen as a shape.
LEAST_FOR_BARS = 10
LEAST_YEARS_FOR_BARS = 3
SPANS = 3  # stretches of years beside the bars
NAMED = 12  # sites, authors and tags; for another one types its name

KINDS: tuple[Evidence, ...] = ("article", "summary", "link")
Pairs = Sequence[tuple[str, int]]
SearchUrl = Callable[..., str]
"""Gives the address of this search with some parameters changed."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One year; ``step`` is its height, 0 to STEPS, ``link`` "" where nothing was found."""

    year: int
    count: int
    step: int
    link: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, and the search for only its articles."""

    name: str
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """The values of one filter."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter that narrows this search; ``link`` leads to the search without it."""

    filter: str
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """The filters of a search and what they can be set to; groups of one are left out."""

    active: tuple[ActiveFilter, ...]
    bars: tuple[Bar, ...]
    groups: tuple[ChoiceGroup, ...]
    unfiltered: str


def facet_links(
    facets: Facets, asked: Mapping[str, str], search_url: SearchUrl
) -> FacetLinks:
    """Make the links of a search with these facets and these fields of its form."""
    bars = _bars(facets.years, search_url)
    groups = (
        ChoiceGroup("Years", _years(facets.years, search_url, has_bars=bool(bars))),
        ChoiceGroup("Sites", _choices(facets.sites, "site", search_url)),
        ChoiceGroup("Authors", _choices(facets.authors, "author", search_url)),
        ChoiceGroup("Tags", _choices(facets.tags, "tag", search_url)),
        ChoiceGroup(
            "Collections", _choices(facets.collections, "collection", search_url)
        ),
        ChoiceGroup("Languages", _languages(facets.languages, search_url)),
        ChoiceGroup("Indexed", _kinds(facets.evidence, search_url)),
    )
    return FacetLinks(
        active=tuple(active_filters(asked, search_url)),
        bars=bars,
        groups=tuple(group for group in groups if group.choices),
        unfiltered=search_url(**dict.fromkeys(FILTERS, "")),
    )


FILTERS = ("site", "author", "since", "until", "tag", "collection", "lang", "evidence")


def active_filters(
    asked: Mapping[str, str], search_url: SearchUrl
) -> Iterator[ActiveFilter]:
    """Yield the filters that are set, each with the link that takes it away."""
    years = _named_years(asked["since"], asked["until"])
    if years:
        yield ActiveFilter("Years", years, search_url(since="", until=""))
    if asked["site"]:
        yield ActiveFilter("Site", asked["site"], search_url(site=""))
    if asked["author"]:
        yield ActiveFilter("Author", asked["author"], search_url(author=""))
    for filter_, name in (("Tag", "tag"), ("Collection", "collection")):
        if asked[name]:
            yield ActiveFilter(filter_, asked[name], search_url(**{name: ""}))
    if asked["lang"]:
        name = language_name(asked["lang"])
        yield ActiveFilter("Language", name, search_url(lang=""))
    if asked["evidence"]:
        name = STATE_WORDS.get(asked["evidence"], asked["evidence"])  # type: ignore[call-overload]
        yield ActiveFilter("Indexed", name, search_url(evidence=""))


def _named_years(since: str, until: str) -> str:
    if since == until:
        return since
    if not until:
        return f"since {since}"
    if not since:
        return f"until {until}"
    return f"{since}–{until}"


def _bars(years: Sequence[tuple[int, int]], search_url: SearchUrl) -> tuple[Bar, ...]:
    if not _can_be_bars(years):
        return ()
    bars = []
    for year, count in _without_gaps(years):
        link = ""
        if count:
            link = _year_link(year, year, search_url)
        bars.append(Bar(year, count, _step(count, years), link))
    return tuple(bars)


def _can_be_bars(years: Sequence[tuple[int, int]]) -> bool:
    found = sum(count for _, count in years)
    return len(years) >= LEAST_YEARS_FOR_BARS and found >= LEAST_FOR_BARS


def _without_gaps(years: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Add the years between with a count of 0, so that bars stand in their place."""
    first, last = years[0][0], years[-1][0]
    if last - first > MOST_YEARS:
        return years
    counts = dict(years)
    return [(year, counts.get(year, 0)) for year in range(first, last + 1)]


def _step(count: int, years: Sequence[tuple[int, int]]) -> int:
    """Scale a count to 0 … STEPS; rounded up, so that one article shows."""
    return -(-count * STEPS // max(most for _, most in years))


def _years(
    years: Sequence[tuple[int, int]], search_url: SearchUrl, *, has_bars: bool
) -> tuple[Choice, ...]:
    """Offer stretches of years beside bars and where there are many, else each year."""
    if len(years) < 2:
        return ()
    groups = [[one] for one in years]
    if has_bars or len(years) > NAMED:
        groups = _spans(years)
    choices = []
    for group in groups:
        first, last = group[0][0], group[-1][0]
        name = str(first)
        if first != last:
            name = f"{first}–{last}"
        count = sum(count for _, count in group)
        choices.append(Choice(name, count, _year_link(first, last, search_url)))
    return tuple(reversed(choices))  # the newest are asked for most


def _spans(years: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Part years into stretches of about as many articles each."""
    share = sum(count for _, count in years) / SPANS
    spans: list[list[tuple[int, int]]] = [[]]
    room = share
    for year in years:
        # A year goes where more than half of its articles belong.
        if spans[-1] and room < year[1] / 2 and len(spans) < SPANS:
            spans.append([])
            room += share
        spans[-1].append(year)
        room -= year[1]
    return spans


def _year_link(first: int, last: int, search_url: SearchUrl) -> str:
    return search_url(since=str(first), until=str(last))


def _choices(pairs: Pairs, name: str, search_url: SearchUrl) -> tuple[Choice, ...]:
    if len(pairs) < 2:
        return ()
    return tuple(
        Choice(value, count, search_url(**{name: value}))
        for value, count in pairs[:NAMED]
    )


def _languages(pairs: Pairs, search_url: SearchUrl) -> tuple[Choice, ...]:
    return tuple(
        Choice(language_name(one.name), one.count, one.link)
        for one in _choices(pairs, "lang", search_url)
    )


def _kinds(pairs: Pairs, search_url: SearchUrl) -> tuple[Choice, ...]:
    counts = dict(pairs)
    if len(counts) < 2:
        return ()
    return tuple(
        Choice(STATE_WORDS[kind], counts[kind], search_url(evidence=kind))
        for kind in KINDS
        if kind in counts
    )
