"""Local servers for the tests of the network: scripted replies, raw bytes, and a record
of what came in."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer


@dataclass
class Served:
    """One scripted reply; ``wait`` is set by a test that wants the reply held back
    until then."""

    body: bytes = b"hello"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),)
    wait: threading.Event | None = None
    chunked: bool = False


@dataclass
class Script:
    """What a server gives (a list is used up from the front, its last reply stays) and
    what it was asked."""

    base: str = ""
    pages: dict[str, Served | list[Served]] = field(default_factory=dict)
    asked: list[tuple[str, Message]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def take(self, path: str, headers: Message) -> Served:
        with self.lock:
            self.asked.append((path, headers))
            page = self.pages.get(path, Served(b"nothing here", 404))
            if isinstance(page, list):
                return page.pop(0) if len(page) > 1 else page[0]
            return page

    def count(self, step: int) -> None:
        with self.lock:
            self.at_once += step
            self.most_at_once = max(self.most_at_once, self.at_once)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # or every reply waits 40 ms for the acknowledgement of its headers
    disable_nagle_algorithm = True
    script: Script

    def do_GET(self) -> None:
        self.script.count(1)
        try:
            served = self.script.take(self.path, self.headers)
            if served.wait is not None:
                served.wait.wait(10)
        finally:
            # Counted as over before the reply goes out, lest the next request overtakes
            # the count.
            self.script.count(-1)
        with suppress(OSError):
            self._reply(served)

    def _reply(self, served: Served) -> None:
        self.send_response(served.status)
        for name, value in served.headers:
            self.send_header(name, value)
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(served.body), 1 << 15):
                piece = served.body[start : start + (1 << 15)]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        if served.status != 304:
            self.send_header("Content-Length", str(len(served.body)))
        self.end_headers()
        if served.status != 304:
            self.wfile.write(served.body)

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(
            self
        )  # HTTPServer's looks its own name up, which can take seconds

    def handle_error(self, request, client_address) -> None:
        pass  # a client that turns away is what some tests want


@contextmanager
def scripted(pages=None, *, context=None, make=Script, host="127.0.0.1", port=0):
    """An HTTP server on loopback that follows a Script; ``context`` makes it speak
    TLS."""
    script = make(pages=dict(pages or {}))
    handler = type("Handler", (_Handler,), {"script": script})
    server = _Server((host, port), handler)
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    script.base = (
        f"{'https' if context else 'http'}://{host}:{server.server_address[1]}"
    )
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw(talk: Callable[[socket.socket, threading.Event], None]):
    """A server that lets ``talk`` write what it likes on each connection, until the
    event is set.

    Gives the base address and the list of connections that came in.
    """
    over, connections = threading.Event(), []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            talk(sock, over)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, peer = listener.accept()
                connections.append(peer)
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", connections
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextmanager
def silent(count=1):
    """Servers that accept every connection, and never say a word.

    Gives their base addresses, and a function for those that were connected to so far,
    in order.
    """
    connected, kept = [], []
    lock, over = threading.Lock(), threading.Event()
    selector = selectors.DefaultSelector()
    bases = []
    for _ in range(count):
        listener = socket.create_server(("127.0.0.1", 0))
        bases.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
        selector.register(listener, selectors.EVENT_READ, bases[-1])

    def asked() -> list[str]:
        with lock:
            while ready := selector.select(timeout=0):
                for key, _ in ready:
                    kept.append(key.fileobj.accept()[0])
                    connected.append(key.data)
            return [*connected]

    def accept() -> None:
        while not over.wait(0.02):
            asked()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield bases, asked
    finally:
        over.set()
        thread.join()
        for sock in (*kept, *(key.fileobj for key in selector.get_map().values())):
            sock.close()
        selector.close()


def drip(pieces, pause: float = 0.05):
    """A ``talk`` that reads the request and then sends the pieces one by one."""

    def talk(sock: socket.socket, over: threading.Event) -> None:
        sock.recv(65536)
        for piece in pieces:
            sock.sendall(piece)
            if over.wait(pause):
                return
        over.wait(10)

    return talk


class FakeClock:
    """A clock that only sleeping moves; ``slept`` are the seconds asked for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.now

    def utc_now(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


def names(**hosts: str | list[str]):
    """A resolver that knows these hosts (``blog_example`` is blog.example) and hands
    others to the system."""
    known = {
        name.replace("_", "."): [ips] if isinstance(ips, str) else ips
        for name, ips in hosts.items()
    }

    def resolve(host: str, port: int):
        found = []
        for ip in known.get(host, [host]):
            found += socket.getaddrinfo(ip, port, type=socket.SOCK_STREAM)
        return found

    return resolve
