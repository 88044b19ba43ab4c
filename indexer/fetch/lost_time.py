"""The time that is lost on servers that give nothing, and each source's budget of it.

It decides only whether a source has time left: not what is fetched.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

# Seconds that a source may lose in a run: thirty hosts that say nothing for ten seconds.
# A link page with as many dead links among its first is read on all the same, as each
# page that comes adds to them. Pages that come in FAIR_SECONDS lose nothing, so the
# largest blog is read to its end at its own pace.
LOST_SECONDS = 300.0
# Seconds that each page adds: one link of six may lead to a silent host.
GAINED_SECONDS = 2.0
# Seconds of one fetch that are not lost when an answer came of it in the end.
FAIR_SECONDS = 10.0


class _Lost(threading.local):
    """The seconds that this thread has lost so far."""

    seconds = 0.0


_lost = _Lost()


def lose(seconds: float, *, answered: bool) -> None:
    """Count the seconds that one fetch took of this thread, turns not included."""
    if answered:
        seconds -= FAIR_SECONDS
    _lost.seconds += max(seconds, 0.0)


class LostTime:
    """The seconds that each source may still lose in a run. Thread-safe."""

    def __init__(self, seconds: float = LOST_SECONDS) -> None:
        self._left: defaultdict[str, float] = defaultdict(lambda: seconds)
        self._lock = threading.Lock()

    @contextmanager
    def counted(self, sources: Sequence[str]) -> Iterator[None]:
        """Charge these sources with what the thread loses inside."""
        before = _lost.seconds
        try:
            yield
        finally:
            self._add(sources, before - _lost.seconds)

    def gain(self, sources: Sequence[str]) -> None:
        """Grant these sources the seconds that a page adds."""
        self._add(sources, GAINED_SECONDS)

    def is_spent(self, sources: Sequence[str]) -> bool:
        """Tell if none of these sources has time left."""
        with self._lock:
            return bool(sources) and all(self._left[url] <= 0 for url in sources)

    def _add(self, sources: Sequence[str], seconds: float) -> None:
        with self._lock:
            for url in sources:
                self._left[url] += seconds
