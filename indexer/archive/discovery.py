"""How far the search for a source's older posts has come, and what a run may still spend on it."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Discovery:
    """How far the search for a source's older posts has come; kept as JSON in the ledger.

    ``way`` counts the ways that are done; ``frontier`` (rank, address) and ``memory`` belong to the
    one that is under way, ``visited`` (identities) to all. ``waiting`` are posts found but not yet
    taken up, as the user wants no more requests in one run. ``found`` says how many posts each way
    gave that were new. ``shown`` are the posts that the feed showed when the search began.
    ``requests``, ``pages`` and ``bytes`` are what the search itself took.
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

    @classmethod
    def read(cls, text: str) -> Discovery:
        """From the ledger's JSON; "" is a search that hasn't begun."""
        return cls(**json.loads(text)) if text else cls()

    def write(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Budget:
    """How many requests a run may still make; None: as many as it takes. For several threads."""

    def __init__(self, most: int | None) -> None:
        self._left = most
        self._lock = threading.Lock()

    def take(self, wanted: int = 1) -> int:
        """How many of the wanted requests are granted, and so spent."""
        with self._lock:
            if self._left is None:
                return wanted
            granted = min(wanted, self._left)
            self._left -= granted
            return granted
