"""Pure: the books of one source → the pieces of them that the page's template sets
out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.types import ArchiveSearch, Coverage, Held
from web.hit_view import followable

MOST_NAMED = 100  # addresses of one source; the command line names all

KIND_WORDS = {
    "feed": "Feed",
    "linkpage": "Link page",
    "article": "Single page",
    "folder": "Folder",
    "archive": "Export or saved page",
}
HELD_WORDS: dict[Held, str] = {
    "summary": "Summary only",
    "link": "Link only",
    "nothing": "Not held",
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
class Totals:
    """Over all sources: addresses known of, less those that only repeat, and articles
    held in full."""

    known: int
    article: int


@dataclass(frozen=True, slots=True)
class ShownGap:
    """An address that isn't held in full; ``title`` is never empty, ``link`` where a
    click may lead."""

    title: str
    link: str
    held: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownBooks:
    """``sums`` are lines of the account, each a name and what it comes to; ``unnamed``
    counts the gaps that ``gaps`` leaves out."""

    title: str
    link: str
    kind: str
    error: str
    whole: str
    sums: tuple[tuple[str, str], ...]
    gaps: tuple[ShownGap, ...]
    unnamed: int


def totals(books: Sequence[Coverage]) -> Totals:
    """The sums over all sources; what two sources lead to counts for each of them."""
    return Totals(
        sum(one.known - one.same for one in books), sum(one.article for one in books)
    )


def shown_books(books: Coverage) -> ShownBooks:
    """What the page shows of one source."""
    number = "{:,}".format
    sums = [
        (
            "Shown by the source",
            "not counted yet" if books.shown is None else number(books.shown),
        ),
        ("Older posts found", _older(books) if books.kind == "feed" else ""),
        ("Held in full", number(books.article)),
        ("Summary only", number(books.summary) if books.summary else ""),
        ("Link only", number(books.link) if books.link else ""),
        ("Not held", number(books.missing) if books.missing else ""),
        ("Second addresses of these", number(books.same) if books.same else ""),
    ]
    return ShownBooks(
        title=books.title.strip() or books.source,
        link=_link(books.source),
        kind=KIND_WORDS.get(books.kind, books.kind),
        error=books.error,
        whole=f"{number(books.article)} of {number(books.known - books.same)} in full",
        sums=tuple((name, value) for name, value in sums if value),
        gaps=tuple(
            ShownGap(
                one.title.strip() or one.url,
                _link(one.url),
                HELD_WORDS[one.held],
                one.reason,
            )
            for one in books.not_whole[:MOST_NAMED]
        ),
        unnamed=max(0, len(books.not_whole) - MOST_NAMED),
    )


def _older(books: Coverage) -> str:
    if not books.found:
        return SEARCH_WORDS[books.search]
    ways = ", ".join(f"{count:,} from {way}" for way, count in books.found)
    return ways + SEARCH_ENDS[books.search]


def _link(url: str) -> str:
    """Only to the web: a local file that isn't an article is not handed over."""
    return followable(url) if url.startswith(("http://", "https://")) else ""
