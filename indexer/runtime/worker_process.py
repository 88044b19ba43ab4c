"""One process that runs functions sent to it, and the answers that come of them.

Knows none of the functions, and repeats nothing: how often a call is tried is
parser_pool's affair. Each process has a pipe of its own, so that one that is killed, be it
in the middle of an answer, leaves the others as they are.
"""

from __future__ import annotations

import logging
import multiprocessing
import resource
import signal
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any

from indexer.runtime.signals import out_of_reach
from search.errors import BlogsearchError

# Bytes of address space a process; an export of 83 MB takes 450 MB.
MEMORY_LIMIT = 3 << 29
# Seconds between two looks at a process that works. A time in which this machine slept, or
# this program was stopped, counts as one look, however long it was.
TICK = 0.5
# Seconds by the clock for a process to start, load its libraries and take the call.
PATIENCE_TO_BEGIN = 120.0

_BEGUN = b"begun"
# no fork: this process has threads
_SPAWN = multiprocessing.get_context("spawn")
# Two threads that wait for one child would take its exit code from each other.
_children = threading.Lock()


class ProcessEnded(Exception):
    """A process that ended before it answered.

    ``at_work``: it had begun with the call. ``signal`` is what killed it, 0 for none.
    """

    def __init__(self, *, at_work: bool, signal: int) -> None:
        super().__init__()
        self.at_work = at_work
        self.signal = signal


class TookTooLong(Exception):
    """A call that was waited for longer than its patience."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a call: its value, or the error that is meant for the caller, or the
    name of any other exception."""

    value: Any = None
    error: BlogsearchError | None = None
    unexpected: str = ""


def packed(
    seconds: float,
    function: Callable[..., object],
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> bytes:
    """Write a call as it is sent; raises whatever can't be pickled raises."""
    return bytes(ForkingPickler.dumps((seconds, function, args, kwargs)))


class WorkerProcess:
    """A process that works for one caller at a time."""

    def __init__(self) -> None:
        self._pipe, far_end = _SPAWN.Pipe()
        self._process: SpawnProcess = _SPAWN.Process(
            target=_serve, args=(far_end,), daemon=True, name="parser"
        )
        self.calls = 0
        # It ends when the pipe does, whether or not anybody asks it to.
        with _children, out_of_reach(), far_end:
            try:
                self._process.start()
            except OSError:  # no memory, or no more processes
                self._pipe.close()
                raise ProcessEnded(at_work=False, signal=0) from None

    def call(self, call: bytes, *, patience: float) -> Answer:
        """Send a call and wait for its answer. Raises ProcessEnded and TookTooLong.

        ``patience`` is in seconds by the clock.
        """
        self.calls += 1
        at_work = False
        try:
            self._pipe.send_bytes(call)
            message = self._receive(PATIENCE_TO_BEGIN)
            if message == _BEGUN:
                at_work = True
                message = self._receive(patience)
            answer: Answer = ForkingPickler.loads(message)
        except (EOFError, OSError):
            self.stop()
            ended_by = -min(self._process.exitcode or 0, 0)
            raise ProcessEnded(at_work=at_work, signal=ended_by) from None
        return answer

    def _receive(self, patience: float) -> bytes:
        left = patience
        while not self._pipe.poll(min(TICK, left)):
            left -= TICK
            if left <= 0:
                raise TookTooLong
        return self._pipe.recv_bytes()

    def stop(self) -> None:
        """End the process, whatever it does, and let go of it."""
        self.kill()
        self._pipe.close()

    def kill(self) -> None:
        """End the process; whoever waits for its answer gets ProcessEnded."""
        with _children:
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection) -> None:
    """Answer calls until the pipe is closed."""
    _prepare()
    try:
        while True:
            call = pipe.recv_bytes()
            pipe.send_bytes(_answered(call, pipe))
    except (EOFError, OSError):
        return  # nobody is there any more


def _answered(call: bytes, pipe: Connection) -> bytes:
    try:
        return bytes(ForkingPickler.dumps(_result_of(call, pipe)))
    except BlogsearchError as error:
        answer = Answer(error=error)
    except BaseException as error:  # noqa: BLE001  # whatever a parser throws at a hostile document
        answer = Answer(unexpected=type(error).__name__)
    return bytes(ForkingPickler.dumps(answer))


def _result_of(call: bytes, pipe: Connection) -> Answer:
    """Call the function; a timer ends this process when it has worked so long."""
    # This loads the libraries, which is no work of the document's.
    seconds, function, args, kwargs = ForkingPickler.loads(call)
    pipe.send_bytes(_BEGUN)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return Answer(function(*args, **kwargs))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _prepare() -> None:
    # A terminal's Ctrl-C is the run's affair, which ends these.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # libraries quote from the document, on the user's terminal
    logging.disable()
    warnings.simplefilter("ignore")
    _limit_memory()


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY:
        soft = MEMORY_LIMIT
    else:
        soft = min(MEMORY_LIMIT, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ValueError, OSError):  # macOS knows the limit but refuses it
        return
