"""Asks questions of copies of an index, one copy for each way of making it; the user's
own stays as it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.crawl.rebuild import rebuild_all
from indexer.evaluation.metrics import answers, ndcg, recall, reciprocal_rank
from indexer.evaluation.questions import Question
from indexer.records import Progress
from indexer.split.split import SPLITTER_VERSION, TARGET, split
from search.embedding.sentence_transformers import SentenceEmbedder
from search.engine import Engine
from search.index.open import open_index
from search.ports import Embedder, Encoding, Index
from search.ranking.fusion import RANKINGS
from search.types import Article, Passage

DEPTH = 20  # results that are asked for: some of them may count for nothing


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of making an index and of searching it; ``passages`` is their target
    length in tokens."""

    model: str
    passages: int = TARGET
    ranking: str = "fused"


@dataclass(frozen=True, slots=True)
class Row:
    """How one question fared. ``answer`` is None where no span says what would answer
    it."""

    question: Question
    ndcg: float
    mrr: float
    recall: float
    answer: float | None
    confident: bool


@dataclass(slots=True)
class Result:
    """How all questions fared, in their order, and what it took: seconds, and passages
    embedded."""

    rows: list[Row] = field(default_factory=list)
    making: float = 0.0
    asking: float = 0.0
    embedded: int = 0


@dataclass(frozen=True, slots=True)
class Exam:
    """``own`` questions are asked of the whole index, ``pairs`` when ``held_out``
    articles are in place of what the index has of them."""

    own: Sequence[Question]
    pairs: Sequence[Question]
    held_out: Sequence[Article]


class CountingEmbedder:
    """An Embedder that remembers how many passages it was given."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.embedded = 0
        self.name, self.fingerprint = model.name, model.fingerprint
        self.dimension, self.window = model.dimension, model.window
        self.count_tokens, self.encode_query = model.count_tokens, model.encode_query
        self.embed_passages = model.embed_passages

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Those of the model behind it."""
        self.embedded += len(texts)
        return self._model.encode_passages(texts)


class Trials:
    """Runs an exam over variants of one index. ``model`` is the one that the index was
    made with."""

    def __init__(
        self, index: Index, exam: Exam, progress: Progress, *, model: Embedder
    ) -> None:
        self._index = index
        self._exam = exam
        self._progress = progress
        self._model = model

    def run(self, variants: Sequence[Variant]) -> dict[Variant, Result]:
        """The result of each variant; those that differ only in ranking share one
        copy."""
        made: dict[tuple[str, int], list[Variant]] = {}
        for variant in variants:
            made.setdefault((variant.model, variant.passages), []).append(variant)
        results: dict[Variant, Result] = {}
        for (name, passages), alike in made.items():
            model = self._model if name == self._model.name else SentenceEmbedder(name)
            with TemporaryDirectory(prefix="blogsearch-evaluate-") as folder:
                results |= self._examine(
                    Path(folder), alike, CountingEmbedder(model), passages
                )
        return {variant: results[variant] for variant in variants}

    def _examine(
        self,
        folder: Path,
        variants: Sequence[Variant],
        model: CountingEmbedder,
        passages: int,
    ) -> dict[Variant, Result]:
        began = time.monotonic()
        self._index.copy_to(str(folder))
        copy = open_index(folder)
        rebuild = model.name != self._model.name or passages != TARGET
        if rebuild:
            with copy.writer(model, splitter=SPLITTER_VERSION, rebuild=True) as index:
                rebuild_all(index, model, self._progress, target=passages)
                index.commit()
        making = time.monotonic() - began
        results = {variant: Result() for variant in variants}
        self._ask(copy, self._exam.own, results, model)
        began = time.monotonic()
        if self._exam.pairs:
            with copy.writer(model, splitter=SPLITTER_VERSION) as index:
                index.add(
                    [(a, _passages(a, model, passages)) for a in self._exam.held_out]
                )
                index.commit()
        making += time.monotonic() - began
        self._ask(copy, self._exam.pairs, results, model)
        for result in results.values():
            result.making, result.embedded = making, model.embedded
        return results

    def _ask(
        self,
        index: Index,
        questions: Sequence[Question],
        results: dict[Variant, Result],
        model: Embedder,
    ) -> None:
        if not questions:
            return
        for variant, result in results.items():
            engine = Engine(index, embedder=model, ranking=RANKINGS[variant.ranking])
            engine.warm()
            began = time.monotonic()
            self._progress.begin("questions", len(questions))
            try:
                for question in questions:
                    result.rows.append(judge(engine, question))
                    self._progress.advance(question.text)
            finally:
                self._progress.end()
                engine.close()
            result.asking += time.monotonic() - began


def _passages(article: Article, model: Embedder, target: int) -> tuple[Passage, ...]:
    return split(
        article, count_tokens=model.count_tokens, window=model.window, target=target
    )


def judge(engine: Engine, question: Question) -> Row:
    """Ask one question. A copy of a gold article under another address is that
    article."""
    answer = engine.search(question.text, limit=DEPTH)
    gold, aside = set(question.gold), set(question.also)
    found = []
    for hit in answer.hits:
        names = [hit.url, *hit.also_at]
        name = next((name for name in names if name in gold), hit.url)
        if name in gold or not aside & set(names):
            found.append((name, [passage.text for passage in hit.passages]))
    if not gold:
        return Row(question, 0.0, 0.0, 0.0, None, answer.confident)
    ranked = [name for name, _ in found]
    shown = [texts for _, texts in found]
    answered = float(answers(shown, question.spans)) if question.spans else None
    return Row(
        question,
        ndcg(ranked, gold),
        reciprocal_rank(ranked, gold),
        recall(ranked, gold),
        answered,
        answer.confident,
    )
