"""The figures of a trial: means and their intervals, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter

from indexer.evaluation.metrics import Estimate, estimate
from indexer.evaluation.trial import QuestionScore, TrialResult

Metric = Callable[[QuestionScore], float | None]
Scores = Sequence[QuestionScore]

METRICS: Mapping[str, Metric] = {
    "nDCG@10": attrgetter("ndcg"),
    "MRR@10": attrgetter("mrr"),
    "Recall@10": attrgetter("recall"),
    "answer@5": attrgetter("answer"),
}
# Questions; from fewer no mean of a source can be read.
FEWEST_OF_SOURCE = 5
_NAME_WIDTH = 28  # characters
_CELL_WIDTH = 25


@dataclass(frozen=True, slots=True)
class Compared:
    """A variant beside the index as it is: its name, and its result."""

    name: str
    result: TrialResult


def figures(scores: Scores) -> dict[str, Estimate]:
    """Return each metric over the questions that have an answer.

    One by which no question can be judged is left out.
    """
    found = {name: _values(scores, metric) for name, metric in METRICS.items()}
    return {name: estimate(values) for name, values in found.items() if values}


def differences(scores: Scores, others: Scores) -> dict[str, Estimate]:
    """Return what the others gain on the same questions, in the same order."""
    found = {}
    for name, metric in METRICS.items():
        before, after = _values(scores, metric), _values(others, metric)
        # Both are of the same questions, so neither is judged where the other is not.
        if before:
            pairs = zip(before, after, strict=True)
            found[name] = estimate([other - one for one, other in pairs])
    return found


def groups(scores: Scores) -> list[tuple[str, list[QuestionScore]]]:
    """Return the scores by kind of question, then all, then by source.

    Sources are kept apart where there are several, the largest first.
    """
    answerable = _answerable(scores)
    by_kind: dict[str, list[QuestionScore]] = {}
    by_source: dict[str, list[QuestionScore]] = {}
    # In the order in which the questions were asked.
    for score in answerable:
        by_kind.setdefault(score.question.kind, []).append(score)
        by_source.setdefault(score.question.source, []).append(score)
    by_source.pop("", None)  # the user's own questions come from none
    found = list(by_kind.items())
    # All is the one kind there is, and is not said twice.
    if len(by_kind) != 1:
        found.append(("all", answerable))
    if len(by_source) > 1:
        for source in sorted(by_source, key=lambda name: -len(by_source[name])):
            if len(by_source[source]) >= FEWEST_OF_SOURCE:
                found.append((f"from {source}", by_source[source]))
    return found


def table(scores: Scores) -> list[str]:
    """Return a line for each group: each metric's mean and its interval."""
    lines = [f"{'':{_NAME_WIDTH}} {'n':>4}  {_table_cells(METRICS)}".rstrip()]
    for name, group in groups(scores):
        known = figures(group)
        cells = _table_cells(_mean_cell(known.get(metric)) for metric in METRICS)
        lines.append(f"{_fitted(name)} {len(group):4}  {cells}".rstrip())
    return lines + _confidence_lines(scores)


def comparison(scores: Scores, compared: Sequence[Compared]) -> list[str]:
    """Return a line for each variant: what it gains or loses.

    A star where the interval leaves 0 out.
    """
    title = "compared with the index as it is"
    lines = [f"{title:{_NAME_WIDTH + 5}}  {_table_cells(METRICS)}".rstrip()]
    for variant in compared:
        known = differences(scores, variant.result.scores)
        cells = _table_cells(_difference_cell(known.get(metric)) for metric in METRICS)
        lines.append(f"{_fitted(variant.name)}       {cells}".rstrip())
    return [*lines, "* 0 lies outside the interval: the difference is more than chance"]


def figures_as_json(
    result: TrialResult, compared: Sequence[Compared]
) -> dict[str, object]:
    """Return the same as JSON values, with the cost of each variant."""
    confidence = Confidence.of(result.scores)
    variants: dict[str, object] = {}
    for variant in compared:
        gains = differences(result.scores, variant.result.scores)
        variants[variant.name] = {
            "figures": _figures_json(variant.result.scores),
            "differences": _estimates_json(gains),
            "cost": _cost_json(variant.result),
        }
    return {
        "figures": _figures_json(result.scores),
        "confident": asdict(confidence),
        "cost": _cost_json(result),
        "compared": variants,
    }


@dataclass(frozen=True, slots=True)
class Confidence:
    """Counts of questions, and of those in which the engine rightly was confident."""

    answerable: int
    called_answered: int
    others: int
    refused: int

    @classmethod
    def of(cls, scores: Scores) -> Confidence:
        """Count the questions that have an answer, and those that have none."""
        answerable = _answerable(scores)
        called_answered = sum(score.confident for score in answerable)
        confident = sum(score.confident for score in scores)
        others = len(scores) - len(answerable)
        # Of those that have no answer it should not have been confident.
        refused = others - (confident - called_answered)
        return cls(len(answerable), called_answered, others, refused)


def _answerable(scores: Scores) -> list[QuestionScore]:
    return [score for score in scores if score.question.gold]


def _values(scores: Scores, metric: Metric) -> list[float]:
    values = map(metric, _answerable(scores))
    return [value for value in values if value is not None]


def _confidence_lines(scores: Scores) -> list[str]:
    of = Confidence.of(scores)
    lines = []
    if of.answerable:
        lines.append(
            f"called answered: {of.called_answered} of {of.answerable} questions that have an answer"
        )
    if of.others:
        lines.append(f"refused: {of.refused} of {of.others} that have none")
    return lines


def _fitted(name: str) -> str:
    if len(name) > _NAME_WIDTH:
        name = name[: _NAME_WIDTH - 1] + "…"
    return f"{name:{_NAME_WIDTH}}"


def _table_cells(texts: Iterable[str]) -> str:
    return "".join(f"{text:{_CELL_WIDTH}}" for text in texts)


def _mean_cell(one: Estimate | None) -> str:
    if one:
        return f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}]"
    return "-"


def _difference_cell(one: Estimate | None) -> str:
    if one is None:
        return "-"
    star = "*" if one.is_clear else ""
    return f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]{star}"


def _figures_json(scores: Scores) -> dict[str, object]:
    return {name: _estimates_json(figures(group)) for name, group in groups(scores)}


def _estimates_json(known: Mapping[str, Estimate]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, one in known.items():
        # The interval is far wider than what rounding takes.
        found[name] = {key: round(value, 4) for key, value in asdict(one).items()}
    return found


def _cost_json(result: TrialResult) -> dict[str, object]:
    return {
        "passages_embedded": result.embedded,
        "making_seconds": round(result.making, 1),
        "question_ms": round(result.question_ms, 1),
    }
