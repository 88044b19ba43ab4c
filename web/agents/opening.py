"""The engine of an index, opened and loaded beside the protocol."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress

from search.errors import BlogsearchError
from search.index.open import IndexAddress
from web.engine_gate import EngineGate


class Opening:
    """Opens the engine in a thread of its own, and then loads its model."""

    def __init__(self, index: IndexAddress, *, at_once: int) -> None:
        self._index = index
        self._at_once = at_once
        self._gate: Future[EngineGate] = Future()
        self._begun = threading.Lock()

    def begin(self) -> None:
        """Begin to open it, unless it has begun."""
        if self._begun.acquire(blocking=False):
            # Nobody waits for it at the end: a model takes seconds to load.
            threading.Thread(target=self._open, daemon=True).start()

    def gate(self) -> EngineGate:
        """Wait until it is open; raises BlogsearchError where it can't be."""
        self.begin()
        return self._gate.result()

    def _open(self) -> None:
        try:
            # Numpy, FAISS and the model's runtime take a second to import.
            from search.engine import Engine
            from search.index.open import open_index

            engine = Engine(open_index(self._index))
            self._gate.set_result(EngineGate(engine, at_once=self._at_once))
        except BaseException as error:  # noqa: BLE001  # whoever asks is told
            self._gate.set_exception(error)
            return
        # The first question tries again, and tells why it fails.
        with suppress(BlogsearchError):
            engine.warm()
