"""blog-mcp in a process of its own, over an index whose vectors are hashed words.

python -m tests.web.agents.answering [--held] ARGUMENTS OF blog-mcp
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import search.engine
from tests.fakes import HashEmbedder
from web.agents.__main__ import run

ROOT = Path(__file__).parents[3]


class HeldEmbedder(HashEmbedder):
    """A model that is never loaded."""

    def __init__(self, name: str = "hash") -> None:
        super().__init__(name)
        threading.Event().wait()


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "tests.web.agents.answering", *options]


def environment(**told: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BLOGSEARCH_")
    }
    return {**inherited, "PYTHONPATH": str(ROOT), **told}


@contextmanager
def serving(*options: str, **told: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serves HTTP; gives the address and the process."""
    process = subprocess.Popen(
        command(*options, "--http", "--port", "0"), cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**told),
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", line)
        assert found, line + process.stderr.read()
        yield found[0], process
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    search.engine.open_embedder = HashEmbedder
    if "--held" in sys.argv:
        sys.argv.remove("--held")
        search.engine.open_embedder = HeldEmbedder
    run()
