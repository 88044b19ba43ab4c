"""Speed on this machine: indexing the sample archive, a cold blog-search, /api/search
served by waitress.

    python tests/benchmarks/speed.py

Medians; nothing is asserted. Whatever else the machine does shows in the figures.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = [
    str(ROOT / "docs/sample" / name)
    for name in ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")
]
QUESTIONS = (
    "how long do my eyes need to get used to the dark",
    "what temperature should a sourdough starter have",
    "database is locked",
    "how often should backups be tested",
    "hub dynamo drag",
)


def milliseconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def run(*command: str) -> str:
    """Run a module of ours; what it printed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BLOGSEARCH_PORT": ""}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def served(index: str, count: int) -> list[float]:
    """Milliseconds of so many questions, asked one after another over HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web", "--index", index, "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        home = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(
                        f"{home}/api/search?q=warm", timeout=60
                    ).read()
                    break
                except OSError:
                    time.sleep(0.2)
            return [
                milliseconds(
                    lambda n=n: urllib.request.urlopen(
                        f"{home}/api/search?q={urllib.parse.quote(f'{QUESTIONS[n % len(QUESTIONS)]} {n}')}"
                    ).read()
                )
                for n in range(count)
            ]
        finally:
            server.terminate()


def main() -> None:
    """Measure and print a table."""
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        index = str(Path(folder) / "index")
        printed = ""

        def first_add() -> None:
            nonlocal printed
            printed = run("indexer", "--index", index, "add", *SAMPLE)

        rows.append(
            (
                "index the sample archive, model loaded anew",
                f"{milliseconds(first_add) / 1000:.1f} s",
            )
        )
        found = re.search(r"(\d+) embedded", printed)
        rows.append(("passages embedded in that", found[1] if found else "?"))
        again = [
            milliseconds(lambda: run("indexer", "--index", index, "update")) / 1000
            for _ in range(3)
        ]
        rows.append(
            (
                "update with nothing new, median of 3",
                f"{statistics.median(again):.2f} s",
            )
        )
        cold = [
            milliseconds(lambda: run("search", "--index", index, QUESTIONS[0])) / 1000
            for _ in range(5)
        ]
        rows.append(
            ("cold blog-search, median of 5", f"{statistics.median(cold):.2f} s")
        )
        times = sorted(served(index, 200))
        rows.append(("/api/search, p50 of 200", f"{times[100]:.1f} ms"))
        rows.append(("/api/search, p95 of 200", f"{times[190]:.1f} ms"))
    for name, figure in rows:
        print(f"{name:46} {figure:>10}")


if __name__ == "__main__":
    main()
