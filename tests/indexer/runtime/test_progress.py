"""Progress as a person sees it, harmless whatever the pages call themselves."""

import io
import logging

from rich.console import Console

from indexer.runtime.progress import LogProgress, TerminalProgress, progress_for

PACE = "11 passages/s, less than a minute left"
HOSTILE = "\\[bold]x[/]\x1b[2J\x9b31m\r\u202e[link=file:///etc]y"


def console(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=200)


def test_a_log_gets_plain_lines_and_a_terminal_a_bar(caplog):
    assert isinstance(progress_for(console()), LogProgress)
    assert isinstance(progress_for(console(terminal=True)), TerminalProgress)
    caplog.set_level(logging.INFO)
    progress = progress_for(console())
    progress.begin("articles", 3)
    for _ in range(3):
        progress.advance(HOSTILE)
    progress.end()
    progress.end()
    assert [record.getMessage() for record in caplog.records] == [
        "articles: 3 to do",
        "articles: done",
    ]


def test_a_line_of_progress_is_harmless(caplog, monkeypatch):
    monkeypatch.setattr("indexer.runtime.progress.LINE_EVERY", 0.0)
    caplog.set_level(logging.INFO)
    progress = LogProgress()
    progress.begin("articles", 1)
    progress.advance(HOSTILE)
    assert "1 of 1" in caplog.records[-1].getMessage()
    assert caplog.records[-1].getMessage().isprintable()


def test_the_bar_runs_through_two_phases():
    out = console(terminal=True)
    progress = progress_for(out)
    for what in ("sources", "articles"):
        progress.begin(what, 2)
        progress.advance(HOSTILE)
        progress.advance("https://a.example/[/]")
        progress.end()
    said = out.file.getvalue()
    assert "2/2" in said
    assert "\x1b[2J" not in said
    assert "\x9b" not in said


def test_in_80_columns_the_address_is_cut_and_not_the_numbers(monkeypatch):
    monkeypatch.setattr("indexer.runtime.pace.SAID_AFTER", 0.0)
    monkeypatch.setattr("indexer.runtime.pace.Pace._in_words", lambda *_: PACE)
    out = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    progress = progress_for(out)
    progress.begin("older posts", 1137)
    for _ in range(1024):
        progress.advance("https://a.example/" + "long" * 30)
    progress.end()
    last = out.file.getvalue().split("older posts")[-1]
    assert "1024/1137" in last
    assert PACE in last
