"""The budget of a run: how many requests it may still make.

It only counts: it must not ask for anything.
"""

from __future__ import annotations

import threading

# Posts granted at once under a limit: between two rounds the real count is looked at.
LARGEST_ROUND = 16


class Budget:
    """Requests that are left of a limit; None: as many as it takes. Thread-safe.

    A grant counts as one request. ``settle`` corrects the count where redirects and
    robots.txt took more.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.refused = False  # some request was, so the run ends before its work does
        self._limit = limit
        self._left = limit
        self._lock = threading.Lock()

    @property
    def is_limited(self) -> bool:
        """True where requests may be refused."""
        return self._limit is not None

    def take(self, wanted: int = 1) -> int:
        """Return how many of the wanted requests are granted; they count as made."""
        with self._lock:
            if self._left is None:
                return wanted
            granted = min(wanted, self._left)
            self._left -= granted
            self.refused |= granted < wanted
            return granted

    def take_round(self, wanted: int) -> int:
        """Take requests for posts that are fetched before the next ``settle``.

        At most half of what is left: each post may be behind a redirect.
        """
        if self._left is not None:
            wanted = min(wanted, LARGEST_ROUND, (self._left + 1) // 2)
        return self.take(wanted)

    def settle(self, sent: int) -> None:
        """Set the count to the requests that the run really sent; none is under way."""
        with self._lock:
            if self._limit is not None:
                self._left = max(0, self._limit - sent)
