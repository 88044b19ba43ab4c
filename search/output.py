"""What a program prints, where the other end may be gone or its disk full."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any


class _Losable(io.RawIOBase):
    """Writes to a file descriptor, and drops what can't be written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        with memoryview(data) as view:
            try:
                return os.write(self._descriptor, view)
            except OSError:
                return view.nbytes


def lose_rather_than_fail() -> None:
    """From here on a log that can't be written (its disk is full, ``| head`` has ended)
    ends no run."""
    if sys.stderr is None:  # closed by who started the program
        sys.stderr = io.StringIO()
        return
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Losable(sys.stderr.fileno())),
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


def settle() -> None:
    """Let go of what standard output can't take, of which Python would complain at its
    end."""
    try:
        print(end="", flush=True)  # noqa: T201  # unlike sys.stdout.flush() also where it is closed
    except OSError:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
