"""The same questions to several servers in turn, from one client and from several at
once.

Each block of questions goes to all servers before the next one, so that what else the
machine does slows all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.benchmarks.scaling.served import Server

BLOCK = 32  # questions, several for each client


class Asked(NamedTuple):
    """The milliseconds that each question took, and how many were answered a second."""

    milliseconds: list[float]
    per_second: float


def ask(
    servers: Sequence[Server], questions: Sequence[str], *, clients: int
) -> list[Asked]:
    """Ask each server all of these questions, so many at once."""
    taken: list[list[float]] = [[] for _ in servers]
    seconds = [0.0] * len(servers)
    block = BLOCK if clients > 1 else 1
    with ThreadPoolExecutor(clients) as pool:
        for start in range(0, len(questions), block):
            some = questions[start : start + block]
            for place, server in enumerate(servers):
                began = time.perf_counter()
                taken[place] += pool.map(server.milliseconds, some)
                seconds[place] += time.perf_counter() - began
    return [
        Asked(row, len(row) / whole) for row, whole in zip(taken, seconds, strict=True)
    ]
