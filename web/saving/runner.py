"""The indexer, started to take in what was saved: one at a time, in a process of its own.

Reads nothing that it prints but the last line.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

from search.inbox.requests import Inbox
from search.inbox.run_status import PRINTED
from search.index.open import IndexAddress
from search.index.private_files import PRIVATE

COMMAND = (sys.executable, "-m", "indexer")
BUSY = 75  # another run is at work (README, exit codes)
# Some of what is asked for failed, which the state of the run says; or it was stopped.
ENDED = (0, 1, 130, 143)
AGAIN_AFTER = 60.0  # seconds to the next try while another run is at work
LOG_END = 4000  # bytes

log = logging.getLogger(__name__)


class Runner:
    """Starts ``blog-indexer inbox``, and again while more comes.

    The run outlives this server: what it is at is not lost when the page is closed.
    """

    def __init__(self, index: IndexAddress, ledger: Path | None) -> None:
        self._index = index
        self._ledger = ledger
        self._lock = threading.Lock()
        self._is_wanted = False
        self._is_running = False
        self.trouble = ""  # the sentence for which the newest run could not begin

    def start(self) -> None:
        """Have the inbox taken in; returns at once. From any thread."""
        with self._lock:
            self._is_wanted = True
            if self._is_running or self._ledger is None:
                return
            self._is_running = True
        threading.Thread(target=self._work, args=(self._ledger,), daemon=True).start()

    @property
    def is_running(self) -> bool:
        """True while a run is being waited for."""
        return self._is_running

    def _work(self, ledger: Path) -> None:
        try:
            while self._is_still_wanted(ledger):
                code = self._run(ledger)
                if code == BUSY:
                    # That run may be one that takes nothing in.
                    threading.Event().wait(AGAIN_AFTER)
                    self._is_wanted = True
                elif code not in ENDED:
                    self.trouble = _last_line(ledger)
                    log.error("blog-indexer inbox failed: %s", self.trouble)
        except BaseException:
            # Else another thread may run by now: is_still_wanted has said that this one
            # ends.
            self._is_running = False
            raise

    def _is_still_wanted(self, ledger: Path) -> bool:
        with self._lock:
            is_wanted = self._is_wanted and len(Inbox(ledger)) > 0
            self._is_wanted = False
            # Under the lock: what comes from now on starts another thread.
            self._is_running = is_wanted
            return is_wanted

    def _run(self, ledger: Path) -> int:
        options = ["--index", str(self._index)]
        if ledger != self._index:
            options += ["--ledger", str(ledger)]
        self.trouble = ""
        try:
            flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY
            with open(os.open(ledger / PRINTED, flags, PRIVATE), "wb") as printed:
                # A session of its own: Ctrl-C in this terminal is not meant for it.
                return subprocess.run(  # noqa: S603  # our own program
                    [*COMMAND, *options, "inbox"],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=printed,
                    start_new_session=True,
                ).returncode
        except OSError as error:
            log.error("blog-indexer inbox did not start: %s", error)
            return ENDED[0]


def _last_line(ledger: Path) -> str:
    try:
        end = (ledger / PRINTED).read_bytes()[-LOG_END:]
    except OSError:
        return ""
    lines = end.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
