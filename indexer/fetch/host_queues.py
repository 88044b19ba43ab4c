"""Queues of work for many hosts at once, so that no slow host keeps the others waiting.

They know nothing of what the work is.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

from indexer.fetch.http.shared_servers import queue_key

THREADS_PER_HOST = 2  # as many as the throttle gives turns at a host
THREADS = 24  # they wait for servers nearly all the time
# Results that wait to be taken; fetching pauses beyond, so memory stays flat.
RESULTS_AHEAD = 32
_LOOK_AROUND = (
    0.2  # seconds after which a thread with a result sees that it is too late
)

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")


class HostQueues(Generic[T, R]):
    """A pool of threads that runs ``work`` over tasks, a few at a time for each domain.

    ``work`` must not raise for what may go wrong with a task: that is part of its
    result.
    """

    def __init__(self, work: Callable[[T], R], address: Callable[[T], str]) -> None:
        self._work = work
        self._address = address
        self._stop = threading.Event()
        self._results: queue.Queue[R | BaseException] = queue.Queue(RESULTS_AHEAD)

    def run(self, tasks: Iterable[T]) -> Iterator[R]:
        """Yield the results as they come, in no order.

        Leaving the loop early stops the rest.
        """
        by_host: dict[str, deque[T]] = {}
        for task in tasks:
            by_host.setdefault(queue_key(self._address(task)), deque()).append(task)
        count = sum(map(len, by_host.values()))
        queues: deque[deque[T]] = deque()
        for waiting in by_host.values():
            queues.extend([waiting] * min(THREADS_PER_HOST, len(waiting)))
        try:
            for _ in range(min(THREADS, len(queues))):
                # Daemons: who leaves early doesn't wait for a slow server's response,
                # nor does the program's end.
                threading.Thread(
                    target=self._serve, args=(queues,), daemon=True, name="host queue"
                ).start()
            for _ in range(count):
                result = self._results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._stop.set()

    def _serve(self, queues: deque[deque[T]]) -> None:
        for waiting in self._taken(queues):
            for task in self._taken(waiting):
                try:
                    self._put(self._work(task))
                except BaseException as error:  # noqa: BLE001  # a broken machine: raised where run() is read
                    self._put(error)

    def _taken(self, shared: deque[S]) -> Iterator[S]:
        """Take one after the other, until other threads have left none."""
        while not self._stop.is_set():
            try:
                first = shared.popleft()
            except IndexError:
                return
            yield first

    def _put(self, result: R | BaseException) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                self._results.put(result, timeout=_LOOK_AROUND)
                return
