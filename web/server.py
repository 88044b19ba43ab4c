"""The HTTP server: waitress, with time limits for clients and an orderly end."""

from __future__ import annotations

import resource
import socket
import time
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from web.access_log import note_refusal
from web.security import HEADERS

CONNECTIONS = 1000
FILES = 4096  # that this process may open, if the system lets it
OWN_FILES = 150  # of these for index, model and libraries
# Seconds that a client may take to send a request, or be silent; for a long answer it has
# longer. waitress itself gives 120 again with each byte, and never ends a client that
# takes none.
PATIENCE = 20.0
SLOWEST = 10_000  # bytes a second; a modem of 1998 takes half of that
LOOK_EVERY = 2.0  # seconds
GRACE = 8.0  # seconds for answers in flight at SIGTERM; Docker kills after ten
LIMITS = {
    "asyncore_use_poll": True,  # select() ends at 1,024 files
    "channel_timeout": 3600,  # seconds; ours is PATIENCE
    "connection_limit": 2 * FILES,  # ours is CONNECTIONS
    "clear_untrusted_proxy_headers": False,  # the app itself knows which to trust
    "ident": None,
    "log_socket_errors": False,  # a client that goes away is no error
    "max_request_header_size": 131_072,  # bytes: 10,000 characters of up to twelve bytes each in an address
    "max_request_body_size": 65_536,
}
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


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # as above
    """waitress's, which lets an address like http://[ through to its loop as an
    exception of urllib's."""

    def parse_header(self, head: bytes) -> None:
        try:
            super().parse_header(head)
        except ValueError as error:
            raise ParsingError("Invalid address") from error


class _Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """One connection; ``until`` is when it ends unless its client has done its part, by
    time.monotonic."""

    error_task_class = _Refusal
    parser_class = _Parser

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.until = time.monotonic() + PATIENCE

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.until = time.monotonic() + PATIENCE
        return bool(super().received(data))

    def service(self) -> None:
        super().service()
        self.until = time.monotonic() + PATIENCE + self.total_outbufs_len / SLOWEST

    @property
    def waits(self) -> bool:
        """True where it is the client's turn."""
        return not self.requests

    @property
    def is_done(self) -> bool:
        """True where nothing is being answered and every answer has been taken."""
        return not self.requests and not self.total_outbufs_len


class Server(TcpWSGIServer):  # type: ignore[misc]  # as above
    """A server that binds its port when made, and serves from ``run`` to ``stop``."""

    channel_class = _Channel

    def __init__(self, app: Any, host: str, port: int, *, threads: int) -> None:
        """Bind to the port; OSError where that can't be had."""
        family, *_, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        # Bound here, as waitress leaves sockets open behind it where the port is taken.
        bound = socket.create_server(address, family=family)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        super().__init__(
            app,
            {},
            True,
            bound,
            dispatcher=dispatcher,
            adj=Adjustments(sockets=[bound], threads=threads, **LIMITS),
            bind_socket=False,
            sockinfo=(family, socket.SOCK_STREAM, 0, bound.getsockname()),
        )
        self._most = _connections()
        self._next_look = 0.0
        self._is_ending = False

    @property
    def address(self) -> str:
        """The address it listens on, as a browser takes it."""
        host, port = self.effective_host, self.effective_port
        if ":" in host:
            return f"http://[{host}]:{port}/"
        return f"http://{host}:{port}/"

    def run(self) -> None:
        """Serve until ``stop`` or Ctrl-C; requests that came before are still answered."""
        try:
            while not self._is_ending:
                self._turn(1.0)
                self._look()
            self._finish()
        except (SystemExit, KeyboardInterrupt):
            pass
        self._is_ending = True
        self.task_dispatcher.shutdown(timeout=1)
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.close()

    def stop(self) -> None:
        """Make ``run`` end; safe to call from a signal handler and another thread."""
        if not self._is_ending:
            self._is_ending = True
            self.pull_trigger()

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, the longest waiting one ends.

        In this order: the new connection would else get the file number of the old one,
        and with it events that are still to be dealt with.
        """
        super().handle_accept()
        if len(self.active_channels) > self._most:
            longest = min(
                self._waiting(), key=lambda channel: channel.until, default=None
            )
            if longest is not None:
                longest.handle_close()

    def _waiting(self) -> list[_Channel]:
        return [channel for channel in self.active_channels.values() if channel.waits]

    def _look(self) -> None:
        """End overdue connections; between two turns, for the reason above."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY
        for channel in self._waiting():
            if channel.until < now:
                channel.handle_close()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        self._turn(0)  # what has arrived by now counts as asked
        wasyncore.dispatcher.close(self)  # only the listening socket
        until = time.monotonic() + GRACE
        while self.active_channels and time.monotonic() < until:
            for channel in list(self.active_channels.values()):
                if channel.is_done:
                    channel.handle_close()
            self._turn(0.05)


def _connections() -> int:
    """Count the connections that fit the files this process may open; raise that limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(FILES, hard)
    if soft < wanted:
        soft = wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    # Each may be taking a file of the index.
    return max(10, min(CONNECTIONS, (soft - OWN_FILES) // 2))
