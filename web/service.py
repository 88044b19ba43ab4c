"""The engine as the web sees it, and how many may ask it at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from search.types import Answer, Coverage, Filters, IndexStatus, Nearby, Sort
from web.parameters import Question
from web.problems import Busy, TooManyQuestions

# A question takes milliseconds; who waits longer than this for a place is better told so. In seconds.
PATIENCE = 2.0
MAX_ADDRESSES = 10_000  # remembered by the rate limit, so that it cannot be made to fill the memory


class SearchEngine(Protocol):
    """The verbs of ``search.engine.Engine`` that this package calls, from several threads."""

    def search(
        self,
        question: str,
        *,
        filters: Filters = ...,
        sort: Sort = ...,
        limit: int = ...,
        offset: int = ...,
        exact: bool = ...,
    ) -> Answer: ...

    def related(self, url: str, *, limit: int = ...) -> Nearby: ...

    def similar(self, text: str, *, limit: int = ...) -> Nearby: ...

    def status(self) -> IndexStatus: ...

    def coverage(self) -> tuple[Coverage, ...]: ...

    def holds(self, url: str) -> bool: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


class Service:
    """Asks the engine, ``at_once`` questions side by side and ``per_minute`` from one address (0: any)."""

    def __init__(
        self, engine: SearchEngine, *, at_once: int, per_minute: int = 0, patience: float = PATIENCE
    ) -> None:
        self._engine = engine
        self._places = threading.BoundedSemaphore(at_once)
        self._patience = patience
        self._allowance = Allowance(per_minute) if per_minute else None

    def ask(self, question: Question, address: str) -> Answer:
        """The engine's answer; Busy or TooManyQuestions where it was not even asked."""
        with self._place(address):
            return self._engine.search(
                question.text,
                filters=question.filters,
                sort=question.sort,
                limit=question.limit,
                offset=question.offset,
                exact=question.exact,
            )

    def related(self, url: str, limit: int, address: str) -> Nearby:
        """Other articles on the subject of the one at ``url``; raises what ``ask`` does."""
        with self._place(address):
            return self._engine.related(url, limit=limit)

    def similar(self, text: str, limit: int, address: str) -> Nearby:
        """The articles nearest to a text; raises what ``ask`` does."""
        with self._place(address):
            return self._engine.similar(text, limit=limit)

    def status(self) -> IndexStatus:
        """What the index holds; this needs no model and so no place."""
        return self._engine.status()

    def coverage(self) -> tuple[Coverage, ...]:
        """What each source leads to and what of it is held."""
        return self._engine.coverage()

    def holds(self, url: str) -> bool:
        """Whether this is the address of an article in the index, or of a link page that names one."""
        return self._engine.holds(url)

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        self._engine.warm()

    def close(self) -> None:
        """Let go of the engine's files."""
        self._engine.close()

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        """One of the places at the engine; Busy or TooManyQuestions where there is none."""
        if self._allowance is not None:
            self._allowance.take(address)
        if not self._places.acquire(timeout=self._patience):
            raise Busy("Too many questions are being answered just now; ask again in a moment.")
        try:
            yield
        finally:
            self._places.release()


class Allowance:
    """A token bucket for each address: ``per_minute`` on average, as many at one go."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._buckets)

    def take(self, address: str) -> None:
        """One question from this address, or TooManyQuestions."""
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(address, (self._size, now))
            left = min(self._size, left + (now - then) * self._rate)
            allowed = left >= 1
            self._buckets[address] = (left - 1 if allowed else left, now)
            while len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyQuestions(retry_after=max(1, round((1 - left) / self._rate)))
