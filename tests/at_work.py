"""Functions for worker processes, among them those that end their process.

It imports little: each process that runs one loads this module first.
"""

import gc
import os
import signal
import struct
import time
from multiprocessing.connection import Connection
from pathlib import Path


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def begun(path: Path) -> int:
    """Note that the call began; return how often it has."""
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    return len(path.read_text().split())


def killed_at_work(path: Path, times: int) -> int:
    """Be killed as often as that, and then be done."""
    if begun(path) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return times


def broken_off(path: Path) -> str:
    """Be killed in the middle of an answer, the first time."""
    if begun(path) == 1:
        pipes = [each for each in gc.get_objects() if isinstance(each, Connection)]
        os.write(pipes[0].fileno(), struct.pack("!i", 1_000_000) + bytes(1_000))
        os.kill(os.getpid(), signal.SIGKILL)
    return "whole"


def come(path: Path) -> str:
    """Wait for a file."""
    while not path.exists():
        time.sleep(0.01)
    return "come"
