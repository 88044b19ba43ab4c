"""Lanes: threads for one kind of request each, and the line before them.

Clients take turns, so that one with many connections keeps nobody else waiting. A
request that waits takes no thread.
"""

from __future__ import annotations

import math
import re
import time
from collections import OrderedDict, deque
from enum import Enum
from typing import Protocol

from waitress.task import ThreadedTaskDispatcher

# Seconds that a request takes at first, until some have been answered.
FIRST_GUESS = 0.1
MEMORY = 0.1  # the share that the newest request has in the mean of what they take
LONGEST_WAIT = 60  # seconds: an estimate beyond that says nothing
ASKING = ("/api/search", "/search.atom", "/search.json")
# The home page with a question in it, which may be spelt q or %71.
_ASKS = re.compile(r"(?:^|&)(?:q|%71)=[^&]")


class Kind(Enum):
    """Requests that wait in the same line."""

    QUESTION = "question"
    TEXT = "text"  # it takes longer than a question
    ANSWER = "answer"  # it waits for a language model, a minute or longer
    PAGE = "page"  # it needs no model, or doesn't wait for it


def kind_of(path: str, query: str) -> Kind:
    """Tell from a request's address in which line it waits."""
    if path == "/api/similar":
        return Kind.TEXT
    if path in ("/answer", "/api/answer"):
        return Kind.ANSWER
    if path in ASKING or path.startswith("/watch/"):
        return Kind.QUESTION
    if path == "/" and _ASKS.search(query):
        return Kind.QUESTION
    return Kind.PAGE


class Turn(Protocol):
    """One request of a client."""

    client: str

    def service(self) -> None: ...

    def turn_away(self) -> None: ...

    def cancel(self) -> None: ...


class TurnQueue:
    """Requests, those of each client in the order in which they came, the clients in
    turn. The methods are those of the deque that it stands for."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, turn: Turn) -> None:
        """Add a request behind those of its client."""
        self._lines.setdefault(turn.client, deque()).append(turn)
        self._count += 1

    def popleft(self) -> Turn:
        """Take out the first request of the client whose turn it is."""
        client, line = next(iter(self._lines.items()))
        turn = line.popleft()
        self._count -= 1
        if line:
            self._lines.move_to_end(client)
        else:
            del self._lines[client]
        return turn

    def pop_greediest(self) -> Turn:
        """Take out the last request of the client that has most of them."""
        client, line = max(self._lines.items(), key=lambda item: len(item[1]))
        turn = line.pop()
        self._count -= 1
        if not line:
            del self._lines[client]
        return turn

    def ahead_of(self, client: str) -> int:
        """Count the requests that would be answered before another of this client."""
        own = len(self._lines.get(client, ()))
        return sum(min(len(line), own + 1) for line in self._lines.values())


class Lane(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types
    """The threads of one kind of request, with the line before them."""

    def __init__(self, threads: int, *, most: int) -> None:
        """Start the threads; at most ``most`` requests wait for them."""
        super().__init__()
        self.queue = TurnQueue()
        self._threads = threads
        self._most = most
        self._seconds = FIRST_GUESS
        self.set_thread_count(threads)

    def put(self, turn: Turn) -> Turn | None:
        """Let a request wait for its turn; return the one that can't wait any more where
        there are too many."""
        with self.lock:
            self.queue.append(turn)
            self.queue_cv.notify()
            if len(self.queue) > self._most:
                return self.queue.pop_greediest()
            return None

    def take_all(self) -> list[Turn]:
        """Take out all that wait."""
        with self.lock:
            return [self.queue.popleft() for _ in range(len(self.queue))]

    def took(self, began: float) -> None:
        """Note that a request was answered that began at this time.monotonic()."""
        with self.lock:
            self._seconds += MEMORY * (time.monotonic() - began - self._seconds)

    def seconds_for(self, client: str) -> int:
        """Estimate the seconds until a thread is free for this client."""
        with self.lock:
            wait = self.queue.ahead_of(client) * self._seconds / self._threads
        return max(1, min(LONGEST_WAIT, math.ceil(wait)))
