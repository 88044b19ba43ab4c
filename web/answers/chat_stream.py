"""One streamed completion of an OpenAI-compatible server.

The protocol: POST …/chat/completions with "stream", answered by lines of "data: " with
a piece of the text each, the last [DONE].
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import json
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Literal

from search.errors import BlogsearchError
from web.answers.model_server import ModelServer, is_own

PATIENCE = 180.0  # seconds for a whole answer; a model without a GPU takes a minute
CONNECT_PATIENCE = 10.0  # seconds
# Seconds between two looks at the clock and at who waits for the answer.
LOOK_EVERY = 1.0
LONGEST_LINE = 65_536  # bytes; a piece of text has 300
MOST_BYTES = 8_000_000  # of an answer with all that a model thinks before it

Failure = Literal[
    "unreachable", "untrusted", "not-own", "key-refused", "unknown-model", "overloaded", "refused",
    "failed", "garbled", "broken-off", "too-slow",
]  # fmt: skip
_SENTENCES: dict[Failure, str] = {
    "unreachable": "The language model's server can't be reached.",
    "untrusted": "The language model's server shows a certificate that this machine"
    " doesn't trust.",
    "not-own": "The language model's server is not in this network, and would be sent a"
    " key for all to read.",
    "key-refused": "The language model's server doesn't accept the key.",
    "unknown-model": "The language model's server has no such model, or nothing at this"
    " address.",
    "overloaded": "The language model's server is asked too much; try again later.",
    "refused": "The language model's server refuses the request; its context may be too"
    " short for the quotes.",
    "failed": "The language model's server reports an error.",
    "garbled": "The language model's server answers in a form that is not understood.",
    "broken-off": "The language model's server broke off in the middle of its answer.",
    "too-slow": "The language model took too long.",
}
_BY_STATUS: dict[int, Failure] = {
    400: "refused", 401: "key-refused", 403: "key-refused", 404: "unknown-model",
    405: "unknown-model", 413: "refused", 422: "refused", 429: "overloaded", 503: "overloaded",
}  # fmt: skip

log = logging.getLogger(__name__)


class ModelFailed(BlogsearchError):
    """The language model gives no answer; ``code`` says why.

    Nothing of what its server said is repeated: it may hold the key.
    """

    def __init__(self, code: Failure) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code


class ChatStream:
    """The pieces of one completion as they come, "" where none came for a second.

    A thread of its own reads them, so that whoever waits can leave: ``close`` ends the
    request. ``is_cut`` is true where the server ended the answer for its length.
    """

    def __init__(
        self,
        server: ModelServer,
        messages: Sequence[dict[str, str]],
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Begin the request; ``patience`` is seconds for all of it."""
        self.is_cut = False
        self._server = server
        self._patience = patience
        self._until = time.monotonic() + patience
        # Unbounded, as MOST_BYTES bounds it.
        self._pieces: queue.SimpleQueue[str | ModelFailed | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of the next two
        self._socket: socket.socket | None = None
        self._is_closed = False
        thread = threading.Thread(target=self._read, args=(messages,), daemon=True)
        thread.start()

    def __iter__(self) -> Iterator[str]:
        while True:
            if time.monotonic() > self._until:
                raise ModelFailed("too-slow")
            try:
                piece = self._pieces.get(timeout=LOOK_EVERY)
            except queue.Empty:
                yield ""
                continue
            if piece is None:
                return
            if isinstance(piece, ModelFailed):
                raise piece
            yield piece

    def close(self) -> None:
        """End the request, wherever it is; safe to call again."""
        with self._lock:
            self._is_closed = True
            if self._socket is not None:
                _hang_up(self._socket)

    def _read(self, messages: Sequence[dict[str, str]]) -> None:
        """Put every piece into the queue, and at last None or why there are no more."""
        end: ModelFailed | None = ModelFailed("broken-off")
        try:
            self._exchange({"model": self._server.model, "messages": messages})
            end = None
        except ModelFailed as failed:
            end = failed
        except (HTTPException, OSError, ValueError) as error:
            # ValueError: http.client on a header, ssl on a connection that was hung up.
            end = ModelFailed(self._why(error))
            # The kind alone: its text may hold what the server said.
            log.warning("the language model: %s, %s", end.code, type(error).__name__)
        finally:
            self._pieces.put(end)

    def _why(self, error: Exception) -> Failure:
        if isinstance(error, ssl.SSLCertVerificationError):
            return "untrusted"
        if self._socket is None:
            return "unreachable"
        if isinstance(error, TimeoutError):
            return "too-slow"
        return "broken-off"

    def _exchange(self, asked: dict[str, Any]) -> None:
        asked = asked | {"stream": True}
        # The likeliest words, not the liveliest. Some models refuse to be told so.
        for body in (asked | {"temperature": 0}, asked):
            connection = self._connect()
            try:
                response = self._post(connection, body)
                if response.status == 200:
                    self._take(response)
                    return
                log.warning("the language model's server says %d", response.status)
                if response.status != 400:
                    break
            finally:
                connection.close()
        raise ModelFailed(_BY_STATUS.get(response.status, "failed"))

    def _connect(self) -> HTTPConnection:
        parts = self._server.parts
        host = parts.hostname or ""
        connection: HTTPConnection
        if parts.scheme == "https":
            connection = HTTPSConnection(
                host,
                parts.port,
                timeout=CONNECT_PATIENCE,
                context=ssl.create_default_context(),
            )
        else:
            connection = HTTPConnection(host, parts.port, timeout=CONNECT_PATIENCE)
        connection.connect()
        with self._lock:
            self._socket = connection.sock
            if self._is_closed:
                connection.close()
                raise ModelFailed("broken-off")
        # A name that was taken for one of this network may lead out of it.
        is_open = parts.scheme == "http" and self._server.key
        if is_open and not is_own(connection.sock.getpeername()[0]):
            connection.close()
            raise ModelFailed("not-own")
        connection.sock.settimeout(self._patience)
        return connection

    def _post(self, connection: HTTPConnection, body: dict[str, Any]) -> HTTPResponse:
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._server.key:
            headers["Authorization"] = f"Bearer {self._server.key}"
        path = f"{self._server.parts.path}/chat/completions"
        connection.request("POST", path, json.dumps(body).encode(), headers)
        return connection.getresponse()

    def _take(self, response: HTTPResponse) -> None:
        """Take pieces up to the end; raise ModelFailed where they end too early."""
        is_finished = is_understood = False
        for line in _lines(response):
            field, _, value = line.partition(":")
            if field != "data":
                continue  # a comment, the name of an event, a blank line
            is_understood = True
            if value.strip() == "[DONE]":
                return
            text, finish = _piece(value)
            if text:
                self._pieces.put(text)
            is_finished = is_finished or bool(finish)
            self.is_cut = self.is_cut or finish == "length"
        if not is_finished:
            raise ModelFailed("broken-off" if is_understood else "garbled")


def _lines(response: HTTPResponse) -> Iterator[str]:
    """Yield the complete lines of a response; a half one at its end is none."""
    taken = 0
    while line := response.readline(LONGEST_LINE):
        taken += len(line)
        if taken > MOST_BYTES:
            raise ModelFailed("garbled")
        if line.endswith(b"\n"):
            yield line.decode("utf-8", "replace").rstrip("\r\n")
        elif len(line) >= LONGEST_LINE:
            raise ModelFailed("garbled")


def _piece(data: str) -> tuple[str, str]:
    """Read the text of one event, and why the answer ends with it, "" if it doesn't."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise ModelFailed("garbled") from None
    if not isinstance(event, dict):
        raise ModelFailed("garbled")
    if event.get("error"):
        raise ModelFailed("failed")
    choices = event.get("choices")
    if not choices:  # how much was read and written
        return "", ""
    try:
        choice = choices[0]
        text = (choice.get("delta") or {}).get("content") or ""
        finish = choice.get("finish_reason") or ""
    except (AttributeError, KeyError, TypeError):
        raise ModelFailed("garbled") from None
    if not isinstance(text, str) or not isinstance(finish, str):
        raise ModelFailed("garbled")
    return text, finish


def _hang_up(sock: socket.socket) -> None:
    # Beneath TLS, whose own way waits for the other side.
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
