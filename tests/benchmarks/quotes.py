"""The weights that choose quotes, fitted and cross-validated over archives.

    python tests/benchmarks/quotes.py --index DIR --judged ../shared/eval QUERIES.jsonl …
        [--archives http://127.0.0.1:8765]

Of each judged query's right articles it reads the sentences that the engine compares,
with their features; a sentence that holds a gold span of the query is right. The
weights are those of a logistic regression over the sentences of one article (a
softmax). Prints a Markdown table: of the queries about each archive, the share whose
best window, of 500 characters, holds the answer, with weights that were fitted on the
other archives alone; then the weights fitted on all, times FLATTER. Without arguments
there is nothing to measure.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from search.embedding.embedder import open_embedder
from search.index.open import open_index
from search.query import parser
from search.ranking.closeness import closeness
from search.ranking.fusion import RANKINGS
from search.results import windows as windows_module
from search.results.candidates import ranked_articles
from search.results.placed_text import PlacedText
from search.results.quotable import Found, quotables
from search.results.quotes import COMPARED
from search.results.windows import READ, Sentence, best_windows, give_shares

# In the order of a case's features.
WEIGHTS = (
    "SENTENCE_MAX_SIM",
    "SENTENCE_COSINE",
    "SENTENCE_PASSAGE",
    "SENTENCE_LENGTH",
)
# What was fitted is made flatter: windows of several fair sentences then come before
# those of one good one (0.704 of 314 answers are found, 0.691 with 1).
FLATTER = 0.7
PENALTY = 1.0  # of the squared weights, features having unit variance


class Case(NamedTuple):
    """A query's right article: the sentences of its text, their features of the shape
    (n, 4), those that are right, and the text."""

    archive: str
    sentences: list[Sentence]
    features: np.ndarray
    right: np.ndarray
    text: str
    spans: list[str]


def cases(judge: Any, endpoint: Any, index: Path, records: list[Any]) -> Iterator[Case]:
    embedder = open_embedder()
    with open_index(index).snapshot() as snapshot:
        for record in records:
            query = parser.parse(record["query"])
            found = ranked_articles(
                snapshot,
                query,
                encoding=embedder.encode_query(query.text),
                ranking=RANKINGS["fused"],
            )
            gold = {judge.plain(one["url"]): one["spans"] for one in record["gold"]}
            articles = snapshot.articles([number for number, _, _ in found.articles])
            for number, _, passages in found.articles:
                url = endpoint.published(articles[number].url)
                if url not in gold:
                    continue
                scores = dict(passages[:COMPARED])
                stored = snapshot.passages(list(scores))
                close = {}
                if found.question:
                    close = closeness(snapshot.token_bits(list(scores)), found.question)
                article = snapshot.article(articles[number].url)
                layout = PlacedText(article)
                by_id = {
                    n: Found(stored[n], score, close.get(n))
                    for n, score in scores.items()
                }
                texts = quotables(layout, by_id, query)
                own = [text for text in texts if text.note is None]
                if own:
                    archive = url.split("/")[0]
                    yield _case(
                        judge, archive, own[0].sentences, layout.text, gold[url]
                    )


def _case(
    judge: Any, archive: str, sentences: list[Sentence], text: str, spans: list[str]
) -> Case:
    right = [
        not one.barred and judge.holds([{"text": text[one.start : one.end]}], spans)
        for one in sentences
    ]
    features = [
        (one.max_sim, one.cosine, one.score, math.log1p(one.end - one.start))
        for one in sentences
    ]
    return Case(
        archive, sentences, np.array(features), np.array(right, bool), text, spans
    )


def fitted(given: Sequence[Case]) -> np.ndarray:
    """Return the weights of the most likely model, shape (4,)."""
    usable = [case for case in given if case.right.any()]
    every = np.concatenate([case.features for case in usable])
    scale = every.std(axis=0)
    free = [np.array([not one.barred for one in case.sentences]) for case in usable]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = PENALTY / 2 * weights @ weights, PENALTY * weights
        for case, mask in zip(usable, free, strict=True):
            rows = (case.features / scale)[mask]
            chances = np.exp(rows @ weights - (rows @ weights).max())
            chances /= chances.sum()
            of_right = chances * case.right[mask]
            total -= math.log(of_right.sum())
            slope = slope - rows.T @ (of_right / of_right.sum() - chances)
        return total, slope

    found = minimize(loss, np.zeros(len(WEIGHTS)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)


def answered(judge: Any, case: Case, weights: np.ndarray) -> bool:
    """Tell if the best window by these weights holds the answer where it is read."""
    for name, weight in zip(WEIGHTS, FLATTER * weights, strict=True):
        setattr(windows_module, name, weight)
    give_shares(case.sentences)
    windows = best_windows(case.sentences, 1)
    if not windows:
        return False
    start = case.sentences[windows[0].first].start
    end = min(case.sentences[windows[0].last].end, start + READ)
    return bool(judge.holds([{"text": case.text[start:end]}], case.spans))


def table(judge: Any, every: list[Case]) -> Iterator[str]:
    yield "| archive | queries | quote holds the answer |"
    yield "| --- | --- | --- |"
    results = []
    for archive in sorted({case.archive for case in every}):
        weights = fitted([case for case in every if case.archive != archive])
        own = [
            answered(judge, case, weights) for case in every if case.archive == archive
        ]
        results += own
        yield f"| {archive} | {len(own)} | {np.mean(own):.3f} |"
    drawn = np.random.default_rng(0).choice(results, (2000, len(results)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    yield f"| all | {len(results)} | {np.mean(results):.3f} [{low:.3f}, {high:.3f}] |"
    weights = FLATTER * fitted(every)
    yield ""
    yield ", ".join(
        f"{name} {weight:.2f}" for name, weight in zip(WEIGHTS, weights, strict=True)
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    arguments.add_argument("--index", type=Path)
    arguments.add_argument("--judged", type=Path, help="folder of judge.py")
    arguments.add_argument("--archives", default="http://127.0.0.1:8765")
    arguments.add_argument("queries", type=Path, nargs="*")
    args = arguments.parse_args()
    if args.index is None or args.judged is None:
        print("quotes.py: needs --index and --judged; nothing measured")
        return
    spec = importlib.util.spec_from_file_location("judge", args.judged / "judge.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{args.judged} has no judge.py")
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    lines = (line for path in args.queries for line in path.open(encoding="utf-8"))
    records = [record for record in map(json.loads, lines) if record["gold"]]
    endpoint = judge.Endpoint("", args.archives)
    print("\n".join(table(judge, list(cases(judge, endpoint, args.index, records)))))


if __name__ == "__main__":
    main()
