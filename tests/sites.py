"""A blog on loopback that changes under the tests' hands: pages with ETags, and a log
of every request."""

from __future__ import annotations

import hashlib
import html
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORY = (
    "bread rises slowly in a cold room because yeast works less below ten degrees while flour keeps taking "
    "up water so the baker waits until morning shapes the loaf and scores it before the oven is hot enough"
)


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    path: str
    status: int
    if_none_match: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Reply:
    """What a path gives; without an ETag of its own the body's hash is one."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Site:
    """``pages`` may be changed at any time; ``pause`` is seconds before each reply."""

    base: str = ""
    pages: dict[str, Reply] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    pause: float = 0.0

    def url(self, path: str) -> str:
        return self.base + path

    def put(self, path: str, body: str | bytes, **more: object) -> None:
        data = body if isinstance(body, bytes) else body.encode()
        self.pages[path] = Reply(data, **more)  # type: ignore[arg-type]

    def post(self, path: str, title: str, *texts: str, head: str = "") -> None:
        """A page that is plainly one article."""
        self.put(path, page(title, *texts, head=head))

    def feed(
        self, *items: tuple[str, str], path: str = "/feed.xml", title: str = "The Blog"
    ) -> None:
        """An RSS feed of (path, title) or (path, title, HTML) items."""
        self.put(path, rss(self.base, items, title=title), kind="application/rss+xml")

    def etag(self, path: str) -> str:
        """The ETag that a path's page has just now."""
        return etag_of(self.pages[path].body)

    def asked(self) -> list[str]:
        """The paths asked since the last call, in order."""
        paths = [entry.path for entry in self.log]
        self.log.clear()
        return paths


def etag_of(body: bytes) -> str:
    """The ETag of a page."""
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def text(seed: int, words: int = 120) -> str:
    """Running text that differs from seed to seed."""
    story = STORY.split()
    chosen = [story[(seed * 7 + n * (seed % 5 + 3)) % len(story)] for n in range(words)]
    sentences = [" ".join(chosen[n : n + 12]).capitalize() for n in range(0, words, 12)]
    return ". ".join(f"{s} number{seed}" for s in sentences) + "."


def page(title: str, *texts: str, head: str = "") -> str:
    """The HTML of an article."""
    body = "".join(f"<p>{part}</p>" for part in texts or (text(len(title)),))
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{html.escape(title)}</title>{head}"
        f"</head><body><nav><a href=/>Home</a></nav><article><h1>{html.escape(title)}</h1>{body}"
        "</article></body></html>"
    )


def rss(
    base: str, items: tuple[tuple[str, ...], ...], *, title: str = "The Blog"
) -> str:
    """An RSS 2.0 feed."""
    entries = "".join(
        f"<item><title>{html.escape(name)}</title><link>{base}{path}</link>"
        f"<pubDate>Mon, {number % 28 + 1:02} Jan 2024 10:00:00 +0000</pubDate>"
        + "".join(f"<description>{html.escape(part)}</description>" for part in rest)
        + "</item>"
        for number, (path, name, *rest) in enumerate(items)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{html.escape(title)}</title>'
        f"<link>{base}/</link><description>x</description>{entries}</channel></rss>"
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        reply = self.site.pages.get(self.path, Reply(b"nothing here", 404))
        etag = etag_of(reply.body)
        known = self.headers.get("If-None-Match", "")
        status = 304 if reply.status == 200 and known == etag else reply.status
        self.site.log.append(
            Asked(self.path, status, known, self.headers.get("User-Agent", ""))
        )
        time.sleep(self.site.pause)
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", reply.kind)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status == 200:
                self.send_header("ETag", etag)
            self.send_header(
                "Content-Length", str(0 if status == 304 else len(reply.body))
            )
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"" if status == 304 else reply.body)

    do_HEAD = do_GET  # noqa: N815  # as http.server calls it

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(site: Site | None = None) -> Iterator[Site]:
    """Serve a site on a free port of loopback."""
    site = site or Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a killed client is no error
    site.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
