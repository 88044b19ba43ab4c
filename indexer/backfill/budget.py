"""How far the search for a source's older posts has come, and what a run may still
spend on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_AT_ONCE = 16  # posts between two looks at what was spent
SLACK = 20  # one request in so many may come on top of what a dry run said


@dataclass(slots=True)
class Discovery:
    """How far the search for a source's older posts has come; kept as JSON in the
    ledger.

    ``way`` counts the ways that are done; ``frontier`` (rank, address) and ``memory``
    belong to the one that is under way, ``visited`` (identities) to all. ``waiting``
    are posts found but not yet taken up, as the user wants no more requests in one run.
    ``found`` says how many posts each way gave that were new. ``shown`` are the posts
    that the feed showed when the search began. ``requests``, ``pages`` and ``bytes``
    are what the search itself took. ``promised`` requests and ``promised_bytes`` are
    what a dry run said that going on would take, 0 where there was none since.
    """

    way: int = 0
    whole: bool = False
    done: bool = False
    frontier: list[tuple[int, str]] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    waiting: list[dict[str, object]] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    requests: int = 0
    bytes: int = 0
    pages: int = 0
    promised: int = 0
    promised_bytes: int = 0

    @classmethod
    def read(cls, text: str) -> Discovery:
        """From the ledger's JSON; "" is a search that hasn't begun."""
        return cls(**json.loads(text)) if text else cls()

    def write(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def promise(searches: Iterable[Discovery]) -> int | None:
    """The most requests that may be made after dry runs of all these searches, else
    None."""
    promised = [search.promised for search in searches]
    return (
        sum(promised) + sum(promised) // SLACK if promised and all(promised) else None
    )


class Budget:
    """How many requests a run may still make; None: as many as it takes. For several
    threads.

    What is granted counts as one request each; ``settle`` puts that right where pages
    took more.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._left = most
        self._lock = threading.Lock()
        self._sent = 0
        self._granted = 0  # since the last look at what was sent
        self._each = 1  # requests that a page took of late

    def take(self, wanted: int = 1) -> int:
        """How many of the wanted requests are granted, and so spent."""
        with self._lock:
            granted = wanted if self._left is None else min(wanted, self._left)
            self._left = None if self._left is None else self._left - granted
            self._granted += granted
            return granted

    def take_some(self, wanted: int, sites: int) -> int:
        """As ``take``, for one of several sites, but never so many that a redirect
        each, and robots.txt, would use up more than is left."""
        with self._lock:
            left = self._left
        if left is None:
            return self.take(wanted)
        most = max(1, (left - sites) // (2 * sites)) if left >= self._each else 0
        return self.take(min(wanted, most, MOST_AT_ONCE))

    def keep_to(self, most: int) -> None:
        """Set a limit where there is none."""
        if self._most is None:
            self._most = self._left = most

    def settle(self, sent: int) -> None:
        """``sent`` requests went out since the run began, and none is under way."""
        with self._lock:
            if self._granted:
                self._each = -(-(sent - self._sent) // self._granted)
            self._sent, self._granted = sent, 0
            if self._most is not None:
                self._left = max(0, self._most - sent)
