"""The command blog-mcp, which lets agents ask the index by the Model Context Protocol."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from search.console import CommandParser, limit_numpy_threads, say_on_stderr
from search.errors import BlogsearchError
from search.index.open import INDEX_HELP, index_option
from web.access_log import log_to_stderr
from web.settings import Settings, from_environment

OK, WRONG_USE, NOTHING_DONE = 0, 2, 3
HOST = "127.0.0.1"
PORT = 8001  # beside blog-web
NO_SDK = (
    "it needs parts that aren't installed here ({what}). Get them with:"
    " pip install 'blogsearch[mcp]'"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the client goes or a signal ends it; return the exit code.

    Standard output is the protocol's alone.
    """
    limit_numpy_threads()
    log_to_stderr()
    told = _parser().parse_args(arguments)
    if told.port is not None and not told.http:
        say_on_stderr("blog-mcp: --port is for --http; over stdio there is no port.")
        return WRONG_USE
    try:
        settings = _settings(told)
    except BlogsearchError as error:
        say_on_stderr(f"blog-mcp: {error}")
        return WRONG_USE
    try:
        from web.agents.serving import PATH, serve_http, serve_stdio
    except ImportError as error:
        what = (error.name or str(error)).partition(".")[0]
        if what in ("search", "web"):
            raise
        say_on_stderr(f"blog-mcp: {NO_SDK.format(what=what)}")
        return NOTHING_DONE
    if not told.http:
        with suppress(KeyboardInterrupt):
            serve_stdio(settings)
        return OK
    try:
        listening = socket.create_server((HOST, settings.port))
    except OSError as error:
        say_on_stderr(
            f"blog-mcp: cannot listen on {HOST}, port {settings.port}:"
            f" {error.strerror or error}. Choose another with --port."
        )
        return NOTHING_DONE
    # uvicorn ends in order, and then gives the signal on.
    signal.signal(signal.SIGTERM, lambda *_: None)
    port = listening.getsockname()[1]
    say_on_stderr(f"Blogsearch is at http://{HOST}:{port}{PATH}  (Ctrl-C ends it)")
    serve_http(settings, listening)
    return OK


def run() -> NoReturn:
    """Serve, and end: threads that still load the model, or read from standard input,
    are not waited for."""
    code = main()
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="blog-mcp",
        description="Let agents ask an index of blogs, by the Model Context Protocol over"
        " standard input and output.",
    )
    parser.add_version()
    parser.add_argument("--index", type=index_option, help=INDEX_HELP)
    parser.add_argument(
        "--http",
        action="store_true",
        help=f"serve HTTP on {HOST} instead, for this machine's programs",
    )
    parser.add_argument(
        "--port", type=int, help=f"port of --http ({PORT}; 0 for any free one)"
    )
    return parser


def _settings(told: argparse.Namespace) -> Settings:
    settings = replace(
        from_environment(os.environ),
        host=HOST,
        port=PORT if told.port is None else told.port,
    )
    if told.index is not None:
        settings = replace(settings, index=told.index)
    return settings


if __name__ == "__main__":
    run()
