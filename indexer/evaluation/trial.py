"""Trials: copies of an index asked questions, one copy for each way of making it.

The user's own index stays as it is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.crawl.rebuild import rebuild_all
from indexer.evaluation.metrics import is_answered, ndcg, recall, reciprocal_rank
from indexer.evaluation.questions import JudgedQuestion
from indexer.evaluation.variants import Variant
from indexer.records import Progress
from indexer.split.split import SPLITTER_VERSION, TARGET, split
from search.embedding.embedder import open_embedder
from search.engine import Engine
from search.index.copying import copy_into_folder
from search.index.open import open_index
from search.index.work_folder import WORK, work_folder
from search.port_values import Encoding
from search.ports import Embedder, Index
from search.ranking.fusion import RANKINGS
from search.types import Article

DEPTH = 20  # results that are asked for: some of them may count for nothing


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """One question's metrics; ``answer`` is None where no span says what answers it."""

    question: JudgedQuestion
    ndcg: float
    mrr: float
    recall: float
    answer: float | None
    confident: bool


@dataclass(slots=True)
class TrialResult:
    """The scores of all questions in their order, and the cost of a variant.

    ``making`` the copy and ``asking`` are in seconds, ``embedded`` counts passages.
    """

    scores: list[QuestionScore] = field(default_factory=list)
    making: float = 0.0
    asking: float = 0.0
    embedded: int = 0

    @property
    def question_ms(self) -> float:
        """Milliseconds that a question took."""
        return 1000 * self.asking / max(1, len(self.scores))


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of a trial.

    ``own`` are asked of the whole index, ``pairs`` when ``held_out`` articles are in
    place of what the index has of them.
    """

    own: Sequence[JudgedQuestion]
    pairs: Sequence[JudgedQuestion]
    held_out: Sequence[Article]


class CountingEmbedder:
    """An Embedder that counts the passages that it was given."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.embedded = 0
        # All but one method are the model's own.
        self.name, self.fingerprint = model.name, model.fingerprint
        self.dimension, self.window = model.dimension, model.window
        self.count_tokens, self.encode_query = model.count_tokens, model.encode_query
        self.embed_passages = model.embed_passages

    def encode_passages(self, texts: Sequence[str]) -> list[Encoding]:
        """Encode as the model does."""
        self.embedded += len(texts)
        return self._model.encode_passages(texts)


class TrialRunner:
    """Asks questions of variants of one index, which was made with ``model``."""

    def __init__(
        self,
        index: Index,
        questions: QuestionSet,
        progress: Progress,
        *,
        model: Embedder,
    ) -> None:
        self._index = index
        self._questions = questions
        self._progress = progress
        self._model = model

    def run(self, variants: Sequence[Variant]) -> dict[Variant, TrialResult]:
        """Return each variant's result; those that differ in ranking share a copy."""
        by_copy: dict[tuple[str, int], list[Variant]] = {}
        for variant in variants:
            by_copy.setdefault((variant.model, variant.passages), []).append(variant)
        results = {variant: TrialResult() for variant in variants}
        for alike in by_copy.values():
            with work_folder(WORK) as folder:
                self._try(folder, {one: results[one] for one in alike})
        return results

    def _try(self, folder: Path, results: Mapping[Variant, TrialResult]) -> None:
        """Fill in the results of variants that share one copy."""
        # They differ in ranking alone, which is chosen when the questions are asked.
        first = next(iter(results))
        model = CountingEmbedder(self._model_of(first))
        began = time.monotonic()
        copy = open_index(folder)
        copy_into_folder(self._index, folder)
        # Another model or length makes other passages: all are embedded again.
        if model.name != self._model.name or first.passages != TARGET:
            with copy.writer(model, splitter=SPLITTER_VERSION, rebuild=True) as writer:
                rebuild_all(writer, model, self._progress, target=first.passages)
                writer.commit()
        making = time.monotonic() - began  # without the time of the questions
        self._ask(copy, self._questions.own, results=results, model=model)
        began = time.monotonic()
        # Only now: the user's own questions are asked of the whole archive.
        if self._questions.pairs:
            self._hold_out(copy, model, target=first.passages)
        making += time.monotonic() - began
        self._ask(copy, self._questions.pairs, results=results, model=model)
        copy.close()
        for result in results.values():
            result.making = making
            result.embedded = model.embedded

    def _model_of(self, variant: Variant) -> Embedder:
        if variant.model == self._model.name:
            return self._model
        return open_embedder(variant.model)

    def _hold_out(self, copy: Index, model: Embedder, *, target: int) -> None:
        """Put the articles into the copy without what repeats the questions."""
        articles = []
        for article in self._questions.held_out:
            passages = split(
                article,
                count_tokens=model.count_tokens,
                window=model.window,
                target=target,
            )
            articles.append((article, passages))
        with copy.writer(model, splitter=SPLITTER_VERSION) as writer:
            writer.add(articles)
            writer.commit()

    def _ask(
        self,
        copy: Index,
        questions: Sequence[JudgedQuestion],
        *,
        results: Mapping[Variant, TrialResult],
        model: Embedder,
    ) -> None:
        if not questions:
            return
        for variant, result in results.items():
            engine = Engine(copy, embedder=model, ranking=RANKINGS[variant.ranking])
            engine.warm()  # so that the first question is not charged for loading
            began = time.monotonic()
            self._progress.begin("questions", len(questions))
            try:
                for question in questions:
                    result.scores.append(score(engine, question))
                    self._progress.advance(question.text)
            finally:
                self._progress.end()
                engine.close()
            result.asking += time.monotonic() - began


def score(engine: Engine, question: JudgedQuestion) -> QuestionScore:
    """Ask one question and score the answer.

    A copy of a gold article under another address is that article.
    """
    answer = engine.search(question.text, limit=DEPTH)
    # Articles aside are left out of the list, so that they take no rank.
    gold, aside = set(question.gold), set(question.also)
    if not gold:
        return QuestionScore(question, 0.0, 0.0, 0.0, None, answer.confident)
    ranked: list[str] = []
    shown: list[list[str]] = []
    for hit in answer.hits:
        # The index may show a copy of the article that the question names.
        aliases = [hit.url, *hit.also_at]
        name = next(filter(gold.__contains__, aliases), hit.url)
        if name in gold or aside.isdisjoint(aliases):
            ranked.append(name)
            shown.append([passage.text for passage in hit.passages])
    answered = None
    if question.spans:
        answered = float(is_answered(shown, question.spans))
    return QuestionScore(
        question,
        ndcg(ranked, gold),
        reciprocal_rank(ranked, gold),
        recall(ranked, gold),
        answered,
        answer.confident,
    )
