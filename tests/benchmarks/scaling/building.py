"""Indexes of made articles, through the writer that the indexer uses.

It holds no more of them in memory than one call of the writer takes.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from indexer.ledger.ledger import Ledger
from indexer.records import PageRecord
from search.index.open import open_index
from search.ports import Embedder
from tests.benchmarks.scaling.made import MadeArticles, MadeEmbedder
from tests.benchmarks.scaling.real import real_passages

AT_ONCE = 1_000  # passages given to the writer
# A commit writes the vector file again when it has grown by a share: with commits that
# grow with the index all of them together cost as much as a few of the last.
LEAST_COMMIT = 5_000  # passages
SHARE = 8


class Built(NamedTuple):
    """An index of so many passages, and the seconds that it took from nothing."""

    folder: Path
    passages: int
    seconds: float | None


def build(
    seed: Path, folder: Path, sizes: Sequence[int], model: Embedder
) -> Iterator[Built]:
    """Make an index of the passages of ``seed`` and yield a copy of it at each size,
    ascending; the last is the index itself."""
    with open_index(seed).snapshot() as index:
        made = MadeArticles(real_passages(index))
        splitter = index.manifest.splitter
    growing = folder / "growing"
    index = open_index(growing)
    passages, seconds = 0, 0.0
    for size in sizes:
        began = time.perf_counter()
        with index.writer(MadeEmbedder(model, made), splitter=splitter) as writer:
            while passages < size:
                until = min(size, passages + max(LEAST_COMMIT, passages // SHARE))
                while passages < until:
                    passages += _add(writer, made, until - passages)
                writer.commit()
                _say(passages, seconds + time.perf_counter() - began)
        seconds += time.perf_counter() - began
        kept = folder / f"{size}"
        if size == sizes[-1]:
            growing.rename(kept)
        else:
            shutil.copytree(growing, kept)
        note_in_ledger(kept)
        yield Built(kept, passages, seconds)


def note_in_ledger(folder: Path) -> None:
    """Have the ledger know each article of an index, as after a run that read it."""
    with open_index(folder).snapshot() as index:
        urls = index.urls()
    ledger = Ledger(folder)
    with ledger.transaction():
        for url in urls:
            ledger.put_page(PageRecord(url, "good", article=url))
    ledger.close()


def _add(writer, made: MadeArticles, room: int) -> int:
    articles, count = [], 0
    while count < min(AT_ONCE, room):
        articles.append(next(made))
        count += len(articles[-1][1])
    writer.add(articles)
    made.forget()
    return count


def _say(passages: int, seconds: float) -> None:
    rate = passages / seconds
    print(f"  {passages:>9,} passages, {rate:,.0f} a second", flush=True)
