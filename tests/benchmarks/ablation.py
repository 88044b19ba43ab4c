"""What each part of the ranking is worth: every part switched off by itself, over
judged queries.

    python tests/benchmarks/ablation.py --index DIR --judged ../shared/eval [--archives
http://127.0.0.1:8765]

The index holds the archives that the queries are about; judge.py, beside the queries,
scores. Prints a Markdown table with 95 % bootstrap intervals of the difference to the
whole, over all queries and over two halves of them (by the parity of a hash of their
ids). Without arguments there is nothing to measure.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from search.embedding import runtime as embedders
from search.embedding.embedder import open_embedder
from search.engine import Engine
from search.index.open import open_index
from search.ranking.fusion import RANKINGS, Ranking, mean_of_shares
from search.results import quotable, quotes, windows
from search.serialization import as_json

FIGURES = ("ndcg", "a1", "q1", "q3", "chars")
Rows = list[dict[str, Any]]


class Asked:
    """What judge.py asks in place of an endpoint."""

    def __init__(self, endpoint: Any, engine: Engine, exact: bool) -> None:
        self.published = endpoint.published
        self._engine, self._exact = engine, exact

    def ask(self, query: str) -> tuple[dict[str, object], float]:
        return as_json(self._engine.search(query, limit=20, exact=self._exact)), 0.0


@contextmanager
def changed(where: object, name: str, value: object) -> Iterator[None]:
    before = getattr(where, name)
    setattr(where, name, value)
    try:
        yield
    finally:
        setattr(where, name, before)


@contextmanager
def nothing() -> Iterator[None]:
    yield


def parts() -> dict[str, tuple[Callable[[], Any], Ranking, bool]]:
    """By what is switched off: how, the ranking that is left, and whether slips stay as
    typed."""
    all_read = partial(changed, embedders, "unknown_share", lambda *_: 0.0)
    one = partial(changed, quotes, "COMPARED", 1)
    alone = partial(changed, windows, "LONGEST", 1)
    tokens = RANKINGS["fused"]
    by_tokens = {
        "meaning": tokens._replace(fuse=RANKINGS["lexical"].fuse),
        "words": tokens._replace(fuse=RANKINGS["dense"].fuse),
        "bounds": tokens._replace(fuse=over_the_greatest_found),
    }
    return {
        "nothing": (nothing, tokens, False),
        "the question's tokens": (nothing, RANKINGS["mean"], False),
        "words (BM25)": (nothing, by_tokens["words"], False),
        "the passage's own vector": (nothing, by_tokens["meaning"], False),
        "BM25 over what it could be (over the greatest found instead)": (
            nothing,
            by_tokens["bounds"],
            False,
        ),
        "telling what the model can't read": (all_read, tokens, False),
        "all but words": (nothing, RANKINGS["lexical"], False),
        "all but the passage's vector": (nothing, RANKINGS["dense"], False),
        "all but reciprocal ranks of both": (nothing, RANKINGS["rrf"], False),
        "mending slips": (nothing, tokens, True),
        "sentences of more than an article's best passage": (one, tokens, False),
        "the sentences around the best one": (alone, tokens, False),
        **{
            f"in quotes: {name}": (partial(changed, *change), tokens, False)
            for name, change in in_quotes().items()
        },
    }


def in_quotes() -> dict[str, tuple[object, str, object]]:
    """By part of the choice of quotes: the module, the name and the value that switch
    it off."""
    return {
        "the tokens' similarity": (windows, "SENTENCE_MAX_SIM", 0.0),
        "the sentence's vector": (windows, "SENTENCE_COSINE", 0.0),
        "the passage's score": (windows, "SENTENCE_PASSAGE", 0.0),
        "the sentence's length": (windows, "SENTENCE_LENGTH", 0.0),
        "barring references and the like": (quotable, "ANSWERING_SHARE", 9.0),
        "leaving out what says little": (windows, "LEAST_SHARE", 0.0),
        "marking an answer": (windows, "STANDS_OUT", 9.0),
    }


def over_the_greatest_found(
    dense: Mapping[int, float], lexical: Mapping[int, float], _: float, read: float
) -> dict[int, float]:
    return mean_of_shares(dense, lexical, max(lexical.values(), default=0.0), read)


def measure(judge: Any, endpoint: Any, index: Path, records: Rows) -> dict[str, Rows]:
    embedder = open_embedder()
    found: dict[str, Rows] = {}
    for name, (change, ranking, exact) in parts().items():
        engine = Engine(open_index(index), embedder=embedder, ranking=ranking)
        with change():
            found[name] = [
                judge.judge(Asked(endpoint, engine, exact), record)
                for record in records
            ]
    return found


def halves(rows: Rows) -> dict[str, list[int]]:
    odd = [hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 1 for row in rows]
    return {
        "all": list(range(len(rows))),
        "half A": [place for place, is_odd in enumerate(odd) if is_odd],
        "half B": [place for place, is_odd in enumerate(odd) if not is_odd],
    }


def interval(differences: np.ndarray) -> str:
    """95 % percentile bootstrap of the mean (Efron & Tibshirani 1993), 2,000 resamples,
    seed 0."""
    drawn = np.random.default_rng(0).integers(
        0, len(differences), (2000, len(differences))
    )
    low, high = np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])
    return f"{differences.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def table(found: dict[str, Rows]) -> Iterator[str]:
    whole = found["nothing"]
    shares = halves(whole)
    yield (
        "| switched off | figure | "
        + " | ".join(f"{name} (n = {len(p)})" for name, p in shares.items())
        + " |"
    )
    yield "| --- " * (2 + len(shares)) + "|"
    for name, rows in found.items():
        for figure in FIGURES:
            own = np.array([float(row[figure]) for row in rows])
            base = np.array([float(row[figure]) for row in whole])
            cells = (
                f"{own[p].mean():.3f}"
                + ("" if rows is whole else f" ({interval(own[p] - base[p])})")
                for p in shares.values()
            )
            yield f"| {name} | {figure} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path)
    parser.add_argument(
        "--judged", type=Path, help="folder of judge.py and dev/*.jsonl"
    )
    parser.add_argument(
        "--queries",
        type=Path,
        nargs="*",
        help="judged queries in place of those in dev",
    )
    parser.add_argument("--archives", default="http://127.0.0.1:8765")
    args = parser.parse_args()
    if args.index is None or args.judged is None:
        print("ablation.py: needs --index and --judged; nothing measured")
        return
    spec = importlib.util.spec_from_file_location("judge", args.judged / "judge.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{args.judged} has no judge.py")
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    lines = (
        line
        for path in args.queries or sorted((args.judged / "dev").glob("*.jsonl"))
        for line in path.open(encoding="utf-8")
    )
    records = [record for record in map(json.loads, lines) if record["gold"]]
    endpoint = judge.Endpoint("", args.archives)
    print("\n".join(table(measure(judge, endpoint, args.index, records))))


if __name__ == "__main__":
    main()
