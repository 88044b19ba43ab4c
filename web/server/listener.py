"""The listening server: takes connections, sorts requests into lanes, ends in order.

It answers nothing itself.
"""

from __future__ import annotations

import resource
import socket
import time
from collections import Counter
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from web.answers.composer import AT_ONCE as ANSWERS_AT_ONCE
from web.rate_limit import client_behind
from web.saving.desk import desk_of
from web.saving.sent import LARGEST_BODY
from web.server.channel import Channel
from web.server.lanes import Kind, Lane, Turn, kind_of
from web.server.request_parser import Uploads
from web.settings import Settings

CONNECTIONS = 1000
FILES = 4096  # that this process may open, if the system lets it
OWN_FILES = 150  # of these for index, model and libraries
LOOK_EVERY = 2.0  # seconds
GRACE = 8.0  # seconds for answers in flight at the end; Docker kills after ten
# Seconds of these for telling those whose turn doesn't come any more.
LAST_WORD = 1.0
SAVE = "/api/save"
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


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """A server that binds its port when made, and serves from ``run`` to ``stop``."""

    channel_class = Channel

    def __init__(self, app: Any, settings: Settings) -> None:
        """Bind to the port; OSError where that can't be had."""
        family, *_, address = socket.getaddrinfo(
            settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM
        )[0]
        # Bound here, as waitress leaves sockets open behind it where the port is taken.
        bound = socket.create_server(address, family=family)
        self._proxies = settings.proxies
        limits = LIMITS | {"max_request_body_size": LARGEST_BODY}
        self.uploads = Uploads(SAVE, Adjustments(**limits), desk_of(app).admits)
        self._most = _connections()
        # Half of the connections: the other half is for those who ask for a page.
        most = self._most // 2
        self._lanes = {
            Kind.QUESTION: Lane(settings.at_once, most=most),
            Kind.TEXT: Lane(settings.texts_at_once, most=most),
            # One more than are composed, which says so to whoever comes too many.
            Kind.ANSWER: Lane(ANSWERS_AT_ONCE + 1, most=most),
            Kind.PAGE: Lane(settings.page_threads, most=self._most),
        }
        super().__init__(
            app,
            {},
            True,
            bound,
            dispatcher=self._lanes[Kind.PAGE],
            adj=Adjustments(sockets=[bound], **LIMITS),
            bind_socket=False,
            sockinfo=(family, socket.SOCK_STREAM, 0, bound.getsockname()),
        )
        self._next_look = 0.0
        self._is_ending = False

    @property
    def address(self) -> str:
        """The address it listens on, as a browser takes it."""
        host, port = self.effective_host, self.effective_port
        if ":" in host:
            return f"http://[{host}]:{port}/"
        return f"http://{host}:{port}/"

    @property
    def is_ending(self) -> bool:
        """True once it was told to stop."""
        return self._is_ending

    def run(self) -> None:
        """Serve until ``stop``; requests that came before are still answered."""
        try:
            while not self._is_ending:
                self._turn(1.0)
                self._look()
            self._finish()
        except (SystemExit, KeyboardInterrupt):
            pass
        self._is_ending = True
        for lane in self._lanes.values():
            lane.shutdown(timeout=1)
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.close()

    def stop(self) -> None:
        """Make ``run`` end; safe to call from a signal handler and another thread."""
        if not self._is_ending:
            self._is_ending = True
            self.pull_trigger()

    def add_task(self, channel: Channel) -> None:
        """Let a request wait in the lane of its kind; from any thread."""
        request = channel.requests[0]
        kind = Kind.PAGE
        if not request.error:
            kind = kind_of("/" + request.path.lstrip("/"), request.query)
        lane = self._lanes[kind]
        named = request.headers.get("X_FORWARDED_FOR", "")
        channel.wait_in(lane, client_behind(channel.addr[0], named, self._proxies))
        left_over = lane.put(channel)
        if left_over is not None:
            self._turn_away(left_over)

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, one of them ends.

        In this order: the new connection would else get the file number of the old one,
        and with it events that are still to be dealt with.
        """
        super().handle_accept()
        if len(self.active_channels) > self._most:
            self._superfluous().handle_close()

    def _superfluous(self) -> Channel:
        """Choose the longest waiting connection of the client that has most of them; of
        those that wait for us the newest."""
        channels: list[Channel] = list(self.active_channels.values())
        counts = Counter(channel.addr[0] for channel in channels)
        greedy = counts.most_common(1)[0][0]
        theirs = [channel for channel in channels if channel.addr[0] == greedy]
        waiting = [channel for channel in theirs if channel.waits]
        if waiting:
            return min(waiting, key=lambda channel: channel.until)
        return max(theirs, key=lambda channel: channel.creation_time)

    def _waiting(self) -> list[Channel]:
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

    def _turn_away(self, turn: Turn) -> None:
        turn.turn_away()
        lost = self._lanes[Kind.PAGE].put(turn)
        if lost is not None:  # there is not even room for telling it
            lost.cancel()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        self._turn(0)  # what has arrived by now counts as asked
        wasyncore.dispatcher.close(self)  # only the listening socket
        self._finish_until(time.monotonic() + GRACE - LAST_WORD)
        for kind in (Kind.QUESTION, Kind.TEXT, Kind.ANSWER):
            for turn in self._lanes[kind].take_all():
                self._turn_away(turn)
        self._finish_until(time.monotonic() + LAST_WORD)

    def _finish_until(self, end: float) -> None:
        while self.active_channels and time.monotonic() < end:
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
