"""blog-web: serve the search page from this machine."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from waitress.server import create_server

from search.errors import BlogsearchError
from web import create_app
from web.service import Service
from web.settings import SETTINGS_HELP, Settings, from_environment
from web.views import service_of

WRONG_USE = 2
NOTHING_DONE = 3

# Measured over loopback: with waitress's 100 connections, 200 that send half a request and wait shut everyone
# else out until its timeout of 120 seconds. Times in seconds, sizes in bytes.
LIMITS = {
    "connection_limit": 1000,
    "channel_timeout": 20,
    "cleanup_interval": 5,
    "asyncore_use_poll": True,  # select() ends at 1,024 files
    "max_request_header_size": 131_072,  # 10,000 characters of up to twelve bytes each in an address
    "max_request_body_size": 65_536,
    "ident": None,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = _settings(arguments)
    except BlogsearchError as error:
        print(f"blog-web: {error}", file=sys.stderr)
        return WRONG_USE
    app = create_app(settings)
    service = service_of(app)
    try:
        server = listen(app, settings)
    except OSError as error:
        print(f"blog-web: {_why_not_listening(settings, error)}", file=sys.stderr)
        return NOTHING_DONE
    signal.signal(signal.SIGTERM, _stop)
    warming = threading.Thread(target=_warm, args=(service,), daemon=True)
    warming.start()
    print(f"Blogsearch is at {address_of(server)}  (Ctrl-C ends it)", flush=True)
    server.run()
    service.close()
    if warming.is_alive():  # torch aborts the process when Python ends while it is being imported
        sys.stdout.flush()
        os._exit(0)
    return 0


def listen(app: Any, settings: Settings) -> Any:
    """A waitress server that holds its port but does not serve until ``run``; OSError where it can't."""
    found = socket.getaddrinfo(settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM)
    family, *_, address = found[0]
    # Bound here, as waitress leaves sockets open behind it where the port is taken.
    bound = socket.create_server(address, family=family)
    return create_server(app, sockets=[bound], threads=settings.threads, **LIMITS)


def address_of(server: Any) -> str:
    """Where the server really listens, as a browser takes it."""
    host, port = server.effective_host, server.effective_port
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="blog-web",
        description="Serve the search page over an index of blogs.",
        epilog=SETTINGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--index", type=Path, metavar="DIR", help="directory of the index")
    parser.add_argument("--host", help="address to listen on (127.0.0.1: only this machine)")
    parser.add_argument("--port", type=int, help="port to listen on (8000; 0 for any free one)")
    given = vars(parser.parse_args(arguments))
    given["index_dir"] = given.pop("index")
    return replace(
        from_environment(os.environ), **{name: value for name, value in given.items() if value is not None}
    )


def _warm(service: Service) -> None:
    """Load the model while nobody waits for it; what fails here is told again with the first question."""
    try:
        service.warm()
    except BlogsearchError as error:
        print(f"blog-web: {error}", file=sys.stderr, flush=True)


def _why_not_listening(settings: Settings, error: OSError) -> str:
    return (
        f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
        "Choose another with --port, or stop what uses this one."
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
