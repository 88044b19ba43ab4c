"""The pages of a run that contain several posts, each fetched once for all of them.

Such posts are listed under fragments of one address.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from indexer.records import FetchError, NotModified, Page, Validators

FetchPage = Callable[[Validators | None], Page | NotModified]
_Answer = Page | NotModified | FetchError


class SharedPages:
    """The answers for pages that were asked for. Safe to call from several threads."""

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(
        self, url: str, fetch: FetchPage, seen: Validators | None, *, is_new: bool
    ) -> Page | NotModified:
        """Return the page, without its moves, as they are no post's. Raises FetchError.

        A post that ``is_new`` needs the page itself, though it hasn't changed since
        another was read.
        """
        with self._locks[url]:
            answer = self._answers.get(url) or _answer(fetch, seen)
            if is_new and isinstance(answer, NotModified):
                answer = _answer(fetch, None)
            self._answers[url] = answer
        if isinstance(answer, FetchError):
            raise answer
        return answer


def _answer(fetch: FetchPage, seen: Validators | None) -> _Answer:
    try:
        return replace(fetch(seen), moved_to="")
    except FetchError as error:
        return error
