"""Fetches in a process of its own, and says how each ended, how long it took, and what
memory it cost.

Called as ``python -m tests.torture.visitor``, with JSON on standard input: seconds of
deadline, bytes of a page at most, and the addresses, of which so many are fetched at
once.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.records import FetchError


def peak() -> int:
    """Bytes of memory that this process had at most. Linux' ru_maxrss still holds that
    of the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line for line in status.read_text().splitlines() if line.startswith("VmHWM")
        )
        return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def visit(fetcher: HttpFetcher, url: str, *, article: bool) -> dict[str, object]:
    began = time.monotonic()
    try:
        page = fetcher.fetch(url, article=article, allow_private=True)
        ended = f"page of {len(getattr(page, 'body', b''))} bytes"
    except FetchError as error:
        ended = error.reason
    return {"ended": ended, "seconds": round(time.monotonic() - began, 2)}


def main() -> None:
    asked = json.load(sys.stdin)
    limits = Limits(
        delay=0, deadline=asked["deadline"], max_bytes=asked["max_bytes"], tries=1
    )
    with HttpFetcher(limits) as fetcher, ThreadPoolExecutor(asked["at_once"]) as pool:
        fetcher.fetch(
            asked["warm"], allow_private=True
        )  # imports, certificates, buffers
        before = peak()
        visits = pool.map(
            lambda pair: visit(fetcher, pair[0], article=pair[1]), asked["urls"]
        )
        told = {"visits": list(visits)}
    print(json.dumps(told | {"growth": peak() - before}))


if __name__ == "__main__":
    main()
