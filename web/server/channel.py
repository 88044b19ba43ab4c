"""Connections: how long each may keep the server waiting, and be kept waiting itself.

Decides nothing about what is answered, but to what is no request.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from web.access_log import note_refusal
from web.error_responses import RETRY_AFTER
from web.security import HEADERS
from web.server.request_parser import RequestParser

if TYPE_CHECKING:
    from web.server.lanes import Lane

# Seconds that a client may take to send a request, or be silent; for a long answer it has
# longer. waitress itself gives 120 again with each byte, and never ends a client that
# takes none.
PATIENCE = 20.0
SLOWEST = 10_000  # bytes a second; a modem of 1998 takes half of that
# Seconds that a request waits for its turn before it is told to come back later. 200
# clients that never pause wait 13 on two cores; people leave after ten.
# https://www.nngroup.com/articles/response-times-3-important-limits/
LINE_PATIENCE = 10.0
# Seconds after which it is worth a look if the client still waits.
SHORT_WAIT = 0.5

_SENTENCES = {
    400: "This is not a request as HTTP knows it.",
    413: "This request is too long.",
    431: "This request is too long.",
    501: "This request is coded in a way that is not understood here.",
}


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress ships no types
    """The answer to what is no HTTP request: one sentence, none of it the client's."""

    def execute(self) -> None:
        error = self.request.error
        body = f"{_SENTENCES.get(error.code, 'Something went wrong here.')}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/plain; charset=utf-8"),
            *HEADERS.items(),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        note_refusal(error.code, len(body))


class _Answer(WSGITask):  # type: ignore[misc]  # as above
    """The app's answer; the app is told where it is to turn the client away."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.channel.retry_after:
            environ[RETRY_AFTER] = self.channel.retry_after
        return environ


class Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """One connection; ``until`` is when it ends unless its client has done its part, by
    time.monotonic. ``client`` tells whose turn its request takes."""

    error_task_class = _Refusal
    task_class = _Answer

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._began = time.monotonic()
        self.until = self._began + PATIENCE
        self.client = ""
        self.retry_after = 0
        self._lane: Lane | None = None
        self._asked = 0.0

    def wait_in(self, lane: Lane, client: str) -> None:
        """Note in which line the request waits from now on."""
        self._lane, self.client = lane, client
        self._asked = time.monotonic()
        self.retry_after = 0

    def turn_away(self) -> None:
        """Let the request be answered with the time after which to ask again."""
        if self._lane is not None:
            self.retry_after = self._lane.seconds_for(self.client)

    def parser_class(self, adj: Any) -> RequestParser:
        """Make the parser of the next request."""
        return RequestParser(adj, self.server.uploads)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self._began = time.monotonic()
            self.until = self._began + PATIENCE
        is_taken = bool(super().received(data))
        if self.request is not None and self.request.is_admitted:
            # A saved page with its pictures takes a phone a while.
            seconds = self.request.content_length / SLOWEST
            self.until = self._began + PATIENCE + seconds
        return is_taken

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Drop what is asked behind answers that the client does not take.

        waitress would let this thread wait for the client, without an end.
        """
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            with self.requests_lock:
                for request in self.requests[1:]:
                    request.close()
                del self.requests[1:]
                self.close_when_flushed = True

    def service(self) -> None:
        """Answer one request, unless its client has left or waited too long."""
        began = time.monotonic()
        waited = began - self._asked
        if waited > SHORT_WAIT and self._has_hung_up():
            self.connected = False
        if waited > LINE_PATIENCE and not self.retry_after:
            self.turn_away()
        lane = self._lane
        is_answered = self.connected and not self.retry_after
        super().service()
        if lane is not None and is_answered:
            lane.took(began)
        self.until = time.monotonic() + PATIENCE + self.total_outbufs_len / SLOWEST

    @property
    def waits(self) -> bool:
        """True where it is the client's turn."""
        return not self.requests

    @property
    def is_done(self) -> bool:
        """True where nothing is being answered and every answer has been taken."""
        return not self.requests and not self.total_outbufs_len

    def check_client_disconnected(self) -> bool:
        """Tell the app if nobody waits for the answer any more.

        waitress itself doesn't look while a request is being answered.
        """
        return not self.connected or self._has_hung_up()

    def _has_hung_up(self) -> bool:
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
