"""The pace of a run: passages a second, and about how long what is left takes.

Reads the clock that it is given; shows nothing itself.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

# Seconds that a pace is taken over: articles come in batches of some ten seconds, and
# one batch says little about the next.
WINDOW = 120.0
SAID_AFTER = 20.0  # seconds; a run that is over sooner needs no forecast
SAID_EVERY = 10.0  # seconds that a sentence stands, so that it can be read
_MINUTE, _HOUR = 60.0, 3600.0


class _Sample(NamedTuple):
    at: float
    done: int
    embedded: int


class Pace:
    """The pace of one phase of a run, over the last minutes of it."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._done = self._embedded = 0
        self._began = self._said_at = clock()
        self._samples = deque([_Sample(self._began, 0, 0)])
        self._said = ""

    def advance(self) -> None:
        """Count one of what is to be done."""
        self._done += 1

    def embed(self, count: int) -> None:
        """Count passages that were embedded."""
        self._embedded += count

    def said(self) -> str:
        """Return the pace in words, "" while it is too early to tell."""
        now = self._clock()
        if now - self._began < SAID_AFTER:
            return ""
        if not self._said or now - self._said_at >= SAID_EVERY:
            self._said, self._said_at = self._in_words(now), now
        return self._said

    def _in_words(self, now: float) -> str:
        self._samples.append(_Sample(now, self._done, self._embedded))
        # One that is older stays, so that the samples span the window.
        while now - self._samples[1].at > WINDOW:
            self._samples.popleft()
        first = self._samples[0]
        seconds = now - first.at
        parts = []
        if self._embedded > first.embedded:
            parts.append(_per_second((self._embedded - first.embedded) / seconds))
        done, left = self._done - first.done, self._total - self._done
        if done and left > 0:
            parts.append(time_left(left * seconds / done))
        return ", ".join(parts)


def _per_second(rate: float) -> str:
    shown = f"{rate:.0f}" if rate >= 1 else f"{rate:.1f}"
    return f"{shown} passages/s"


def time_left(seconds: float) -> str:
    """Say how long something takes, no finer than can be known."""
    if seconds < _MINUTE:
        return "less than a minute left"
    if seconds < 1.5 * _MINUTE:
        return "about a minute left"
    if seconds < 1.5 * _HOUR:
        return f"about {seconds / _MINUTE:.0f} minutes left"
    return f"about {seconds / _HOUR:.0f} hours left"
