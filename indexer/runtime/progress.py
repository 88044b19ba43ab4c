"""The progress of a run: a bar on a terminal, plain lines in a log.

Shows what it is given; decides nothing about the run.
"""

from __future__ import annotations

import logging
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

from indexer.records import Progress
from indexer.runtime.pace import Pace
from search.console import plain

LINE_EVERY = 10.0  # seconds between two lines of progress in a log
BAR = 10  # characters; leaves room for all numbers in 80 columns
SHOWN = 60  # last characters of a text beside the bar
log = logging.getLogger(__name__)


class TerminalProgress:
    """A bar for each phase of a run."""

    def __init__(self, console: Console) -> None:
        # On a narrow terminal the address is cut, not the numbers.
        rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        self._bar = RichProgress(
            TextColumn("{task.description:9}"),
            BarColumn(BAR),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TextColumn(
                "{task.fields[text]}", style="dim", markup=False, table_column=rest
            ),
            console=console,
            expand=True,
            transient=True,
        )
        self._task: int | None = None
        self._pace = Pace(0)

    def begin(self, what: str, total: int) -> None:
        self._bar.start()
        self._task = self._bar.add_task(what, total=total, text="", pace="")
        self._pace = Pace(total)

    def advance(self, text: str) -> None:
        self._pace.advance()
        if self._task is not None:
            shown = {"text": plain(text)[-SHOWN:], "pace": self._pace.said()}
            self._bar.update(self._task, advance=1, **shown)  # type: ignore[arg-type]

    def embed(self, count: int) -> None:
        self._pace.embed(count)

    def end(self) -> None:
        self._bar.stop()
        if self._task is not None:
            self._bar.remove_task(self._task)  # type: ignore[arg-type]
            self._task = None


class LogProgress:
    """Lines in a log: one at the start of each phase, then one every ten seconds."""

    def __init__(self) -> None:
        self._what, self._total, self._done = "", 0, 0
        self._last_line = 0.0  # seconds, of a clock that never goes back
        self._pace = Pace(0)

    def begin(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._last_line = time.monotonic()
        self._pace = Pace(total)
        log.info("%s: %d to do", what, total)

    def advance(self, text: str) -> None:
        self._done += 1
        self._pace.advance()
        if time.monotonic() - self._last_line < LINE_EVERY:
            return
        self._last_line = time.monotonic()
        so_far = f"{self._done}"
        if self._done <= self._total:  # more may come up while it goes on
            so_far += f" of {self._total}"
        if pace := self._pace.said():
            so_far += f", {pace}"
        log.info("%s: %s (%s)", self._what, so_far, plain(text))

    def embed(self, count: int) -> None:
        self._pace.embed(count)

    def end(self) -> None:
        if self._what:
            log.info("%s: done", self._what)
            self._what = ""


def progress_for(console: Console | None = None) -> Progress:
    """Give a bar for a terminal and plain lines for anything else.

    Without a console, for standard error.
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        return TerminalProgress(console)
    return LogProgress()
