"""The sources of an index as an agent reads them."""

from __future__ import annotations

from collections.abc import Sequence

from search.coverage_report import Coverage
from search.types import IndexStatus
from web.agents.room import Room, cut, one_line

# Of a source's line, so that eight fit an answer whatever they are called.
TITLE = 120  # bytes
ADDRESS = 400  # bytes
ERROR = 160  # bytes
SHOWN = 40  # that are listed at once


def sources_text(status: IndexStatus, reports: Sequence[Coverage], offset: int) -> str:
    """List the sources from ``offset`` on, and how much of each is held."""
    room = Room()
    held = f"{status.articles} articles"
    if reports:
        held += f" of {len(reports)} sources"
    room.add(
        f'{held}; last change {status.updated}. In a question site:"…" takes the title or'
        " the host of one."
    )
    lines = list(map(_line, reports[offset:]))
    if not reports:
        # An index that was copied without its ledger has no report.
        lines = [
            f"- {one_line(name, TITLE)}: {count} articles"
            for name, count in status.sites[offset:]
        ]
    # For the line that says how to go on.
    listed = room.left - 100
    shown = 0
    for line in lines[:SHOWN]:
        listed -= len(line.encode()) + 1
        if listed < 0:
            break
        shown += 1
    room.add("\n".join(lines[:shown]) or "There are no more.")
    if shown < len(lines):
        room.add(f"{len(lines) - shown} more: ask with offset={offset + shown}.")
    return room.text()


def _line(report: Coverage) -> str:
    name = one_line(report.title, TITLE)
    # A source that was never reached has no title.
    line = f"- {name}: " if name else "- "
    line += cut(one_line(report.source, ADDRESS), ADDRESS)
    line += (
        f" ({report.kind}, {report.article} of {report.known - report.same} in full)"
    )
    if report.error:
        line += f"; not read the last time: {one_line(report.error, ERROR)}"
    return line
