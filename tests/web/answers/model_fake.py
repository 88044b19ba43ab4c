"""A server that speaks the protocol of chat completions: what it streams is scripted."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from web.answers.model_server import ModelServer

DONE = b"data: [DONE]\n\n"


def event(data: object) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def piece(text: str | None, finish: str | None = None) -> bytes:
    """One event as Ollama and llama.cpp send it."""
    choice = {
        "index": 0,
        "delta": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    return event({"object": "chat.completion.chunk", "choices": [choice]})


def said(*texts: str, finish: str = "stop") -> tuple[bytes, ...]:
    """A whole answer in these pieces."""
    return (*map(piece, texts), piece("", finish), DONE)


@dataclass
class Reply:
    """What is sent of it, one part after the other; an event is waited for first.
    ``is_whole``: the transfer ends as it should."""

    parts: tuple[bytes | threading.Event, ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    is_whole: bool = True


@dataclass
class FakeModel:
    """What it gives (the last reply stays), and what it was asked."""

    address: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[dict[str, str], dict]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)  # a client left

    def server(self, **told: str) -> ModelServer:
        return ModelServer(self.address, **{"model": "little-one", **told})

    def says(self, *texts: str, **told: str) -> None:
        self.replies = [Reply(said(*texts, **told))]

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: FakeModel

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.fake.asked.append(({"path": self.path, **dict(self.headers)}, body))
        reply = self.fake.next_reply()
        self.close_connection = True
        with suppress(OSError):
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in reply.parts:
                if isinstance(part, threading.Event):
                    self._wait(part)
                else:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if reply.is_whole:
                self.wfile.write(b"0\r\n\r\n")
            return
        self.fake.gone.set()

    def _wait(self, event: threading.Event) -> None:
        """Wait for an event of the test, or for the client to leave."""
        self.connection.settimeout(0.02)
        until = time.monotonic() + 20
        while not event.is_set() and time.monotonic() < until:
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    raise ConnectionResetError
        self.connection.settimeout(None)

    def log_message(self, *told: object) -> None:
        pass


@contextmanager
def fake_model(context: ssl.SSLContext | None = None) -> Iterator[FakeModel]:
    """Serves on loopback, by https where a context is given."""
    fake = FakeModel()
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        fake.address = (
            f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/v1"
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
