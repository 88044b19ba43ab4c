"""Worker processes for parsing: what takes too long or dies costs one page, no more.

Knows none of the functions that it runs. Work is limited by the processor's time, not
by the clock: on a machine that does much else an innocent page waits long, but it works
no longer. The system ends a process that works too long by a signal, in whatever
library it is.
"""

from __future__ import annotations

import logging
import multiprocessing
import resource
import signal
import warnings
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from indexer.runtime.signals import out_of_reach
from search.errors import BlogsearchError

# Of 1,301 large pages and feeds in eight archives none took more than 0.4 s, in 300 MB
# (docs/reliability.md).
TIME_LIMIT = 5.0  # seconds of processor time for one document
# Seconds by the clock, for a document that waits for something instead of working.
PATIENCE = 120.0
# Bytes of address space a worker; an export of 83 MB takes 450 MB.
MEMORY_LIMIT = 3 << 29
# trafilatura leaks about 1 MB a page (adbar/trafilatura#216).
TASKS_PER_WORKER = 300

P = ParamSpec("P")
T = TypeVar("T")


class ParseError(BlogsearchError):
    """A document could not be parsed within the limits."""


class Workers:
    """A few processes that run pure functions; several threads may call them at once.

    ``time_limit`` is in seconds of processor time for one call, ``patience`` in seconds
    by the clock.
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
        self._pool: Any = ProcessPool(
            max_workers=count,
            max_tasks=TASKS_PER_WORKER,
            initializer=_prepare,
            # no fork: this process has threads
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes, even in the middle of their work: nobody waits for it."""
        self._pool.stop()
        self._pool.join()

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the function's result, from a worker.

        Raises its BlogsearchError, and ParseError for any other end: too slow, out of
        memory, a crash, an exception of a parser.
        """
        # this call may start the processes, and the thread that starts later ones
        with out_of_reach():
            future: Any = self._pool.schedule(
                _timed,
                args=(self._time_limit, function, args, kwargs),
                timeout=self._patience,
            )
        try:
            result: T = future.result()
        except BlogsearchError:
            raise
        except FutureTimeout as error:
            raise _too_slow(self._patience) from error
        except (ProcessExpired, MemoryError) as error:
            if getattr(error, "exitcode", 0) == -signal.SIGPROF:
                raise _too_slow(self._time_limit) from error
            raise ParseError(
                "reading it took too much memory or broke the parser"
            ) from error
        except Exception as error:  # whatever a parser throws at a hostile document
            raise ParseError(f"it can't be read ({type(error).__name__})") from error
        return result


def _too_slow(seconds: float) -> ParseError:
    return ParseError(f"reading it took more than {seconds:.0f} seconds")


def _timed(
    seconds: float,
    function: Callable[..., T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> T:
    """Call the function; a timer ends this process when it has worked so long."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _prepare() -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # libraries quote from the document, on the user's terminal
    logging.disable()
    warnings.simplefilter("ignore")
    _limit_memory()


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY:
        soft = MEMORY_LIMIT
    else:
        soft = min(MEMORY_LIMIT, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ValueError, OSError):  # macOS knows the limit but refuses it
        return
