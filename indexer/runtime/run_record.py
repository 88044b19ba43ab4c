"""The record of a run for the page: how far it is, and at its end what came of it.

Shows nothing on a terminal; see progress.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.records import Progress
from search.errors import BlogsearchError
from search.inbox.run_status import RunStatus, write_status

WRITE_EVERY = 1.0  # seconds; a person watches it
LONGEST_SHOWN = 300  # characters of an address


class RunRecord:
    """A Progress that notes beside the ledger what passes through it to another."""

    def __init__(self, ledger: Path, shown: Progress) -> None:
        self._ledger = ledger
        self._shown = shown
        self._began = time.monotonic()
        self._last_written = 0.0
        self.status = RunStatus(started=_now())

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Note that a run is under way in the block, and why it failed if it does.

        The caller holds the ledger's lock, by which others tell that it is.
        """
        self._write()
        try:
            yield
        except BlogsearchError as error:
            self.conclude(replace(self.status, failed=str(error)))
            raise

    def conclude(self, status: RunStatus) -> None:
        """Note a run's end with what came of it."""
        seconds = round(time.monotonic() - self._began, 1)
        self.status = replace(status, ended=_now(), seconds=seconds, at="")
        self._write()

    # Progress

    def begin(self, what: str, total: int) -> None:
        """See Progress."""
        self._shown.begin(what, total)
        self.status = replace(self.status, phase=what, done=0, total=total, at="")
        self._write()

    def advance(self, text: str) -> None:
        """See Progress."""
        self._shown.advance(text)
        done = self.status.done + 1
        self.status = replace(self.status, done=done, at=text[:LONGEST_SHOWN])
        # Hundreds of pages a second may pass, where nothing is new.
        if time.monotonic() - self._last_written >= WRITE_EVERY:
            self._write()

    def embed(self, count: int) -> None:
        """See Progress."""
        self._shown.embed(count)

    def end(self) -> None:
        """See Progress."""
        self._shown.end()

    def _write(self) -> None:
        self._last_written = time.monotonic()
        write_status(self._ledger, self.status)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
