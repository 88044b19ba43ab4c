"""The server's log: one line of JSON a request, one of text for what goes wrong.

By default it holds neither clients' addresses nor questions.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from search.console import plain

LONGEST_PATH = 200  # characters; every path of ours is shorter
LONGEST_QUERY = 2000

log = logging.getLogger("blogsearch.access")
errors = logging.getLogger(__name__)


class LogFormatter(logging.Formatter):
    """Records without what a terminal would act upon. Each begins a line, and only the
    lines of its traceback, which are indented, follow: text from outside begins none."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's
        return plain(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # as above
        lines = plain(super().formatException(ei), keep="\n").split("\n")
        return "\n".join(f"    {line}" for line in lines)


def log_to_stderr() -> None:
    """Let everything that is logged, libraries' too, pass the formatter on its way."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])


def log_requests() -> None:
    """Write requests to stderr as they are, without a log's usual prefix, and through
    the log what Python itself would print there."""
    log.setLevel(logging.INFO)
    log.propagate = False
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(LogFormatter("%(message)s"))
        log.addHandler(handler)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a record that fails is printed as it is
    sys.excepthook = lambda *failed: errors.critical("it failed", exc_info=failed)
    threading.excepthook = lambda failed: errors.critical(
        "a thread failed", exc_info=failed.exc_value
    )
    sys.unraisablehook = lambda failed: errors.error(
        "%s", failed.err_msg or "an object failed", exc_info=failed.exc_value
    )


class AccessLog:
    """WSGI middleware that logs time, method, path, status, milliseconds and bytes.

    With ``full`` it logs the client's address and the query string, which holds the
    question, too.
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
        status = 500  # where the app fails before it starts a response
        length = 0

        def noting(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status, length
            status = int(line[:3])
            length = int(dict(headers).get("Content-Length", 0))
            return start_response(line, headers, *rest)

        def note(sent: int) -> None:
            # WSGI passes the path's bytes as Latin-1 (PEP 3333).
            path = environ["PATH_INFO"].encode("latin-1", "replace")
            line = {
                "method": environ["REQUEST_METHOD"][:20],
                "path": path.decode("utf-8", "replace")[:LONGEST_PATH],
                "status": status,
                "ms": round((time.perf_counter() - began) * 1000, 1),
                "bytes": sent,
            }
            if self._full:
                line["address"] = environ.get("REMOTE_ADDR", "")
                line["query"] = environ["QUERY_STRING"][:LONGEST_QUERY]
            _write(line)

        try:
            body = self._app(environ, noting)
        except BaseException:
            note(0)
            raise
        is_file = isinstance(body, environ.get("wsgi.file_wrapper", ()))
        if not is_file:
            return _Counted(body, note)
        # The server itself sends a file, which a thread would else have to wait for.
        note(length)
        return body


def note_refusal(status: int, sent: int) -> None:
    """Log the answer to something that is no HTTP request."""
    _write({"method": "", "path": "", "status": status, "ms": 0.0, "bytes": sent})


class _Counted:
    """A response body whose bytes are counted; ``done`` gets the sum once, at its end."""

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


def _write(line: dict[str, object]) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    log.info("%s", json.dumps({"time": now} | line, ensure_ascii=True))
