"""Queues of work for many hosts at once, so that no slow host keeps the others waiting.

They know nothing of what the work is, and leave to turns.py which task is next.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from indexer.fetch.turns import Turns

THREADS = 24  # they wait for servers nearly all the time
# Results that wait to be taken; fetching pauses beyond, so memory stays flat.
RESULTS_AHEAD = 32
_LOOK_AROUND = (
    0.2  # seconds after which a thread with a result sees that it is too late
)

T = TypeVar("T")
R = TypeVar("R")


def _of_nobody(_: object) -> Sequence[str]:
    return ("",)


class HostQueues(Generic[T, R]):
    """A pool of threads that runs ``work`` over tasks, a few at a time for each domain.

    ``work`` must not raise for what may go wrong with a task: that is part of its
    result. Those that ``sources`` gives for a task share the threads evenly.
    """

    def __init__(
        self,
        work: Callable[[T], R],
        address: Callable[[T], str],
        *,
        sources: Callable[[T], Sequence[str]] = _of_nobody,
    ) -> None:
        self._work = work
        self._address = address
        self._sources = sources
        self._stop = threading.Event()
        self._results: queue.Queue[R | BaseException] = queue.Queue(RESULTS_AHEAD)

    def run(self, tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results as they come, in no order.

        Leaving the loop early stops the rest.
        """
        turns = Turns(tasks, address=self._address, sources=self._sources)
        try:
            for _ in range(min(THREADS, turns.most_at_once)):
                # Daemons: who leaves early doesn't wait for a slow server's response,
                # nor does the program's end.
                threading.Thread(
                    target=self._serve, args=(turns,), daemon=True, name="host queue"
                ).start()
            for _ in range(turns.count):
                result = self._results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._stop.set()
            turns.close()

    def _serve(self, turns: Turns[T]) -> None:
        while turn := turns.take():
            result: R | BaseException
            try:
                result = self._work(turn.task)
            except BaseException as error:  # noqa: BLE001  # a broken machine: raised where run() is read
                result = error
            turns.end(turn)
            self._put(result)

    def _put(self, result: R | BaseException) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                self._results.put(result, timeout=_LOOK_AROUND)
                return
