"""Parsing in processes of its own: what takes too long or dies costs one page, not the run."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from indexer.stopping import out_of_reach
from search.errors import BlogsearchError

TIME_LIMIT = 20.0  # seconds for one document; the largest real posts take under 2
MEMORY_LIMIT = 2 << 30  # bytes of address space a worker; parsing a real page takes under 300 MB
TASKS_PER_WORKER = 300  # trafilatura leaks about 1 MB a page (adbar/trafilatura#216)

P = ParamSpec("P")
T = TypeVar("T")


class ParseError(BlogsearchError):
    """A document could not be parsed within the limits."""


class Workers:
    """A few processes that run pure functions; safe to call from several threads."""

    def __init__(self, count: int = 2, *, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._pool: Any = ProcessPool(
            max_workers=count,
            max_tasks=TASKS_PER_WORKER,
            initializer=_limit_memory,
            context=multiprocessing.get_context("spawn"),  # no fork: this process has threads
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes, even in the middle of their work: nobody waits for it any more."""
        self._pool.stop()
        self._pool.join()

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result, from a worker.

        Raises its BlogsearchError, and ParseError for any other end: too slow, out of memory, a
        crash, an exception of a parser.
        """
        with out_of_reach():  # this call may start the processes, and the thread that starts later ones
            future: Any = self._pool.schedule(function, args=args, kwargs=kwargs, timeout=self._time_limit)
        try:
            result: T = future.result()
        except BlogsearchError:
            raise
        except FutureTimeout as error:
            raise ParseError(f"reading it took more than {self._time_limit:.0f} seconds") from error
        except (ProcessExpired, MemoryError) as error:
            raise ParseError("reading it took too much memory or broke the parser") from error
        except Exception as error:  # whatever a parser throws at a hostile document
            raise ParseError(f"it can't be read ({type(error).__name__})") from error
        return result


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ValueError, OSError):  # macOS knows the name but refuses
        return
