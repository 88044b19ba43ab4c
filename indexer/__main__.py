"""``blog-indexer`` and ``python -m indexer``: the program around the command line."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from indexer.cli.options import has_to_wait
from indexer.runtime.signals import heed, is_terminated
from search.console import (
    discard_unwritten_output,
    limit_numpy_threads,
    say_on_stderr,
)
from search.index.sqlite.connection import BUSY

WAITS, INTERRUPTED, TERMINATED = 75, 130, 143


def run() -> NoReturn:
    """Run the command line as this process; Ctrl-C and SIGTERM end it well at any
    moment."""
    try:
        limit_numpy_threads()
        heed()
        if has_to_wait(sys.argv[1:], os.environ):
            say_on_stderr(BUSY)
            sys.exit(WAITS)
        from indexer.cli.commands import (
            main,  # it takes a second, in which Ctrl-C may come
        )

        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # it is over; Python's own end is not to be disturbed
    discard_unwritten_output()
    sys.exit(TERMINATED if code == INTERRUPTED and is_terminated() else code)


if __name__ == "__main__":  # worker processes import this module and must not run it
    run()
