"""Pages that hold several posts, each listed under a fragment: asked for once a run,
whatever the posts."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from indexer.records import FetchError, NotModified, Page, Validators

FetchRequest = Callable[[Validators | None], Page | NotModified]


class SharedPages:
    """What became of the pages that were asked for. Safe to call from several
    threads."""

    def __init__(self) -> None:
        self._had: dict[str, Page | NotModified | FetchError] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(
        self, url: str, ask: FetchRequest, seen: Validators | None, *, is_new: bool
    ) -> Page | NotModified:
        """The page, without its moves, as they are no post's; raises FetchError.

        A post that ``is_new`` needs the page itself, though it hasn't changed since
        another was read.
        """
        with self._locks[url]:
            had = self._had.get(url)
            if had is None or (isinstance(had, NotModified) and is_new):
                had = self._had[url] = self._ask(
                    ask, None if had else seen, is_new=is_new
                )
        if isinstance(had, FetchError):
            raise had
        return had

    @staticmethod
    def _ask(
        ask: FetchRequest, seen: Validators | None, *, is_new: bool
    ) -> Page | NotModified | FetchError:
        try:
            answer = ask(seen)
            if isinstance(answer, NotModified) and is_new:
                answer = ask(None)
            return replace(answer, moved_to="")
        except FetchError as error:
            return error
