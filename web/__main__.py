"""The command blog-web, which serves the search page from this machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from search.console import CommandParser, limit_numpy_threads, say_on_stderr
from search.errors import BlogsearchError, IndexBusy, IndexMissing, ModelError
from search.hints import with_index
from search.inbox.place import ledger_folder
from search.index.open import INDEX_HELP, index_option
from web import create_app
from web.access_log import log_requests, log_to_stderr
from web.engine_gate import EngineGate, gate_of
from web.server import Server
from web.settings import SETTINGS_HELP, Settings, from_environment

WRONG_USE = 2
NOTHING_DONE = 3
LOOK_EVERY = 1.0  # seconds, for an index that isn't there yet


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it; return the exit code."""
    limit_numpy_threads()
    log_to_stderr()
    try:
        settings = _settings(arguments)
    except BlogsearchError as error:
        say_on_stderr(f"blog-web: {error}")
        return WRONG_USE
    try:
        app = create_app(settings)
    except BlogsearchError as error:
        say_on_stderr(f"blog-web: {error}")
        return NOTHING_DONE
    gate = gate_of(app)
    try:
        server = Server(app, settings)
    except OSError as error:
        say_on_stderr(f"blog-web: {_why_not_listening(settings, error)}")
        return NOTHING_DONE
    if why := _why_not_readable(gate):
        say_on_stderr(f"blog-web: {with_index(why, settings.index)}")
        server.close()
        return NOTHING_DONE
    log_requests()
    _end_when_told(server)
    gate.expect_model()
    ended, useless = threading.Event(), threading.Event()

    def give_up() -> None:
        useless.set()
        server.stop()

    warming = threading.Thread(
        target=_warm, args=(gate, settings, ended, give_up), daemon=True
    )
    warming.start()
    print(f"Blogsearch is at {server.address}  (Ctrl-C ends it)", flush=True)
    server.run()
    ended.set()
    gate.close()
    warming.join(0.1)
    if warming.is_alive():
        # torch aborts the process when Python ends while it is being imported.
        sys.stdout.flush()
        os._exit(0)
    return NOTHING_DONE if useless.is_set() else 0


def _end_when_told(server: Server) -> None:
    """Let answers in flight end at SIGTERM, Ctrl-C, and where the terminal is closed; a
    second Ctrl-C waits for nothing.

    What was ignored at the start, as nohup has it of SIGHUP, stays ignored.
    """

    def end(number: int, _frame: object) -> None:
        if number == signal.SIGINT and server.is_ending:
            raise KeyboardInterrupt
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = CommandParser(
        prog="blog-web",
        description="Serve the search page over an index of blogs.",
        epilog=SETTINGS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_version()
    parser.add_argument("--index", type=index_option, help=INDEX_HELP)
    parser.add_argument(
        "--host", help="address to listen on (127.0.0.1: only this machine)"
    )
    parser.add_argument(
        "--port", type=int, help="port to listen on (8000; 0 for any free one)"
    )
    given = vars(parser.parse_args(arguments))
    settings = replace(
        from_environment(os.environ),
        **{name: value for name, value in given.items() if value is not None},
    )
    return replace(settings, ledger=ledger_folder(settings.index, os.environ))


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


def _warm(
    gate: EngineGate,
    settings: Settings,
    ended: threading.Event,
    give_up: Callable[[], None],
) -> None:
    """Load the model while nobody waits, as soon as there is an index; the first
    question repeats what fails here, but no question is answered without a model."""
    said = ""
    while not ended.is_set():
        try:
            gate.warm()
        except BlogsearchError as error:
            if str(error) != said:
                said = str(error)
                say_on_stderr(f"blog-web: {with_index(said, settings.index)}")
            if isinstance(error, ModelError):
                give_up()
                return
        if not gate.is_starting:
            return
        ended.wait(LOOK_EVERY)


def _why_not_listening(settings: Settings, error: OSError) -> str:
    return (
        f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
        "Choose another with --port, or stop what uses this one."
    )


if __name__ == "__main__":
    sys.exit(main())
