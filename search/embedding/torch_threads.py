"""The threads that torch works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work in this thread alone.

    A question is too short to be shared out, and each thread of a server would bring
    its own helpers, which keep the processor from one another.
    """
    from torch import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(1)
    try:
        yield
    finally:
        set_num_threads(before)
