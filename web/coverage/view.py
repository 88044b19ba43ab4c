"""The coverage report of one source, as the page's template sets it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.coverage_report import ArchiveSearch, Coverage, NotWhole
from search.states import STATE_WORDS, State
from web.security import followable_on_web

MOST_NAMED = 100  # addresses of one source; the command line names all

KIND_WORDS = {
    "feed": "Feed",
    "linkpage": "Link page",
    "article": "Single page",
    "folder": "Folder",
    "archive": "Export or saved page",
    "mail": "Mail",
    "saved": "Saved here",
    "unseen": "Not looked at yet",
}
SEARCH_WORDS: dict[ArchiveSearch, str] = {
    "none": "not looked for yet",
    "open": "none so far; the search is not over",
    "over": "none; the search is over",
    "whole": "none; the feed shows all",
}
SEARCH_ENDS: dict[ArchiveSearch, str] = {
    "none": "",
    "open": "; the search is not over",
    "over": "",
    "whole": "; the list looks complete",
}


@dataclass(frozen=True, slots=True)
class CoverageTotals:
    """Sums over all sources: known addresses without repeats, articles in full."""

    known: int
    article: int


@dataclass(frozen=True, slots=True)
class GapView:
    """An article that is not indexed in full; ``link`` is "" where no click may lead."""

    title: str
    link: str
    held: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """``sums`` are lines of the report, each a name and a number; ``unnamed`` counts
    the articles that ``gaps`` leaves out. ``name`` is the site to list the posts of, ""
    where a source is none."""

    title: str
    link: str
    kind: str
    name: str
    error: str
    whole: str
    sums: tuple[tuple[str, str], ...]
    gaps: tuple[GapView, ...]
    unnamed: int


def totals(reports: Sequence[Coverage]) -> CoverageTotals:
    """Add up all sources; an article that two of them lead to counts for each."""
    known = sum(report.known - report.same for report in reports)
    return CoverageTotals(known, sum(report.article for report in reports))


def source_view(report: Coverage) -> SourceView:
    """Set out the coverage report of one source."""
    name = ""
    if report.kind == "feed":
        name = report.title.strip()
    return SourceView(
        title=report.title.strip() or report.source,
        # A local file that is no article is not handed over.
        link=followable_on_web(report.source),
        kind=KIND_WORDS.get(report.kind, report.kind),
        name=name,
        error=report.error,
        whole=f"{report.article:,} of {report.known - report.same:,} {STATE_WORDS['article']}",
        sums=tuple(_sums(report)),
        gaps=tuple(map(_gap_view, report.not_whole[:MOST_NAMED])),
        unnamed=max(0, len(report.not_whole) - MOST_NAMED),
    )


def _sums(report: Coverage) -> Iterator[tuple[str, str]]:
    if report.shown is None:
        shown = "not counted yet"
    else:
        shown = f"{report.shown:,}"
    yield "Shown by the source", shown
    if report.kind == "feed":
        yield "Older posts found", _older(report)
    counts: dict[State, int] = {
        "article": report.article,
        "summary": report.summary,
        "link": report.link,
        "nothing": report.missing,
    }
    for state, count in counts.items():
        if count or state == "article":
            yield STATE_WORDS[state].capitalize(), f"{count:,}"
    if report.same:
        yield "Second addresses of these", f"{report.same:,}"


def _gap_view(gap: NotWhole) -> GapView:
    title = gap.title.strip() or gap.url
    return GapView(
        title,
        followable_on_web(gap.url),
        STATE_WORDS[gap.held].capitalize(),
        gap.reason,
    )


def _older(report: Coverage) -> str:
    if not report.found:
        return SEARCH_WORDS[report.search]
    ways = ", ".join(f"{count:,} from {way}" for way, count in report.found)
    return ways + SEARCH_ENDS[report.search]
