"""Makes an index that is open here safe to fork: nothing is being read while a process
is forked.

SQLite's connections may not be used, nor closed, in a child, and what another thread
was doing when the process was forked is never done there: its locks stay locked. So a
fork waits until no thread reads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets any number of threads read, or one fork."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_closing = False
        self._here = threading.local()  # how often the thread itself is inside

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While a thread is within this, no other thread forks."""
        times = getattr(self._here, "times", 0)
        with self._changed:
            # Who is inside goes on: the fork waits for it.
            self._changed.wait_for(lambda: times or not self._is_closing)
            self._inside += 1
        self._here.times = times + 1
        try:
            yield
        finally:
            self._here.times -= 1
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Wait until nobody else reads, and let nobody begin."""
        own = getattr(self._here, "times", 0)
        self._changed.acquire()
        self._changed.wait_for(
            lambda: not self._is_closing
        )  # another thread may be forking
        self._is_closing = True
        self._changed.wait_for(lambda: self._inside <= own)

    def open(self) -> None:
        """Let threads read again, in the process that was forked."""
        self._is_closing = False
        self._changed.notify_all()
        self._changed.release()

    def renew(self) -> None:
        """The same in the child, in which there is one thread."""
        self._changed = threading.Condition()
        self._inside = getattr(self._here, "times", 0)
        self._is_closing = False


GATE = Gate()
os.register_at_fork(
    before=GATE.close, after_in_parent=GATE.open, after_in_child=GATE.renew
)
