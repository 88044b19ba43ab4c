"""What an index costs besides questions: recall, disk, one more article."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.index.open import open_index
from search.ports import Embedder
from search.snapshot_port import Snapshot
from tests.benchmarks.scaling.served import ROOT, questions

DEEP = 200  # nearest passages, as the engine asks for
ROUNDING = 1e-6  # by which float32 products of the same vectors differ
ARTICLES = 500  # whose vectors are in memory at once
MORE = 3  # articles that are added, one a run; the first brings the index up to date


def recall(folder: Path | str, model: Embedder) -> dict[str, float]:
    """Return the share of the passages nearest by a product with every vector that the
    index finds."""
    vectors = np.stack([model.encode_query(one).vector for one in questions()])
    with open_index(folder).snapshot() as index:
        nearest, products = _exact(index, vectors)
        found = [index.nearest(vector, DEEP)[0].tolist() for vector in vectors]
        passages = index.manifest.passages
    shares = {}
    for k in (10, DEEP):
        count = min(k, passages)
        # Of two as near as each other, but for rounding, either is right.
        is_near = products >= products[:, [count - 1]] - ROUNDING
        right = [
            min(count, len(set(one[:k]) & set(ids[near].tolist())))
            for one, ids, near in zip(found, nearest, is_near, strict=True)
        ]
        shares[f"recall@{k}"] = float(np.mean(right)) / count
    return shares


def disk(folder: Path) -> dict[str, float]:
    """Return megabytes by part."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    parts = {"disk": files}
    parts["– rows, words, tokens"] = [folder / "index.sqlite"]
    newest = max(folder.glob("vectors-*"), key=lambda path: path.stat().st_mtime)
    parts["– vector file"] = [newest]
    return {
        name: sum(path.stat().st_size for path in paths) / 1e6
        for name, paths in parts.items()
    }


def one_more_article(folder: Path, scratch: Path) -> dict[str, float]:
    """Run `blog-indexer add FILE` and return the medians of its seconds, its seconds of
    processor time and the megabytes that it wrote."""
    rows = []
    for number in range(1 + MORE):
        page = scratch / f"more-{folder.name}-{number}.md"
        page.write_text(
            f"# The {number}th more\n\nBread number {number} rises slowly.\n"
        )
        command = [
            sys.executable,
            "-m",
            "indexer",
            "add",
            str(page),
            "--index",
            str(folder),
        ]
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} failed")
        seconds = time.perf_counter() - began
        written = used.ru_oublock * 512 / 1e6
        rows.append((seconds, used.ru_utime + used.ru_stime, written))
    names = ("one more article, s", "– processor time, s", "– written, MB")
    columns = zip(*rows[1:], strict=True)
    return dict(zip(names, map(statistics.median, columns), strict=True))


def _exact(
    index: Snapshot, vectors: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ids and products of the nearest passages, of the shape (questions,
    DEEP)."""
    best = np.full((len(vectors), DEEP), -np.inf, np.float32)
    ids = np.zeros((len(vectors), DEEP), np.int64)
    for numbers, rows in _rows(index):
        products = vectors.dot(rows.T)
        scores = np.concatenate([best, products], axis=1)
        every = np.concatenate([ids, np.tile(numbers, (len(vectors), 1))], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :DEEP]
        best = np.take_along_axis(scores, order, axis=1)
        ids = np.take_along_axis(every, order, axis=1)
    return ids, best


def _rows(index: Snapshot) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield all passages with their vectors, some at a time."""
    left, first = index.manifest.passages, 1
    while left > 0:
        found = index.article_vectors(list(range(first, first + ARTICLES)))
        first += ARTICLES
        if not found:  # ids of articles that were replaced
            continue
        ids = np.concatenate([ids for ids, _ in found.values()])
        left -= len(ids)
        yield ids, np.concatenate([rows for _, rows in found.values()])
