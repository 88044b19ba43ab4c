"""Pure: the rows of a trial as figures, and the figures as lines or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from indexer.evaluation.metrics import Estimate, estimate
from indexer.evaluation.trial import Result, Row

METRICS: Mapping[str, Callable[[Row], float | None]] = {
    "nDCG@10": lambda row: row.ndcg,
    "MRR@10": lambda row: row.mrr,
    "Recall@10": lambda row: row.recall,
    "answer@5": lambda row: row.answer,
}
FEWEST_OF_SOURCE = 5  # questions; fewer say nothing of a source
_WIDTH = 28  # characters of a name
_CELL = 25


@dataclass(frozen=True, slots=True)
class Compared:
    """A way of searching beside the index's own: its name, how the same questions
    fared, what it took."""

    name: str
    result: Result


def figures(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Each metric over the questions that have an answer; left out where none can be
    judged by it."""
    found = {name: _values(rows, value) for name, value in METRICS.items()}
    return {name: estimate(values) for name, values in found.items() if values}


def differences(rows: Sequence[Row], others: Sequence[Row]) -> dict[str, Estimate]:
    """What the others gain on the same questions, in the same order."""
    found = {}
    for name, value in METRICS.items():
        pairs = zip(_values(rows, value), _values(others, value), strict=True)
        if gains := [other - one for one, other in pairs]:
            found[name] = estimate(gains)
    return found


def groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows by kind of question, then all, then by source where there are
    several."""
    answerable = [row for row in rows if row.question.gold]
    kinds = dict.fromkeys(row.question.kind for row in answerable)
    found = [
        (kind, [row for row in answerable if row.question.kind == kind])
        for kind in kinds
    ]
    if len(kinds) != 1:
        found.append(("all", answerable))
    names = dict.fromkeys(
        row.question.source for row in answerable if row.question.source
    )
    of = [
        (f"from {name}", [row for row in answerable if row.question.source == name])
        for name in names
    ]
    large = sorted(
        (one for one in of if len(one[1]) >= FEWEST_OF_SOURCE),
        key=lambda one: -len(one[1]),
    )
    return found + (large if len(names) > 1 else [])


def table(rows: Sequence[Row]) -> list[str]:
    """A line for each group: each metric's mean and the interval that holds it with 95
    %."""
    lines = [
        f"{'':{_WIDTH}} {'n':>4}  "
        + "".join(f"{name:{_CELL}}" for name in METRICS).rstrip()
    ]
    for name, group in groups(rows):
        known = figures(group)
        cells = "".join(f"{_shown(known.get(metric)):{_CELL}}" for metric in METRICS)
        lines.append(f"{_fitted(name)} {len(group):4}  {cells}".rstrip())
    return [*lines, *_confidence(rows)]


def comparison(rows: Sequence[Row], compared: Sequence[Compared]) -> list[str]:
    """A line for each other way: what it gains or loses; a star where the interval
    leaves 0 out."""
    lines = [
        f"{'compared with the index as it is':{_WIDTH + 5}}  "
        + "".join(f"{m:{_CELL}}" for m in METRICS).rstrip()
    ]
    for one in compared:
        known = differences(rows, one.result.rows)
        cells = "".join(f"{_gain(known.get(metric)):{_CELL}}" for metric in METRICS)
        lines.append(f"{_fitted(one.name)}       {cells}".rstrip())
    return [*lines, "* 0 lies outside the interval: the difference is more than chance"]


def as_json(result: Result, compared: Sequence[Compared]) -> dict[str, object]:
    """The same as values: figures of each group, differences, and what each way
    took."""
    return {
        "figures": {
            name: _estimates(figures(group)) for name, group in groups(result.rows)
        },
        "confident": dict(
            zip(
                ("answerable", "called_answered", "others", "refused"),
                _told(result.rows),
                strict=True,
            )
        ),
        "cost": _cost(result),
        "compared": {
            one.name: {
                "figures": {
                    name: _estimates(figures(group))
                    for name, group in groups(one.result.rows)
                },
                "differences": _estimates(differences(result.rows, one.result.rows)),
                "cost": _cost(one.result),
            }
            for one in compared
        },
    }


def _values(rows: Sequence[Row], value: Callable[[Row], float | None]) -> list[float]:
    return [
        found for row in rows if row.question.gold and (found := value(row)) is not None
    ]


def _confidence(rows: Sequence[Row]) -> list[str]:
    answerable, confident, others, refused = _told(rows)
    lines = (
        [f"called answered: {confident} of {answerable} questions that have an answer"]
        if answerable
        else []
    )
    return (
        [*lines, f"refused: {refused} of {others} that have none"] if others else lines
    )


def _told(rows: Sequence[Row]) -> tuple[int, int, int, int]:
    answerable = [row for row in rows if row.question.gold]
    others = [row for row in rows if not row.question.gold]
    confident = sum(row.confident for row in answerable)
    return (
        len(answerable),
        confident,
        len(others),
        sum(not row.confident for row in others),
    )


def _fitted(name: str) -> str:
    return f"{name if len(name) <= _WIDTH else name[: _WIDTH - 1] + '…':{_WIDTH}}"


def _shown(one: Estimate | None) -> str:
    return f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}]" if one else "-"


def _gain(one: Estimate | None) -> str:
    return (
        f"{one.mean:+.3f} [{one.low:+.3f}, {one.high:+.3f}]{'*' * one.is_clear}"
        if one
        else "-"
    )


def _estimates(known: Mapping[str, Estimate]) -> dict[str, object]:
    return {
        name: {k: round(v, 4) for k, v in asdict(one).items()}
        for name, one in known.items()
    }


def _cost(result: Result) -> dict[str, object]:
    asked = len(result.rows) or 1
    return {
        "passages_embedded": result.embedded,
        "making_seconds": round(result.making, 1),
        "question_ms": round(1000 * result.asking / asked, 1),
    }
