"""The handling of Ctrl-C and SIGTERM: a run ends where nothing is half done, and what is
done stays."""

from __future__ import annotations

import os
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN = 0.02  # seconds; a finalizer closes a file, and is over by then


class _Stop:
    """The signals that came; they are the process's, so there is one of it."""

    def __init__(self) -> None:
        self.by = 0  # the signal that came last, 0 for none
        self.shields = 0  # how many calls must not be interrupted now
        self.waits = False  # a signal came meanwhile

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.by = number
        if _is_in_finalizer(frame):
            again = threading.Timer(_AGAIN, os.kill, (os.getpid(), number))
            again.daemon = True
            again.start()
            return
        if self.shields:
            self.waits = True
            return
        raise KeyboardInterrupt


def _is_in_finalizer(frame: FrameType | None) -> bool:
    """Tell whether Python would only print what is raised in a frame, and go on."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename == weakref.__file__ or code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


_stop = _Stop()


def heed() -> None:
    """Turn SIGTERM into KeyboardInterrupt as Ctrl-C is; where Ctrl-C is ignored (nohup)
    it stays so."""
    _stop.by = 0
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)


def is_terminated() -> bool:
    """Tell whether SIGTERM was the last signal."""
    return _stop.by == signal.SIGTERM


@contextmanager
def whole() -> Iterator[None]:
    """Run a block to its end: a KeyboardInterrupt comes after it."""
    _stop.shields += 1
    try:
        yield
    finally:
        _stop.shields -= 1
        if _stop.waits and not _stop.shields:
            _stop.waits = False
            raise KeyboardInterrupt


@contextmanager
def out_of_reach() -> Iterator[None]:
    """Keep Ctrl-C, which a terminal sends to all processes, from those that are started
    in the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
