"""Differences between a golden file and what was captured now, as lines for people.

It must not know the meaning of the files.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path

TOLERANCE = 0.0011  # scores have three places; the last may differ between machines


def differences(stored: Path, captured: Path) -> list[str]:
    """List where two files differ: paths in JSON, else a diff of the lines."""
    if not (stored.is_file() and captured.is_file()):
        missing = captured if stored.is_file() else stored
        return [f"{missing} is missing"]
    before, now = (path.read_text("utf-8") for path in (stored, captured))
    if stored.suffix == ".json":
        return list(_in_values(json.loads(before), json.loads(now), ""))
    lines = before.splitlines(), now.splitlines()
    return list(difflib.unified_diff(*lines, "stored", "now", n=1, lineterm=""))


def _in_values(before: object, now: object, place: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            where = f"{place}/{key}"
            if key not in now:
                yield f"{where}: gone, was {_short(before[key])}"
            elif key not in before:
                yield f"{where}: new, {_short(now[key])}"
            else:
                yield from _in_values(before[key], now[key], where)
    elif isinstance(before, list) and isinstance(now, list):
        if len(before) != len(now):
            yield f"{place}: {len(before)} values, now {len(now)}"
        for number, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from _in_values(one, other, f"{place}[{number}]")
    elif not _is_same(before, now):
        yield f"{place}: {_short(before)} → {_short(now)}"


def _is_same(before: object, now: object) -> bool:
    if isinstance(before, float) and isinstance(now, float):
        return abs(before - now) <= TOLERANCE
    return type(before) is type(now) and before == now


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:159]}…"
