"""The progress of a run: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import logging
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from indexer.records import Progress
from search.console import plain

LINE_EVERY = 10.0  # seconds between two lines of progress in a log
log = logging.getLogger(__name__)


class TerminalProgress:
    """A bar for each phase of a run."""

    def __init__(self, console: Console) -> None:
        self._bar = RichProgress(
            TextColumn("{task.description:9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[text]}", style="dim", markup=False),
            console=console,
            transient=True,
        )
        self._task: int | None = None

    def begin(self, what: str, total: int) -> None:
        self._bar.start()
        self._task = self._bar.add_task(what, total=total, text="")

    def advance(self, text: str) -> None:
        if self._task is not None:
            self._bar.update(self._task, advance=1, text=plain(text)[-60:])  # type: ignore[arg-type]

    def end(self) -> None:
        self._bar.stop()
        if self._task is not None:
            self._bar.remove_task(self._task)  # type: ignore[arg-type]
            self._task = None


class LogProgress:
    """A line at the start of each phase, then one every ten seconds."""

    def __init__(self) -> None:
        self._what, self._total, self._done, self._said = "", 0, 0, 0.0

    def begin(self, what: str, total: int) -> None:
        self._what, self._total, self._done, self._said = (
            what,
            total,
            0,
            time.monotonic(),
        )
        log.info("%s: %d to do", what, total)

    def advance(self, text: str) -> None:
        self._done += 1
        if time.monotonic() - self._said >= LINE_EVERY:
            self._said = time.monotonic()
            so_far = (
                f"{self._done} of {self._total}"
                if self._done <= self._total
                else f"{self._done}"
            )
            log.info("%s: %s (%s)", self._what, so_far, plain(text))

    def end(self) -> None:
        if self._what:
            log.info("%s: done", self._what)
            self._what = ""


def progress_for(console: Console | None = None) -> Progress:
    """Give a bar for a terminal and plain lines for anything else.

    Without a console, for standard error.
    """
    console = console or Console(stderr=True)
    return TerminalProgress(console) if console.is_terminal else LogProgress()
