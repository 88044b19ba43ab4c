"""The real server in a process of its own, over an index whose vectors are hashed
words.

python -m tests.web.serving [--slow SECONDS] [--patience SECONDS] [--slowest BYTES]
    [--line-patience SECONDS] [--indexer MODULE]
ARGUMENTS OF blog-web
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import search.engine
import web.saving.runner
import web.server.channel
from tests.fakes import HashEmbedder
from web.__main__ import main

ROOT = Path(__file__).parents[2]


class SlowEmbedder(HashEmbedder):
    """Takes its time for each question, as a large model does."""

    seconds = 0.0

    def encode_query(self, text):
        time.sleep(self.seconds)
        return super().encode_query(text)


@contextmanager
def serving(
    index: Path,
    *options: str,
    files: int = 0,
    log: int | IO[bytes] = subprocess.PIPE,
    **environment: str,
) -> Iterator[Served]:
    """Runs the server over an index; ``files`` is how many it may open, 0 for the usual
    number, ``log`` takes its standard error."""
    command = [
        sys.executable,
        "-m",
        "tests.web.serving",
        *options,
        "--index",
        str(index),
        "--port",
        "0",
    ]
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BLOGSEARCH_")
    }
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=log,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        found = re.search(r"http://([\d.]+):(\d+)/", line)
        assert found, process.stderr.read()
        yield Served(process, found[0], (found[1], int(found[2])))
    finally:
        process.kill()
        process.communicate()


class Served:
    """The running server: its process, its address, and host and port of it."""

    def __init__(
        self, process: subprocess.Popen[str], address: str, at: tuple[str, int]
    ) -> None:
        self.process, self.address, self.at = process, address, at

    def memory(self) -> float:
        """What it holds of real memory, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


if __name__ == "__main__":
    # "--index" is the server's, and no beginning of another.
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--patience", type=float, default=web.server.channel.PATIENCE)
    parser.add_argument("--slowest", type=float, default=web.server.channel.SLOWEST)
    usual = web.server.channel.LINE_PATIENCE
    parser.add_argument("--line-patience", type=float, default=usual)
    parser.add_argument("--indexer", default="tests.indexing")
    told, rest = parser.parse_known_args()
    SlowEmbedder.seconds = told.slow
    search.engine.open_embedder = SlowEmbedder
    web.server.channel.PATIENCE, web.server.channel.SLOWEST = (
        told.patience,
        told.slowest,
    )
    web.server.channel.LINE_PATIENCE = told.line_patience
    web.saving.runner.COMMAND = (sys.executable, "-m", told.indexer)
    sys.exit(main(rest))
