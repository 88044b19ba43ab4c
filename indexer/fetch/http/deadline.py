"""The deadline of one page, which goes by the machine's own clock.

It ends nothing by itself: each step is given the seconds that are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


class Deadline:
    """The seconds left for a page; only what runs inside ``counted`` uses them up.

    ``used`` counts them, ``paused`` the seconds that the server asked us to wait.
    """

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.used = 0.0
        self.paused = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        began = monotonic()
        try:
            yield
        finally:
            seconds = monotonic() - began
            self.left -= seconds
            self.used += seconds
