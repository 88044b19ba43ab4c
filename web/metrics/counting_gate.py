"""The engine gate that counts what becomes of questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, TypeVar

from search.types import Answer, Nearby
from web.engine_gate import EngineGate
from web.metrics.counts import Counts, Kind, outcome_of
from web.request_params import Question

Found = TypeVar("Found", Answer, Nearby)


class CountingGate(EngineGate):
    """An EngineGate with ``counts``; apart from it, so that without metrics nothing is
    counted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.counts = Counts()

    def ask(self, question: Question) -> Answer:
        """Answer a question as EngineGate does, and count it."""
        return self._counted("question", partial(super().ask, question))

    def suggest(self, question: Question) -> Answer:
        """Answer what is being typed as EngineGate does, and count it."""
        return self._counted("suggestion", partial(super().suggest, question))

    def similar(self, text: str, limit: int) -> Nearby:
        """Find the articles nearest to a text as EngineGate does, and count it."""
        return self._counted("text", partial(super().similar, text, limit))

    def turn_away(self, retry_after: int) -> NoReturn:
        """Refuse a request that waited too long as EngineGate does, and count it."""
        self.counts.note_turned_away()
        super().turn_away(retry_after)

    def _counted(self, kind: Kind, ask: Callable[[], Found]) -> Found:
        began = time.perf_counter()
        try:
            found = ask()
        except BaseException as error:
            self.counts.note_failure(kind, outcome_of(error))
            raise
        self.counts.note(kind, outcome_of(found), time.perf_counter() - began)
        return found
