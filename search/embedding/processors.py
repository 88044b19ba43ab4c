"""The processors that this process may use.

Nothing is measured: what other programs take of them is the operating system's affair.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_UNTOLD = (OSError, ValueError, ZeroDivisionError)  # there is no file, or no limit


def free_processors(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Return how many processors there are for this process, at least 1: those it may
    run on, and no more than the limit of a container.

    ``groups`` is where Linux shows control groups, ``own`` says which are this one's.
    """
    allowed = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        allowed = len(os.sched_getaffinity(0))
    limit = min(_limits(groups, own), default=math.inf)
    # A part of a processor is worth a thread, but never the only one's place.
    return max(1, math.ceil(min(allowed, limit)))


def _limits(groups: Path, own: Path) -> Iterator[float]:
    """Read the limits on this process's groups and on all that these lie in, in
    processors."""
    lines = []
    with suppress(OSError):
        lines = own.read_text(encoding="utf-8").splitlines()
    for line in lines:
        _, _, group_of = line.partition(":")
        controllers, _, path = group_of.partition(":")
        # Version 2 has one tree and names no controller.
        if controllers and "cpu" not in controllers.split(","):
            continue
        tree = groups / controllers
        group = tree / path.lstrip("/")
        # In a container its own group is the tree's root, whatever it is called outside.
        for folder in {tree, group, *group.parents}:
            if folder.is_relative_to(tree):
                yield from _limit_of(folder)


def _limit_of(folder: Path) -> Iterator[float]:
    # "max" and -1 are no limits either.
    with suppress(*_UNTOLD):
        quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        yield int(quota) / int(period)
    with suppress(*_UNTOLD):
        given = int((folder / "cpu.cfs_quota_us").read_text(encoding="utf-8"))
        period_us = int((folder / "cpu.cfs_period_us").read_text(encoding="utf-8"))
        if given > 0:
            yield given / period_us
