"""Tables and lines that a person reads at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.backfill.frontier import Frontier
from indexer.crawl.reasons import sentence
from indexer.records import Outcome, Report, Result, SourceRecord
from search.console import plain
from search.types import ArchiveSearch, Coverage, Held

MOST_NAMED = 40  # failures named one by one; the rest is counted
REQUESTS_OF_RUN = 2  # that any run makes of a site: its feed and robots.txt

WORDS: dict[Result, str] = {
    "article": "whole articles",
    "summary": "summary only",
    "link": "link and note only",
    "unchanged": "unchanged",
    "excluded": "kept out",
    "failed": "not to be had",
}
SEARCH_WORDS: dict[ArchiveSearch, str] = {
    "none": "not looked for",
    "open": "the search isn't over; blog-indexer backfill goes on",
    "over": "the search is over",
    "whole": "the search is over, and the list looks complete",
}
HELD_WORDS: dict[Held, str] = {
    "summary": "summary",
    "link": "link only",
    "nothing": "not held",
}


def print_report(console: Console, report: Report) -> None:
    """The closing table: sources with their errors, what became of the articles, what
    failed why."""
    table = Table(title="Sources", title_justify="left", box=None, pad_edge=False)
    table.add_column("source", overflow="fold")
    table.add_column("outcome", overflow="fold")
    for record, error in report.sources:
        table.add_row(_text(record.title or record.url), _text(error or _rest(record)))
    console.print(table)
    counts = Counter(outcome.result for outcome in report.outcomes)
    parts = [f"{counts[key]} {words}" for key, words in WORDS.items() if counts[key]]
    console.print(f"\nArticles: {', '.join(parts) or 'none'}.", highlight=False)
    if report.embedded or report.reused:
        text = f"Passages: {report.embedded} embedded, {report.reused} known already."
        console.print(text, highlight=False)
    _print_troubles(console, [o for o in report.outcomes if o.reason and o.tried])
    if waiting := sum(1 for o in report.outcomes if o.reason and not o.tried):
        console.print(
            f"{waiting} from earlier runs wait for their next try; which and why: blog-indexer status"
        )
    if report.stopped:
        console.print(
            "Stopped early; what was done is kept, and the next update goes on from there."
        )


def print_found(console: Console, frontiers: Mapping[str, Frontier]) -> None:
    """Print how many older posts each strategy gave, and what is left to do."""
    for source, frontier in frontiers.items():
        found = ", ".join(
            f"{count} from {name}" for name, count in frontier.found.items()
        )
        line = (
            f"Older posts of {source}: {found or 'none that the feed does not show'}."
        )
        if not frontier.done:
            line += f" The search isn't over, and {len(frontier.waiting)} known posts wait: backfill goes on."
        console.print(_text(line))


def print_estimate(console: Console, frontiers: Mapping[str, Frontier]) -> None:
    """Print what a backfill would take, after a search that fetched no posts."""
    for source, frontier in frontiers.items():
        posts = len(frontier.waiting)
        line = f"{source}: {posts} older posts found. A backfill takes about"
        line += f" {posts + REQUESTS_OF_RUN} requests, and more for posts that only"
        line += " other posts link to; --max-requests N ends it after N."
        console.print(_text(line))


def coverage_lines(books: Coverage) -> list[str]:
    """The books of one source: the sums, then each address that isn't held in full, and
    why."""
    ways = ", ".join(f"{count} from {way}" for way, count in books.found)
    older = "" if books.search == "none" else f"{ways or 'none'}; "
    shown = "not counted yet" if books.shown is None else f"{books.shown}"
    rows = [
        ("shows", shown + (f" (last error: {books.error})" if books.error else "")),
        ("older posts", f"{older}{SEARCH_WORDS[books.search]}"),
        ("known of", f"{books.known}"),
        ("in full", f"{books.article}"),
        ("summary", f"{books.summary}"),
        ("link only", f"{books.link}"),
        ("not held", f"{books.missing}"),
        ("the same", f"{books.same}, further addresses of articles counted above"),
    ]
    if books.kind != "feed":
        del rows[1]
    lines = [f"{books.title or books.source}", f"  {books.kind} {books.source}"]
    lines += [f"  {name:12} {value}" for name, value in rows]
    lines += [
        f"  {HELD_WORDS[one.held]:9}  {one.url}  {one.reason}"
        for one in books.not_whole
    ]
    return [plain(line) for line in lines]


def _print_troubles(console: Console, troubled: Sequence[Outcome]) -> None:
    if not troubled:
        return
    table = Table(
        title="\nNot to be had, or not whole, and why",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("held as", no_wrap=True)
    table.add_column("address", overflow="fold")
    table.add_column("reason", overflow="fold")
    for outcome in troubled[:MOST_NAMED]:
        kept = {"failed": "nothing", "unchanged": "article"}.get(
            outcome.result, outcome.result
        )
        table.add_row(
            kept, _text(outcome.url), _text(sentence(outcome.reason, outcome.detail))
        )
    console.print(table)
    reasons = Counter(
        sentence(outcome.reason, outcome.detail) for outcome in troubled[MOST_NAMED:]
    )
    for reason, count in reasons.most_common():
        console.print(_text(f"… and {count} more: {reason}"))


def _rest(record: SourceRecord) -> str:
    """What is to be said of a source without a new error: it may have been left alone
    for an old one."""
    if record.ended:
        return "ended (410 Gone)"
    return (
        f"left alone until {record.not_before[:16]} UTC: {record.error}"
        if record.error
        else "ok"
    )


def _text(text: str) -> Text:
    """Text from outside, in which neither a terminal nor rich finds anything to act
    upon."""
    return Text(plain(text))
