"""The engine as the web calls it, with a limit on how many ask at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import NoReturn, Protocol

from flask import Flask

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexMissing
from search.standing import Noted, Standing, StandingQuestion
from search.types import (
    Answer,
    Article,
    Filters,
    Hit,
    IndexStatus,
    Nearby,
    Overview,
    Sort,
)
from web.error_responses import Busy, Starting
from web.request_params import Question

# Seconds that a question waits for one that was let through before. Only texts,
# suggestions and the searches for answers can be in its way, each of which may use five
# seconds of processor time; those that come after wait in the server's line.
PATIENCE = 10.0
# Seconds that a question waits for the model, which takes six to load on two cores.
LOADING_PATIENCE = 15.0
STARTING = "The search is starting: its model is being loaded; ask again in a moment."


class SearchEngine(Protocol):
    """The verbs of ``search.engine.Engine`` that this package calls, from several
    threads."""

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

    def newest(
        self, filters: Filters = ..., *, limit: int = ..., offset: int = ...
    ) -> tuple[Article, ...]: ...

    def overview(self) -> Overview: ...

    def coverage(self) -> tuple[Coverage, ...]: ...

    def standing(self) -> Standing: ...

    def noted(
        self, asked: StandingQuestion, *, limit: int
    ) -> list[tuple[Noted, Hit]]: ...

    def article(self, url: str) -> Article: ...

    def holds(self, url: str) -> bool: ...

    def require_sound(self) -> None: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


class EngineGate:
    """A gate that lets ``at_once`` questions through to the engine side by side.

    Others wait up to ``patience`` seconds, and ``loading_patience`` for the model at the
    start; what needs no model is let through.
    """

    def __init__(
        self,
        engine: SearchEngine,
        *,
        at_once: int,
        patience: float = PATIENCE,
        loading_patience: float = LOADING_PATIENCE,
    ) -> None:
        self._engine = engine
        # Set unless the model is being loaded.
        self._loaded = threading.Event()
        self._loaded.set()
        self._loading_patience = loading_patience
        self._places = threading.BoundedSemaphore(at_once)
        # A long text takes seconds: one place is kept for questions, where there are
        # two.
        self._texts = threading.BoundedSemaphore(max(1, at_once - 1))
        # Nobody asked for a suggestion: it takes a place that is free, and never the
        # last of several.
        self._suggestions = threading.BoundedSemaphore(max(1, at_once - 1))
        self._patience = patience

    def ask(self, question: Question) -> Answer:
        """Answer a question; raises Busy where no place is free, Starting where the
        model is not there in time, else what Engine does."""
        with self._place():
            return self._search(question)

    def suggest(self, question: Question) -> Answer:
        """Answer what is being typed; raises Busy at once where no place is free."""
        if self.is_starting:
            self._engine.status()
            raise Starting(STARTING)
        if not self._suggestions.acquire(blocking=False):
            raise Busy
        try:
            if not self._places.acquire(blocking=False):
                raise Busy
            try:
                return self._search(question)
            finally:
                self._places.release()
        finally:
            self._suggestions.release()

    def similar(self, text: str, limit: int) -> Nearby:
        """Find the articles nearest to a text; raises what ``ask`` does."""
        if not self._texts.acquire(timeout=self._patience):
            raise Busy
        try:
            with self._place():
                return self._engine.similar(text, limit=limit)
        finally:
            self._texts.release()

    def related(self, url: str, limit: int) -> Nearby:
        """Find articles on the subject of the one at ``url``; its vector is stored, so
        this needs no model and no place, as nothing does from here on."""
        return self._engine.related(url, limit=limit)

    def status(self) -> IndexStatus:
        """Count what is indexed."""
        return self._engine.status()

    def newest(self, question: Question) -> tuple[Article, ...]:
        """List the newest articles that pass a question's filters."""
        return self._engine.newest(
            question.filters, limit=question.limit, offset=question.offset
        )

    def overview(self) -> Overview:
        """Read what the home page shows; it is made once a generation."""
        return self._engine.overview()

    def coverage(self) -> tuple[Coverage, ...]:
        """Read the coverage reports of all sources."""
        return self._engine.coverage()

    def standing(self) -> Standing:
        """Read the standing questions."""
        return self._engine.standing()

    def noted(self, asked: StandingQuestion, *, limit: int) -> list[tuple[Noted, Hit]]:
        """Read what is new for a standing question, with the quotes that answer it now;
        raises what ``ask`` does."""
        with self._place():
            return self._engine.noted(asked, limit=limit)

    def article(self, url: str) -> Article:
        """Read the article at an address, with its blocks."""
        return self._engine.article(url)

    def holds(self, url: str) -> bool:
        """Tell if the whole text of an article is stored under this very address."""
        return self._engine.holds(url)

    @property
    def is_starting(self) -> bool:
        """True from ``expect_model`` until ``warm`` has ended."""
        return not self._loaded.is_set()

    def health(self) -> tuple[dict[str, object], int, dict[str, str]]:
        """Count what is indexed: the answer to whoever watches over the server, its
        status and headers; 503 until questions are answered, and once one of them has
        met damage."""
        self.require_sound()
        status = self.status()
        about: dict[str, object] = {
            "status": "ok",
            "articles": status.articles,
            "passages": status.passages,
            "updated": status.updated,
            "model": PurePath(status.model).name,  # not the folder it lies in
        }
        if not self.is_starting:
            return about, 200, {}
        # Whoever starts a container asks again until it is 200.
        return about | {"status": "starting"}, 503, {"Retry-After": "2"}

    def require_sound(self) -> None:
        """Raise IndexDamaged where a question has met damage that is still there."""
        self._engine.require_sound()

    def expect_model(self) -> None:
        """Let questions wait from now on for the model, which ``warm`` then loads."""
        self._loaded.clear()

    def warm(self) -> None:
        """Load the model now, so that the first question does not wait for it; raises
        IndexMissing and IndexBusy where it is too early for that."""
        try:
            self._engine.warm()
        except (IndexMissing, IndexBusy):
            raise  # it is still expected, from the next try
        except BaseException:
            # A question tries again, and tells why it fails.
            self._loaded.set()
            raise
        self._loaded.set()

    def turn_away(self, retry_after: int) -> NoReturn:
        """Raise what a question is told that has waited too long for its turn."""
        if self.is_starting:
            raise Starting(STARTING)
        raise Busy(retry_after=retry_after)

    def close(self) -> None:
        """Let go of the engine's files."""
        self._engine.close()

    def _search(self, question: Question) -> Answer:
        return self._engine.search(
            question.text,
            filters=question.filters,
            sort=question.sort,
            limit=question.limit,
            offset=question.offset,
            exact=question.exact,
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Occupy a place at the engine; raises Busy where none is free in time."""
        self._require_model()
        if not self._places.acquire(timeout=self._patience):
            raise Busy
        try:
            yield
        finally:
            self._places.release()

    def _require_model(self) -> None:
        """Wait for the model while it is being loaded; where there is no index yet
        that can take days, and raises what the engine does."""
        if self.is_starting:
            self._engine.status()
            if not self._loaded.wait(self._loading_patience):
                raise Starting(STARTING)


def gate_of(app: Flask) -> EngineGate:
    """Find the engine gate that ``web.routes.register`` put into this app."""
    gate: EngineGate = app.extensions["blogsearch"]
    return gate
