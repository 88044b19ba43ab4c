"""Work for many hosts at once, a few at a time for each: no slow host holds up the
others."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from indexer.fetch.http.shared_servers import queue_key

THREADS_PER_HOST = 2  # connections; what browsers kept to for decades
THREADS = 24
# results that wait to be taken; fetching pauses beyond, so memory stays flat
RESULTS_AHEAD = 32

T = TypeVar("T")
R = TypeVar("R")


class HostQueues(Generic[T, R]):
    """Runs ``work`` over tasks in threads, by domain of each task's address, and gives
    the results.

    ``work`` must not raise for what may go wrong with a task: that is part of its
    result.
    """

    def __init__(self, work: Callable[[T], R], address: Callable[[T], str]) -> None:
        self._work = work
        self._address = address
        self._stop = threading.Event()
        self._results: queue.Queue[R | BaseException] = queue.Queue(RESULTS_AHEAD)

    def run(self, tasks: Iterable[T]) -> Iterator[R]:
        """The results as they come, in no order; leaving the loop early stops the
        rest."""
        hosts: dict[str, deque[T]] = {}
        for task in tasks:
            hosts.setdefault(queue_key(self._address(task)), deque()).append(task)
        count = sum(map(len, hosts.values()))
        queues = deque(
            waiting
            for waiting in hosts.values()
            for _ in range(min(THREADS_PER_HOST, len(waiting)))
        )
        try:
            # Daemons: who leaves early doesn't wait for a slow server's reply, nor does
            # the program's end.
            for _ in range(min(THREADS, len(queues))):
                threading.Thread(
                    target=self._serve, args=(queues,), daemon=True, name="lane"
                ).start()
            for _ in range(count):
                result = self._results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._stop.set()

    def _serve(self, queues: deque[deque[T]]) -> None:
        while not self._stop.is_set():
            try:
                waiting = queues.popleft()
            except IndexError:
                return
            self._drive(waiting)

    def _drive(self, waiting: deque[T]) -> None:
        while not self._stop.is_set():
            try:
                task = waiting.popleft()
            except IndexError:
                return
            try:
                self._put(self._work(task))
            except BaseException as error:  # noqa: BLE001  # a broken machine: raised where run() is read
                self._put(error)

    def _put(self, result: R | BaseException) -> None:
        while not self._stop.is_set():
            try:
                return self._results.put(result, timeout=0.2)
            except queue.Full:
                continue
        return None
