"""How much computing one question may take: the database is stopped when that is used
up.

Counted is the processor time of the thread that asks, so that a question is not refused
for what others do.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from search.errors import QueryError

SECONDS = 5.0  # an ordinary question over 12,500 passages takes 0.06, the dearest that was found takes 4
STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock: a millisecond or two

_here = threading.local()


@contextmanager
def deadline() -> Iterator[None]:
    """Within it this thread's reads of the index end by QueryError "too-slow" when the
    time is used up."""
    _here.until = time.thread_time() + SECONDS
    try:
        yield
    except sqlite3.OperationalError as error:
        if not is_over():
            raise
        raise QueryError(
            "too-slow",
            "This question takes too long to answer; ask with fewer words and operators.",
        ) from error
    finally:
        del _here.until


def is_over() -> bool:
    """Whether this thread has used up its time."""
    return time.thread_time() > getattr(_here, "until", float("inf"))


def watch(db: sqlite3.Connection) -> None:
    """Have what this connection reads stopped at the deadline of the thread that
    reads."""
    db.set_progress_handler(is_over, STEPS)
