"""Worker processes for parsing: what takes too long or dies costs one page, no more.

Knows none of the functions that it runs. Work is limited by the processor's time, not
by the clock: on a machine that does much else an innocent page waits long, but it works
no longer. The system ends a process that works too long by a signal, in whatever
library it is.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, LifoQueue
from typing import ParamSpec, TypeVar

from indexer.runtime.worker_process import (
    Answer,
    ProcessEnded,
    TookTooLong,
    WorkerProcess,
    packed,
)
from search.errors import BlogsearchError

# Of 1,301 large pages and feeds in eight archives none took more than 0.4 s, in 300 MB
# (docs/reliability.md).
TIME_LIMIT = 5.0  # seconds of processor time for one document
# Seconds by the clock, for a document that waits for something instead of working.
PATIENCE = 120.0
# trafilatura leaks about 1 MB a page (adbar/trafilatura#216).
TASKS_PER_WORKER = 300
# Processes that may be killed over one document. The system kills any process where
# memory is short, so the first says nothing of the document.
MOST_KILLED_AT_WORK = 2
# Processes in a row that may end before they begin with a document: more than a person or
# the system kills, and few enough where none can be started.
MOST_ENDED_BEFORE = 8

P = ParamSpec("P")
T = TypeVar("T")


class ParseError(BlogsearchError):
    """A document could not be parsed within the limits."""


class Workers:
    """A few processes that run pure functions; several threads may call them at once.

    ``time_limit`` is in seconds of processor time for one call, ``patience`` in seconds
    by the clock. A process is started when it is first needed, and another in the place
    of one that has ended.
    """

    def __init__(
        self,
        count: int = 2,
        *,
        time_limit: float = TIME_LIMIT,
        patience: float = PATIENCE,
    ) -> None:
        self._time_limit = time_limit
        self._patience = patience
        self._is_closed = False
        self._at_work: set[WorkerProcess] = set()
        # The last first: one that has worked has its libraries loaded.
        self._places: LifoQueue[WorkerProcess | None] = LifoQueue()
        for _ in range(count):
            self._places.put(None)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes, even in the middle of their work: nobody waits for it."""
        self._is_closed = True
        idle = []
        with suppress(Empty):
            while True:
                idle.append(self._places.get_nowait())
        for process in filter(None, idle):
            process.stop()
        for _ in idle:
            self._places.put(None)
        # The threads that wait for these let go of them.
        for process in tuple(self._at_work):
            process.kill()

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the function's result, from a worker.

        Raises its BlogsearchError, and ParseError for any other end: too slow, out of
        memory, a crash, an exception of a parser.
        """
        try:
            call = packed(self._time_limit, function, args, kwargs)
        except Exception as error:
            raise _unreadable(type(error).__name__) from error
        answer = self._answer(call)
        if answer.error is not None:
            raise answer.error
        if answer.unexpected == "MemoryError":
            raise _broke_the_parser()
        if answer.unexpected:
            raise _unreadable(answer.unexpected)
        result: T = answer.value
        return result

    def _answer(self, call: bytes) -> Answer:
        """Have a call answered, by another process where one ends without its fault."""
        at_work = before = 0
        while at_work < MOST_KILLED_AT_WORK and before < MOST_ENDED_BEFORE:
            try:
                with self._process() as process:
                    return process.call(call, patience=self._patience)
            except TookTooLong:
                raise _too_slow(self._patience) from None
            except ProcessEnded as ended:
                if ended.signal == signal.SIGPROF:
                    raise _too_slow(self._time_limit) from None
                at_work += ended.at_work
                before += not ended.at_work
        if before == MOST_ENDED_BEFORE:
            raise ParseError("the processes that read pages are ended again and again")
        raise _broke_the_parser()

    @contextmanager
    def _process(self) -> Iterator[WorkerProcess]:
        """Lend a process; one that did not answer is stopped."""
        process, kept = self._places.get(), None
        try:
            if self._is_closed:
                raise ParseError("the run was ended before it was read")
            process = process or WorkerProcess()
            self._at_work.add(process)
            yield process
            if process.calls < TASKS_PER_WORKER:
                kept = process
        finally:
            if process is not None:
                self._at_work.discard(process)
                if kept is None:
                    process.stop()
            self._places.put(kept)


def _too_slow(seconds: float) -> ParseError:
    return ParseError(f"reading it took more than {seconds:.0f} seconds")


def _broke_the_parser() -> ParseError:
    return ParseError("reading it took too much memory or broke the parser")


def _unreadable(name: str) -> ParseError:
    return ParseError(f"it can't be read ({name})")
