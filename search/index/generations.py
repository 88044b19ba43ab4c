"""The manifest of an index's next generation, as every home makes it.

Knows no home; nothing is stored here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from search.manifest import Manifest
from search.ports import Embedder
from search.ranking.confidence import background
from search.snapshot_port import Snapshot

# Passages; twice as many move the mean by less than 0.01.
BACKGROUND_SAMPLE = 500
# Of an index, the part whose change is much: it is then calibrated and examined again,
# so that both cost what changes, and not what there is.
MUCH = 20  # times


def next_generation(
    known: Manifest | None, model: Embedder, *, splitter: int
) -> Manifest:
    """Return the manifest of the next generation, with all else as it was."""
    return replace(
        known or Manifest("", "", dimension=0, splitter=0),
        model=model.name,
        fingerprint=model.fingerprint,
        dimension=model.dimension,
        splitter=splitter,
        generation=known.generation + 1 if known else 1,
    )


def is_much(passages: int, known: Manifest) -> bool:
    """Tell if so many passages that came or went are much of an index."""
    return passages * MUCH >= known.passages


def with_background(known: Manifest, index: Snapshot) -> Manifest:
    """Return a manifest with the background of the passages of an index."""
    # Of the same generation always the same ones.
    sample = index.sample(BACKGROUND_SAMPLE)
    usual = background(sample.articles, sample.vectors)
    return replace(known, background_mean=usual.mean, background_spread=usual.spread)


def now() -> str:
    """Return the time as a manifest has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
