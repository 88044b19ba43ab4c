"""The turns that sources and their hosts take: which task of a run comes next.

It knows nothing of what a task is, and starts no thread.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from indexer.fetch.http.shared_servers import queue_key

AT_ONCE = 2  # tasks at a host, as many as the throttle gives turns there

T = TypeVar("T")


@dataclass(slots=True)
class _Host(Generic[T]):
    """The tasks that wait for a host; ``offered`` and ``begun`` of its places."""

    tasks: deque[T] = field(default_factory=deque)
    places: int = 1
    offered: int = 0
    begun: int = 0


@dataclass(frozen=True, slots=True)
class Turn(Generic[T]):
    """A task that is begun, on behalf of ``source``."""

    task: T
    source: str
    host: _Host[T]


class Turns(Generic[T]):
    """The tasks of a run, taken by many threads.

    A turn is for the source with the fewest tasks begun, and among those for the one
    that has waited longest: one with many slow hosts has no more threads than others
    leave free. A host has one task begun until its first has ended, AT_ONCE then, so
    that one which says nothing holds one thread.
    """

    def __init__(
        self,
        tasks: Iterable[T],
        *,
        address: Callable[[T], str],
        sources: Callable[[T], Sequence[str]],
    ) -> None:
        self._sources = sources
        self._changed = threading.Condition()
        self._begun: Counter[str] = Counter()  # by source
        # Hosts with a place free, by the source whose task is next there. Of equals the
        # first is taken, and what is added comes last.
        self._free: dict[str, deque[_Host[T]]] = {}
        self.count = 0
        hosts: dict[str, _Host[T]] = {}
        for task in tasks:
            hosts.setdefault(queue_key(address(task)), _Host()).tasks.append(task)
            self.count += 1
        self.most_at_once = min(self.count, AT_ONCE * len(hosts))
        self._waiting = self.count
        for host in hosts.values():
            self._offer(host)

    def take(self) -> Turn[T] | None:
        """Return the next turn, waiting for one; None when no task is left."""
        with self._changed:
            while not self._free:
                if not self._waiting:
                    return None
                self._changed.wait()
            source = min(self._free, key=self._begun.__getitem__)
            hosts = self._free.pop(source)
            host = hosts.popleft()
            if hosts:
                self._free[source] = hosts
            host.offered -= 1
            host.begun += 1
            self._begun[source] += 1
            self._waiting -= 1
            if not self._waiting:
                self._changed.notify_all()
            return Turn(host.tasks.popleft(), source, host)

    def end(self, turn: Turn[T]) -> None:
        """Give back the places of a turn whose task has ended."""
        with self._changed:
            self._begun[turn.source] -= 1
            turn.host.begun -= 1
            turn.host.places = AT_ONCE
            self._offer(turn.host)
            self._changed.notify_all()

    def close(self) -> None:
        """Let no task begin any more."""
        with self._changed:
            self._waiting = 0
            self._free.clear()
            self._changed.notify_all()

    def _offer(self, host: _Host[T]) -> None:
        if not self._waiting:
            return
        free = min(host.places - host.begun, len(host.tasks))
        for place in range(host.offered, free):
            sources = self._sources(host.tasks[place])
            source = min(sources, key=self._begun.__getitem__)
            self._free.setdefault(source, deque()).append(host)
            host.offered += 1
