"""The judged queries of the sample archive, asked of a real index with the real
model."""

from __future__ import annotations

import json
from pathlib import Path

from indexer.cli.commands import main
from indexer.evaluation.figures import figures
from indexer.evaluation.metrics import contains
from indexer.evaluation.questions import JudgedQuestion
from indexer.evaluation.trial import score
from search.embedding.embedder import ModelEmbedder
from search.engine import Engine
from search.index.open import open_index
from search.types import HitPassage

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "docs/sample"
FLOORS = HERE / "floors.json"
# Characters of a result that are read before scrolling, from so many before a marked
# answer on.
READ = 500
BEFORE_ANSWER = 100
SOURCES = ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")


def index_sample(directory: Path, model: ModelEmbedder) -> Engine:
    """An engine over a fresh index of the sample archive."""
    code = main(
        ["--index", str(directory), "add", *(str(SAMPLE / name) for name in SOURCES)]
    )
    assert code == 0, code
    return Engine(open_index(directory), embedder=model)


def measure(engine: Engine) -> dict[str, float]:
    """The figures that have a floor, 0 to 1: the more the better."""
    lines = (HERE / "sample_queries.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    questions = [_question(record) for record in records]
    rows = [score(engine, question) for question in questions]
    quoted = [_quoted(engine, one) for one in questions if any(one.spans)]
    answerable = [row.confident for row in rows if row.question.gold]
    others = [row.confident for row in rows if not row.question.gold]
    kept = [_keeps_out(engine, record) for record in records if "must_not" in record]
    found = {name: one.mean for name, one in figures(rows).items()}
    for depth in (1, 3):
        answered = [any(one[:depth]) for one in quoted]
        found[f"quote@{depth}"] = sum(answered) / len(answered)
    found["confident"] = sum(answerable) / len(answerable)
    found["refused"] = 1 - sum(others) / len(others)
    found["operators kept"] = sum(kept) / len(kept)
    return {name: round(value, 4) for name, value in found.items()}


def _question(record: dict) -> JudgedQuestion:
    gold = {(SAMPLE / one["url"]).as_uri(): one["spans"] for one in record["gold"]}
    spans = tuple(span for group in gold.values() for span in group)
    return JudgedQuestion(record["query"], record["kind"], tuple(gold), spans)


def _quoted(engine: Engine, question: JudgedQuestion) -> list[bool]:
    """Tell of each result if what is read of it at first holds the answer."""
    hits = engine.search(question.text).hits
    read = [_read_first(hit.passages[0]) if hit.passages else "" for hit in hits]
    return [any(contains(text, span) for span in question.spans) for text in read]


def _read_first(passage: HitPassage) -> str:
    start = max(0, passage.answer.start - BEFORE_ANSWER) if passage.answer else 0
    return passage.text[start : start + READ]


def _keeps_out(engine: Engine, record: dict) -> bool:
    forbidden = {(SAMPLE / url).as_uri() for url in record["must_not"]}
    return not forbidden & {hit.url for hit in engine.search(record["query"]).hits}
