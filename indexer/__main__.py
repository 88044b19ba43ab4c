"""``blog-indexer`` and ``python -m indexer``: the program around the command line.

Worker processes import this module, and must not run it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

from indexer.cli.exit_codes import BUSY, INTERRUPTED, TERMINATED
from indexer.cli.options import why_to_wait
from indexer.runtime.signals import heed, is_terminated
from search.console import (
    discard_unwritten_output,
    limit_numpy_threads,
    say_on_stderr,
)


def run() -> NoReturn:
    """Run the command line as this process; Ctrl-C and SIGTERM end it well at any
    moment."""
    try:
        heed()
        if why := why_to_wait(sys.argv[1:], os.environ):
            say_on_stderr(why)
            sys.exit(BUSY)
        limit_numpy_threads()
        # This takes a second, in which Ctrl-C may come.
        from indexer.cli.commands import main

        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    # It is over: nothing may disturb Python's own end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    discard_unwritten_output()
    if code == INTERRUPTED and is_terminated():
        code = TERMINATED
    sys.exit(code)


if __name__ == "__main__":
    run()
