"""Tables and lines that a person reads at the end of a run.

Counts nothing itself; progress is in indexer/runtime/progress.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.backfill.frontier import Frontier
from indexer.crawl.reasons import sentence
from indexer.fetch.http.network import NO_NETWORK
from indexer.ledger.place import Place
from indexer.records import FetchReason, Outcome, Report, Result, SourceRecord
from indexer.sources.discover import Look
from search.console import plain, say_on_stderr
from search.coverage_report import ArchiveSearch, Coverage
from search.states import STATE_WORDS, WIDEST_STATE, State

# So many fit a screen or two; a host that is down can fail by the hundred.
MOST_NAMED = 40  # failures named one by one; the rest is counted
REQUESTS_OF_RUN = 2  # that any run makes of a site: its feed and robots.txt

# In the order in which they are printed.
WORDS: dict[Result, str] = {
    "article": STATE_WORDS["article"],
    "summary": STATE_WORDS["summary"],
    "link": STATE_WORDS["link"],
    "unchanged": "unchanged",
    "excluded": "kept out",
    "failed": STATE_WORDS["nothing"],
}
# How far the search for older posts has come.
SEARCH_WORDS: dict[ArchiveSearch, str] = {
    "none": "not looked for",
    "open": "the search isn't over; blog-indexer backfill goes on",
    "over": "the search is over",
    "whole": "the search is over, and the list looks complete",
}
# Of an address that has trouble, what the index has.
KEPT: dict[Result, State] = {
    "article": "article",
    "summary": "summary",
    "link": "link",
    "unchanged": "article",
    "excluded": "nothing",
    "failed": "nothing",
}
# Reasons that need no line of their own in the table of troubles: what was not asked for
# want of a network, or as its host is silent, is counted in other places.
_COUNTED_ABOVE = ("", "no-network", "put-off", "silent-host")

# The step to take after an address that is not followed; those that name it themselves
# have none.
ADVICE: dict[FetchReason | Literal[""], str] = {
    "private-address": "",
    "no-such-host": "Look how its name is written.",
    "bad-address": "Look how it is written.",
    "unauthorized": "If you have a login there, see docs/logins.md.",
    "forbidden": "Its feed may have another address, which can be added.",
}
NEXT_STEP = "Look for its address in a browser, and add that of the blog or its feed."


def print_report(console: Console, report: Report, *, place: Place) -> None:
    """Print the sources with their errors, what became of the articles, and why some
    failed; hints name the ``place``."""
    _print_unreached(console, report)
    if report.unreached_sources and not report.sources:
        return
    table = Table(title="Sources", title_justify="left", box=None, pad_edge=False)
    table.add_column("source", overflow="fold")
    table.add_column("outcome", overflow="fold")
    for record, error in report.sources:
        # Titles and errors come from outside, and may hold rich's own markup.
        outcome = place.complete(error or _state_of(record))
        if left := report.left[record.url]:
            outcome = f"{outcome.removesuffix('.')}; {_left_line(left)}"
        table.add_row(_text(record.title or record.url), _text(outcome))
    console.print(table)
    # highlight=False: rich would colour each number.
    counts = Counter(outcome.result for outcome in report.outcomes)
    counts["unchanged"] += report.unchanged
    parts = [f"{counts[key]} {words}" for key, words in WORDS.items() if counts[key]]
    console.print(f"\nArticles: {', '.join(parts) or 'none'}.", highlight=False)
    if report.embedded or report.reused:
        text = f"Passages: {report.embedded} embedded, {report.reused} known already."
        console.print(text, highlight=False)
    _print_troubles(console, report, place)
    if report.stopped:
        console.print(
            "Stopped early; what was done is kept,"
            " and the next update goes on from there."
        )


def look_lines(look: Look) -> list[str]:
    """Write what a look at a typed address led to; nothing where there is no network,
    which is said once."""
    if not look.error:
        found = [one.record for one in look.found]
        return [f"{look.target}: {record.kind} {record.url}" for record in found]
    if not look.may_pass:
        return [f"{look.target}: {look.error} It is not followed. {_advice(look)}"]
    if look.reason == "no-network":
        return []
    return [f"{look.target}: {look.error} The next update looks again."]


def _advice(look: Look) -> str:
    return ADVICE.get(look.reason, NEXT_STEP)


def _print_unreached(console: Console, report: Report) -> None:
    """Say once that there is no network, and what was left for another run."""
    counts = {"source": report.unreached_sources, "page": report.unreached_pages}
    parts = [counted(count, what) for what, count in counts.items() if count]
    if parts:
        line = f"{NO_NETWORK} Left for the next run: {' and '.join(parts)}."
        console.print(line, highlight=False)


def counted(count: int, what: str) -> str:
    """Write a number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _left_line(count: int) -> str:
    hosts = "its host" if count == 1 else "their hosts"
    posts = counted(count, "post")
    return f"{posts} left for the next run: {hosts} didn't answer"


def print_found(
    console: Console, frontiers: Mapping[str, Frontier], *, place: Place
) -> None:
    """Print how many older posts each strategy gave, and what is left to do."""
    for source, frontier in frontiers.items():
        found = _ways(frontier.found.items()) or "none that the feed does not show"
        line = f"Older posts of {source}: {found}."
        if not frontier.done:
            waiting = len(frontier.waiting)
            line += f" The search isn't over, and {waiting} known posts wait:"
            line += " blog-indexer backfill goes on."
        console.print(_text(place.complete(line)))


def print_news(
    new: Mapping[str, int], failures: Iterable[str], *, place: Place
) -> None:
    """Print how many articles are new for which standing question."""
    for name, count in new.items():
        line = f"New for {name}: {counted(count, 'article')}; see: blog-indexer digest"
        say_on_stderr(place.complete(line))
    for failure in failures:
        say_on_stderr(place.complete(failure))


def print_estimate(console: Console, frontiers: Mapping[str, Frontier]) -> None:
    """Print what a backfill would take, after a search that fetched no posts."""
    for source, frontier in frontiers.items():
        posts = len(frontier.waiting)
        line = f"{source}: {posts} older posts found. A backfill takes about"
        line += f" {posts + REQUESTS_OF_RUN} requests, and more for posts that only"
        line += " other posts link to; --max-requests N ends it after N."
        console.print(_text(line))


def coverage_lines(report: Coverage) -> list[str]:
    """Write the coverage report of one source: the sums, then each address that isn't
    held in full, and why."""
    rows = {"shows": _shown_line(report), "older posts": _search_line(report)}
    rows |= {
        "known of": f"{report.known}",
        STATE_WORDS["article"]: f"{report.article}",
        STATE_WORDS["summary"]: f"{report.summary}",
        STATE_WORDS["link"]: f"{report.link}",
        STATE_WORDS["nothing"]: f"{report.missing}",
        "the same": f"{report.same}, further addresses of articles counted above",
    }
    if report.kind != "feed":
        del rows["older posts"]  # only feeds show less than there is
    lines = [f"{report.title or report.source}", f"  {report.kind} {report.source}"]
    for name, value in rows.items():
        lines.append(f"  {name:12} {value}")
    for one in report.not_whole:
        held = STATE_WORDS[one.held]
        lines.append(f"  {held:{WIDEST_STATE}}  {one.url}  {one.reason}")
    return [plain(line) for line in lines]


def _shown_line(report: Coverage) -> str:
    if report.shown is None:
        shown = "not counted yet"
    else:
        shown = f"{report.shown}"
    if report.error:
        return f"{shown} (last error: {report.error})"
    return shown


def _search_line(report: Coverage) -> str:
    state = SEARCH_WORDS[report.search]
    if report.search == "none":
        return state
    return f"{_ways(report.found) or 'none'}; {state}"


def _ways(found: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} from {way}" for way, count in found)


def _print_troubles(console: Console, report: Report, place: Place) -> None:
    troubled = [
        outcome for outcome in report.outcomes if outcome.reason not in _COUNTED_ABOVE
    ]
    # What was not tried in this run was named by the run that tried it.
    tried = [outcome for outcome in troubled if outcome.tried]
    if tried:
        table = Table(
            title="\nNot indexed, or not in full, and why",
            title_justify="left",
            box=None,
            pad_edge=False,
        )
        table.add_column("indexed", no_wrap=True)
        table.add_column("address", overflow="fold")
        table.add_column("reason", overflow="fold")
        for outcome in tried[:MOST_NAMED]:
            kept = STATE_WORDS[KEPT[outcome.result]]
            table.add_row(kept, _text(outcome.url), _text(_reason(outcome)))
        console.print(table)
        reasons = Counter(map(_reason, tried[MOST_NAMED:]))
        for reason, count in reasons.most_common():
            console.print(_text(f"… and {count} more: {reason}"))
    if waiting := len(troubled) - len(tried):
        line = f"{waiting} from earlier runs wait for their next try;"
        line += " which and why: blog-indexer status"
        console.print(_text(place.complete(line)))


def _reason(outcome: Outcome) -> str:
    return sentence(outcome.reason, outcome.detail)


def _state_of(record: SourceRecord) -> str:
    """Describe a source without a new error: it may be left alone for an old one."""
    if record.ended:
        return "ended (410 Gone)"
    # An old error: this run did not ask, as the server wants time or failed often.
    if record.error:
        return f"left alone until {record.not_before[:16]} UTC: {record.error}"
    return "ok"


def _text(text: str) -> Text:
    """Make text from outside harmless: neither a terminal nor rich acts upon it."""
    return Text(plain(text))
