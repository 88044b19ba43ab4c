"""The command blog-web, which serves the search page from this machine."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from search.console import limit_numpy_threads
from search.errors import BlogsearchError, IndexBusy, IndexMissing
from search.hints import with_index
from web import create_app
from web.engine_gate import EngineGate
from web.routes import gate_of
from web.server import Server
from web.settings import SETTINGS_HELP, Settings, from_environment

WRONG_USE = 2
NOTHING_DONE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; return the exit code."""
    limit_numpy_threads()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = _settings(arguments)
    except BlogsearchError as error:
        print(f"blog-web: {error}", file=sys.stderr)
        return WRONG_USE
    try:
        app = create_app(settings)
    except BlogsearchError as error:
        print(f"blog-web: {error}", file=sys.stderr)
        return NOTHING_DONE
    gate = gate_of(app)
    try:
        server = Server(app, settings.host, settings.port, threads=settings.threads)
    except OSError as error:
        print(f"blog-web: {_why_not_listening(settings, error)}", file=sys.stderr)
        return NOTHING_DONE
    if why := _why_not_readable(gate):
        print(f"blog-web: {with_index(why, settings.index_dir)}", file=sys.stderr)
        server.close()
        return NOTHING_DONE
    _log_requests()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: server.stop())
    gate.expect_model()
    warming = threading.Thread(target=_warm, args=(gate, settings), daemon=True)
    warming.start()
    print(f"Blogsearch is at {server.address}  (Ctrl-C ends it)", flush=True)
    server.run()
    gate.close()
    if warming.is_alive():
        # torch aborts the process when Python ends while it is being imported.
        sys.stdout.flush()
        os._exit(0)
    return 0


def _log_requests() -> None:
    """Write requests to stderr as they are, without a log's usual prefix."""
    requests = logging.getLogger("blogsearch.access")
    requests.setLevel(logging.INFO)
    requests.propagate = False
    if not requests.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        requests.addHandler(handler)
    # Else waitress logs a line for each request that waits.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="blog-web",
        description="Serve the search page over an index of blogs.",
        epilog=SETTINGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--index", type=Path, metavar="DIR", help="directory of the index"
    )
    parser.add_argument(
        "--host", help="address to listen on (127.0.0.1: only this machine)"
    )
    parser.add_argument(
        "--port", type=int, help="port to listen on (8000; 0 for any free one)"
    )
    given = vars(parser.parse_args(arguments))
    given["index_dir"] = given.pop("index")
    return replace(
        from_environment(os.environ),
        **{name: value for name, value in given.items() if value is not None},
    )


def _why_not_readable(gate: EngineGate) -> str:
    """Return why no question will be answered, "" where one will, now or after a run of
    the indexer."""
    try:
        gate.status()
    except (IndexMissing, IndexBusy):
        pass  # the page says so, and takes up what comes
    except BlogsearchError as error:
        return str(error)
    return ""


def _warm(gate: EngineGate, settings: Settings) -> None:
    """Load the model while nobody waits; the first question repeats what fails here."""
    try:
        gate.warm()
    except BlogsearchError as error:
        said = with_index(str(error), settings.index_dir)
        print(f"blog-web: {said}", file=sys.stderr, flush=True)


def _why_not_listening(settings: Settings, error: OSError) -> str:
    return (
        f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
        "Choose another with --port, or stop what uses this one."
    )


if __name__ == "__main__":
    sys.exit(main())
