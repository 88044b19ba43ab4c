"""Write tests/quality/floors.json anew from what is measured now: `make repin`.

A floor only rises. To let one sink, say why: `make repin ALLOW_LOWER="the reason"`; the
reason is kept in the file, beside what sank.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from search.embedding.embedder import open_embedder
from tests.quality.measured import FLOORS, index_sample, measure

SLACK = 0.02  # below what is measured: a right article in second place, of 36, costs 0.01 of nDCG


def repinned(known: dict, measured: dict[str, float], *, reason: str, day: str) -> dict:
    """The floors' file with what was measured. Raises ValueError where one would sink
    without a reason."""
    new = {
        name: math.floor((value - SLACK) * 100 + 1e-6) / 100
        for name, value in measured.items()
    }
    old = known["floors"]
    sunk = {
        name: [floor, new.get(name)]
        for name, floor in old.items()
        if new.get(name, -1) < floor
    }
    if sunk and not reason.strip():
        told = ", ".join(
            f"{name} {before} → {after}" for name, (before, after) in sunk.items()
        )
        raise ValueError(
            f'Nothing is written: {told}. To allow it: make repin ALLOW_LOWER="the reason"'
        )
    lowered = [{"day": day, "reason": reason.strip(), "from_to": sunk}] if sunk else []
    return {"floors": new, "lowered": [*known["lowered"], *lowered]}


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--allow-lower", default="", metavar="REASON")
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        measured = measure(index_sample(Path(folder) / "index", open_embedder()))
    known = json.loads(FLOORS.read_text("utf-8"))
    try:
        new = repinned(
            known, measured, reason=args.allow_lower, day=date.today().isoformat()
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    FLOORS.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for name, value in measured.items():
        print(
            f"{name:15} {known['floors'].get(name, '-'):>5} → {new['floors'][name]:<5} (measured {value})"
        )
    return 0


if __name__ == "__main__":
    sys.exit(run())
