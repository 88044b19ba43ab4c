"""The verdict on a database that somebody has failed over: damaged, or not to blame.

Damaged rows make any code above them fail, in any way: a KeyError says nothing of what
is to blame. The rows do, which have checksums. Nothing is repaired here.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from search.index.sqlite.connection import DAMAGED, state_of
from search.index.sqlite.doctor.check import first_damage

# Seconds that "not to blame" holds while nobody writes: a disk may fail meanwhile, and
# a fault of a program must not cost an examination each time.
ACQUITTED = 60.0


class Verdict:
    """The last verdict on one database, which all threads share.

    A verdict of damage holds until the file is written to: a repair ends it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._state: tuple[int, ...] = ()
        self._damage = ""
        self._until = 0.0

    def __bool__(self) -> bool:
        """True where damage was met, and nobody has found it gone."""
        return bool(self._damage)

    def note(self, damage: str) -> None:
        """Remember damage that told of itself."""
        with self._lock:
            self._state, self._damage = state_of(self._path), damage

    def examine(self, db: sqlite3.Connection) -> str:
        """Examine the rows that a connection reads, unless that is known; return what
        is wrong, as a sentence, or ""."""
        with self._lock:
            state = state_of(self._path)
            is_over = not self._damage and time.monotonic() > self._until
            if state != self._state or is_over:
                found = first_damage(db)
                self._damage = found and told(self._path, found)
                self._state, self._until = state, time.monotonic() + ACQUITTED
            return self._damage


def told(path: Path, damage: str) -> str:
    """Write a sentence that says what is damaged, and that the doctor knows more."""
    return DAMAGED.format(place=path, what=damage.rstrip("."))
