"""The text format of Prometheus, written.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number under its labels; ``ending`` is what follows the metric's name."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric with its samples; ``about`` is a sentence for whoever reads the page."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str
    samples: tuple[Sample, ...]


def exposition(metrics: Iterable[Metric]) -> str:
    """Write metrics, each with its lines of HELP and TYPE before its samples."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def number(value: float) -> str:
    """Write a number as Go reads it: whole ones without a point, infinity as +Inf."""
    if value == float("inf"):
        return "+Inf"
    if value == int(value):
        return str(int(value))
    return repr(float(value))


def _lines(metric: Metric) -> Iterable[str]:
    about = metric.about.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {metric.name} {about}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        labels = ",".join(
            f'{name}="{_escaped(value)}"' for name, value in sample.labels.items()
        )
        shown = f"{{{labels}}}" if labels else ""
        yield f"{metric.name}{sample.ending}{shown} {number(sample.value)}"


def _escaped(value: str) -> str:
    # The backslash first: the others bring some along.
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
