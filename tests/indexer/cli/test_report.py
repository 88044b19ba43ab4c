"""What a person sees of a run: true, complete, and harmless whatever the pages call
themselves."""

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from indexer.backfill.frontier import Frontier
from indexer.cli.report import MOST_NAMED, print_estimate, print_found, print_report
from indexer.ledger.place import Place
from indexer.records import Item, Outcome, Report, SourceRecord

HERE = Place(Path("my index"), Path("my index"))
HOSTILE = "\\[bold]x[/]\x1b[2J\x9b31m\r\u202e[link=file:///etc]y"


def console(*, terminal: bool = False, width: int = 200) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width)


def printed(report: Report, **options) -> str:
    out = console(**options)
    print_report(out, report, place=HERE)
    return out.file.getvalue()


def feed(title="", **fields) -> SourceRecord:
    return SourceRecord("https://a.example/feed", "feed", title, **fields)


def test_the_table_counts_each_outcome_once():
    ended = (("s", "summary", "It is down."), ("u", "unchanged", ""), ("f", "failed", "Never there."),
             ("x", "excluded", ""), ("l", "link", "No page."), ("g", "unchanged", "Gone."))  # fmt: skip
    report = Report(
        sources=[
            (feed("A Blog"), ""),
            (SourceRecord("https://b.example/f", "feed"), "No such page (404)."),
        ],
        outcomes=[Outcome(f"https://a.example/{n}", "article") for n in range(3)]
        + [
            Outcome(f"https://a.example/{path}", result, reason and "other", reason)
            for path, result, reason in ended
        ],
        embedded=12,
        reused=3,
    )
    said = printed(report)
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "A Blog ok" in lines
    assert "https://b.example/f No such page (404)." in lines
    counts = next(line for line in lines if line.startswith("Articles:"))
    for part in (
        "3 full text",
        "1 summary only",
        "1 link only",
        "2 unchanged",
        "1 kept out",
    ):
        assert part in counts
    assert "1 not indexed" in counts
    assert "Passages: 12 embedded, 3 known already." in lines
    assert "summary only https://a.example/s It is down." in lines
    assert "not indexed https://a.example/f Never there." in lines
    assert "link only https://a.example/l No page." in lines
    assert "full text https://a.example/g Gone." in lines
    assert "Stopped" not in said


def test_a_source_says_how_many_posts_it_left_for_the_next_run():
    record = feed("A Blog")
    left = [
        Outcome("https://b.example/1", "failed", "put-off", "Nobody there."),
        Outcome("https://b.example/2", "summary", "silent-host", "Nobody there."),
    ]
    said = printed(Report([(record, "")], left, left=Counter({record.url: 2})))
    assert "ok; 2 posts left for the next run: their hosts didn't answer" in said
    # They are counted there, and not named one by one.
    assert "https://b.example" not in said
    said = printed(Report([(record, "Cut off.")], left=Counter({record.url: 1})))
    assert "Cut off; 1 post left for the next run: its host didn't answer" in said


def test_many_failures_are_counted_by_their_reason():
    outcomes = [
        Outcome(f"https://a.example/{n}", "failed", "connection", "It is down.")
        for n in range(MOST_NAMED + 7)
    ]
    said = printed(Report(outcomes=outcomes))
    assert said.count("https://a.example/") == MOST_NAMED
    assert "… and 7 more: It is down." in said


def test_what_waits_since_earlier_runs_is_counted_not_listed():
    waiting = [
        Outcome(f"https://a.example/{n}", "summary", "not-whole", tried=False)
        for n in range(3)
    ]
    said = printed(
        Report(
            outcomes=[
                *waiting,
                Outcome("https://a.example/new", "failed", "connection", "It is down."),
            ]
        )
    )
    assert said.count("https://a.example/") == 1
    assert "3 from earlier runs wait for their next try" in said
    assert said.rstrip().endswith("blog-indexer status --index 'my index'")
    assert "3 summary only" in said


def test_a_source_that_was_not_asked_says_why():
    paused = feed(
        not_before="2026-05-05T10:00:00+00:00",
        error="The server asks for fewer requests (429).",
    )
    said = printed(
        Report(sources=[(feed(ended=True, error="Removed (410)."), ""), (paused, "")])
    )
    assert "ended (410 Gone)" in said
    assert "fewer requests" in said
    assert " ok" not in said


def test_an_empty_run_and_a_stopped_one():
    assert "Articles: none." in printed(Report())
    assert "Stopped early" in printed(Report(stopped=True))


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_is_shown_and_not_obeyed(terminal):
    outcomes = [
        Outcome(f"https://a.example/{HOSTILE}{n}", "failed", "other", HOSTILE)
        for n in range(MOST_NAMED + 1)
    ]
    said = printed(
        Report(sources=[(feed(HOSTILE), ""), (feed("x"), HOSTILE)], outcomes=outcomes),
        terminal=terminal,
    )
    assert "[2J" in said
    for evil in ("\x1b[2J", "\x9b", "\r", "\u202e", "\x1b]8", "\x1b[1mx"):
        assert evil not in said
    assert "\\[bold]x[/]" in said
    if not terminal:
        assert "\x1b" not in said


def test_an_estimate_counts_the_posts_that_wait_and_the_requests_for_them():
    frontier = Frontier(waiting=[Item(f"https://a.example/{n}") for n in range(5)])
    to = console()
    print_estimate(to, {"https://a.example/feed": frontier})
    said = " ".join(to.file.getvalue().split())
    assert said.startswith("https://a.example/feed: 5 older posts found.")
    assert "takes about 7 requests" in said  # the feed and robots.txt among them


def test_older_posts_are_counted_by_strategy_and_an_open_search_says_so():
    over = Frontier(found={"sitemaps": 3, "links between posts": 1}, done=True)
    unfinished = Frontier(waiting=[Item("https://b.example/1")])
    to = console()
    frontiers = {"https://a.example/feed": over, "https://b.example/f": unfinished}
    print_found(to, frontiers, place=HERE)
    first, second = to.file.getvalue().splitlines()
    assert first.endswith("3 from sitemaps, 1 from links between posts.")
    assert "none that the feed does not show" in second
    assert "1 known posts wait" in second
    assert "blog-indexer backfill --index 'my index' goes on" in second
