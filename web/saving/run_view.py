"""The newest run of the indexer, as the page's template sets it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from search.inbox.run_status import Line, RunStatus
from web.saving.desk import Desk
from web.security import followable

MOST_WAITING = 20  # addresses that are named


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the run; ``link`` is "" where no click may lead."""

    name: str
    link: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RunView:
    """``waiting`` are addresses that no run has taken in yet, ``more_waiting`` counts
    the rest. ``is_live``: the page is to look again soon. ``share`` is how much of its
    phase a run has done, in percent."""

    status: RunStatus | None
    is_under_way: bool
    is_live: bool
    took: str
    share: int
    at: str
    trouble: str
    waiting: tuple[str, ...]
    more_waiting: int
    new: tuple[LineView, ...]
    sources: tuple[LineView, ...]
    troubles: tuple[LineView, ...]


def run_view(desk: Desk) -> RunView:
    """Set out the newest run, and what waits for the next one."""
    status, is_under_way = desk.last_run()
    waiting = desk.waiting()
    shown = status or RunStatus(started="")
    share = 0
    if shown.total:
        share = min(100, 100 * shown.done // shown.total)
    return RunView(
        status,
        is_under_way,
        is_live=is_under_way or desk.runner.is_running,
        took=_duration(shown.seconds),
        share=share,
        at=shown.at if is_under_way else "",
        trouble=desk.complete(shown.failed or desk.runner.trouble),
        waiting=tuple(waiting[:MOST_WAITING]),
        more_waiting=max(0, len(waiting) - MOST_WAITING),
        new=tuple(map(_line, shown.new)),
        sources=tuple(map(_line, shown.sources)),
        troubles=tuple(map(_line, shown.troubles)),
    )


def moment(text: str) -> str:
    """Write a moment for people, "" where it is none."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d, %H:%M} UTC"
    except ValueError:
        return ""


def _line(line: Line) -> LineView:
    return LineView(line.title.strip() or line.url, followable(line.url), line.text)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
