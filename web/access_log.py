"""The access log: one line of JSON a request, by default without addresses and without
what was asked."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

LONGEST_PATH = 200  # characters; every path of ours is shorter
LONGEST_QUERY = 2000

log = logging.getLogger("blogsearch.access")


class AccessLog:
    """WSGI middleware: time, method, path, status, milliseconds and bytes of the body
    of each request.

    With ``full`` the client's address and the query string, which holds the question,
    are written too.
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], *, full: bool = False
    ) -> None:
        self._app = app
        self._full = full

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        began = time.perf_counter()
        status = 500  # where the app falls over

        def noting(line: str, *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, *rest)

        def note(sent: int) -> None:
            whose = {"address": environ.get("REMOTE_ADDR", ""),
                     "query": environ["QUERY_STRING"][:LONGEST_QUERY]} if self._full else {}  # fmt: skip
            path = (
                environ["PATH_INFO"]
                .encode("latin-1", "replace")
                .decode("utf-8", "replace")
            )
            took = (time.perf_counter() - began) * 1000
            _write(
                environ["REQUEST_METHOD"][:20],
                path[:LONGEST_PATH],
                status,
                round(took, 1),
                sent,
                **whose,
            )

        try:
            return _Counted(self._app(environ, noting), note)
        except BaseException:
            note(0)
            raise


def note_refusal(status: int, sent: int) -> None:
    """Write down what was answered to something that is no request."""
    _write("", "", status, 0.0, sent)


class _Counted:
    """An answer's body, its bytes counted; ``done`` is told them once, at its end."""

    def __init__(self, body: Iterable[bytes], done: Callable[[int], None]) -> None:
        self._body = body
        self._done = done
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._body:
            self._sent += len(part)
            yield part

    def close(self) -> None:
        if hasattr(self._body, "close"):
            self._body.close()
        self._done(self._sent)


def _write(
    method: str, path: str, status: int, took: float, sent: int, **whose: str
) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {
        "time": now,
        "method": method,
        "path": path,
        "status": status,
        "ms": took,
        "bytes": sent,
    }
    log.info("%s", json.dumps(line | whose, ensure_ascii=True))
