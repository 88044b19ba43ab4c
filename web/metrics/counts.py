"""Counters of what questions came to and how long they took, for several threads."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from typing import Literal, get_args

from search.errors import QueryError
from search.types import Answer, Nearby
from web.error_responses import Busy, Starting
from web.metrics.exposition import Metric, Sample, number

Kind = Literal["question", "suggestion", "text"]
Outcome = Literal["answered", "refused", "invalid", "busy", "error"]
# Upper bounds in seconds. A question takes some hundredths, a long text some seconds,
# and what waits for its turn or for the model up to 15 more (web/engine_gate.py).
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, float("inf"))


def outcome_of(result: Answer | Nearby | BaseException) -> Outcome:
    """Tell what became of a question."""
    match result:
        case Answer(confident=False) | Nearby(hits=()):
            return "refused"
        case Answer() | Nearby():
            return "answered"
        case QueryError():
            return "invalid"
        case Busy() | Starting():
            return "busy"
    return "error"


class Counts:
    """The counters of one process, from its start on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._outcomes: Counter[tuple[Kind, Outcome]] = Counter()
        # Per kind: how many fell to each bound and not to a lower one, and their sum.
        self._buckets: dict[Kind, list[int]] = {
            kind: [0] * len(BOUNDS) for kind in get_args(Kind)
        }
        self._seconds: dict[Kind, float] = dict.fromkeys(get_args(Kind), 0.0)
        self._turned_away = 0

    def note(self, kind: Kind, outcome: Outcome, seconds: float) -> None:
        """Count a question that has its answer, ``seconds`` after it came to the gate."""
        place = bisect_left(BOUNDS, seconds)
        with self._lock:
            self._outcomes[kind, outcome] += 1
            self._buckets[kind][place] += 1
            self._seconds[kind] += seconds

    def note_failure(self, kind: Kind, outcome: Outcome) -> None:
        """Count a question without an answer; among the seconds of the others its own,
        often none, would make the server look quick."""
        with self._lock:
            self._outcomes[kind, outcome] += 1

    def note_turned_away(self) -> None:
        """Count a request that waited too long for a thread; nobody looked what it was."""
        with self._lock:
            self._turned_away += 1

    def metrics(self) -> list[Metric]:
        """Give the counters as of one moment. All are there from the start, so that the
        first error is a step from 0."""
        with self._lock:
            outcomes = dict(self._outcomes)
            buckets = {kind: list(counts) for kind, counts in self._buckets.items()}
            seconds = dict(self._seconds)
            turned_away = self._turned_away
        total = Metric(
            "blogsearch_questions_total",
            "counter",
            "Questions since the start: answered, refused (nothing in the index answers), invalid,"
            " not taken as too many were asked (busy), or failed (error).",
            tuple(
                Sample(
                    outcomes.get((kind, outcome), 0), {"kind": kind, "outcome": outcome}
                )
                for kind in get_args(Kind)
                for outcome in get_args(Outcome)
            ),
        )
        latency = Metric(
            "blogsearch_question_seconds",
            "histogram",
            "Seconds from a question's turn to its answer, where it got one.",
            tuple(
                sample
                for kind, counts in buckets.items()
                for sample in _histogram(kind, counts, seconds[kind])
            ),
        )
        away = Metric(
            "blogsearch_turned_away_total",
            "counter",
            "Requests that waited too long for a thread.",
            (Sample(turned_away),),
        )
        return [total, latency, away]


def _histogram(kind: Kind, counts: list[int], seconds: float) -> list[Sample]:
    samples, so_far = [], 0
    for bound, count in zip(BOUNDS, counts, strict=True):
        so_far += count
        labels = {"kind": kind, "le": number(bound)}
        samples.append(Sample(so_far, labels, "_bucket"))
    samples.append(Sample(seconds, {"kind": kind}, "_sum"))
    samples.append(Sample(so_far, {"kind": kind}, "_count"))
    return samples
