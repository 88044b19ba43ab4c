"""Questions to served indexes, and the memory of their servers.

Each question goes to all servers in turn, so that what else the machine does slows all
of them alike.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from search.index.open import open_index

ROOT = Path(__file__).resolve().parents[3]
JUDGED = ROOT.parent / "shared/eval/dev"
SAMPLE = ROOT / "tests/quality/sample_queries.jsonl"
FILTERED = 25  # questions with each kind of filter
WARM = 3  # questions before the first that counts
PATIENCE = 300  # seconds that a server may take to its first answer
SITE = "blog-1"  # one of made articles
LOOKED_AT = 2_000  # passages in which words for filters are looked for
BARRED = 0.05  # the share of passages that the barred word is in
T = TypeVar("T")
_LONG_WORD = re.compile(r"[a-z]{5,}")


class Server(NamedTuple):
    """A running blog-web."""

    process: subprocess.Popen[bytes]
    home: str

    def milliseconds(self, question: str) -> float:
        """Ask a question and return how long its answer took."""
        address = f"{self.home}/api/search?q={urllib.parse.quote(question)}"
        began = time.perf_counter()
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            answer.read()
        return (time.perf_counter() - began) * 1000

    def memory(self) -> dict[str, float]:
        """Return megabytes: the most so far, now without mapped files, and now in
        all. Empty where there is no /proc."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return {}
        found = {
            name: int(n) / 1024 for name, n in re.findall(r"(\w+):\s+(\d+) kB", text)
        }
        return {
            "memory, most": found["VmHWM"],
            "memory without mapped files": found["RssAnon"],
        }


class Times(NamedTuple):
    """Of questions of a kind: median and 95th percentile, in milliseconds."""

    p50: float
    p95: float


def questions() -> list[str]:
    """Return the judged questions without operators, else those of the sample."""
    files = sorted(JUDGED.glob("*.jsonl")) or [SAMPLE]
    rows = [json.loads(line) for file in files for line in file.open(encoding="utf-8")]
    return [row["query"] for row in rows if not row.get("operators")]


def by_kind(folder: Path, site: str = SITE) -> dict[str, list[str]]:
    """Return questions by what they are asked with; ``folder`` is an index that has
    the words of the filters, ``site`` what is asked for with ``site:``."""
    plain = questions()
    phrase, word = _words(folder)
    endings = {
        "site:": f' site:"{site}"',
        "after:": " after:2018-01-01",
        "a phrase": f' "{phrase}"',
        # A word that is left out of a question is not barred by a minus alone.
        "a barred word": f' -"{word}"',
    }
    kinds = {"a question": plain}
    for name, ending in endings.items():
        kinds[f"with {name}"] = [question + ending for question in few(plain)]
    return kinds


def few(plain: list[T]) -> list[T]:
    """Return those of the plain questions, or of what is known of each, that are asked
    with filters, too."""
    return plain[:: max(1, len(plain) // FILTERED)]


def measured(
    folders: Sequence[Path],
) -> tuple[dict[str, list[Times]], list[dict[str, float]]]:
    """Return the times of each kind of question, and the memory afterwards, of each
    index."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(folder)) for folder in folders]
        times: dict[str, list[Times]] = {}
        for kind, asked in by_kind(folders[0]).items():
            taken: list[list[float]] = [[] for _ in servers]
            for question in asked:
                for server, row in zip(servers, taken, strict=True):
                    row.append(server.milliseconds(question))
            times[kind] = list(map(times_of, taken))
        return times, [server.memory() for server in servers]


def times_of(taken: list[float]) -> Times:
    """Return the median and the 95th percentile of times."""
    ordered = sorted(taken)
    return Times(statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))])


def _words(folder: Path) -> tuple[str, str]:
    """Return a phrase that many passages have, and a word that BARRED of them have."""
    with open_index(folder).snapshot() as index:
        ids = index.sample(LOOKED_AT).ids.tolist()
        texts = [one.passage.text for one in index.passages(ids).values()]
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in texts:
        words.update(set(_LONG_WORD.findall(text)))
        pairs.update(set(re.findall(r"\b[a-z]{5,} [a-z]{5,}\b", text)))
    wanted = BARRED * len(texts)
    barred = min(words, key=lambda word: (abs(words[word] - wanted), word))
    return pairs.most_common(1)[0][0], barred


@contextmanager
def serving(index: Path | str) -> Iterator[Server]:
    """Run blog-web over an index, a folder or one in a database, until the end of the
    block; it is warm."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web", "--index", str(index), "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BLOGSEARCH_LOG": "off"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) as process:
        server = Server(process, f"http://127.0.0.1:{port}")
        try:
            _wait(server)
            for number in range(WARM):
                server.milliseconds(f"warm {number}")
            yield server
        finally:
            process.terminate()


def _wait(server: Server) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.milliseconds("warm")
            return
        except OSError:
            if time.monotonic() > until or server.process.poll() is not None:
                raise
            time.sleep(0.2)
