"""A program that is stopped for longer than a deadline, and goes on, loses no page."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.servers import Served, scripted

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from indexer.fetch import fetcher
from indexer.fetch.fetcher import HttpFetcher, Limits

fetcher.STOOD_STILL = 0.3
with HttpFetcher(Limits(deadline=1.0, tries=1)) as web:
    print(web.fetch(sys.argv[1], allow_private=True).body.decode())
"""


def test_a_request_that_was_under_way_is_sent_again():
    with scripted() as script:
        # What the server has to say to the first comes too late.
        script.pages["/"] = [Served(wait=threading.Event()), Served(b"again")]
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, f"{script.base}/"], stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as running:  # fmt: skip
            while not script.asked:
                time.sleep(0.01)
            running.send_signal(signal.SIGSTOP)
            time.sleep(1.5)
            running.send_signal(signal.SIGCONT)
            assert running.stdout.read() == "again\n"
        assert running.returncode == 0
        assert script.paths == ["/", "/"]
