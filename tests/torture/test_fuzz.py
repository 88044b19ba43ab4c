"""Fuzzing: no bytes make the readers of feeds, link pages, questions and texts fail but
by an error of ours.

The corpus that the fuzzer found is read anew in every run of the tests; under ``make
torture`` the fuzzer itself looks for more (tests/torture/fuzzing.py).
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.fuzzing import CORPUS, TARGETS, corpus, timed
from tests.torture.scale import FULL, rounds

# a target; the ten minutes of docs/reliability.md: see fuzzing.py
SECONDS = rounds(0, 60)
LARGEST_CORPUS = 300_000  # bytes


@pytest.mark.parametrize("target", TARGETS)
def test_what_the_fuzzer_found_is_read(target):
    inputs = corpus(target)
    assert len(inputs) > 20
    for data in inputs:
        timed(TARGETS[target], data)


def test_the_corpus_stays_small():
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < LARGEST_CORPUS


@pytest.mark.skipif(not FULL, reason="make torture")
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris comes for Linux on x86-64 only",
)
@pytest.mark.parametrize("target", TARGETS)
def test_the_fuzzer_finds_nothing(target, tmp_path):
    command = [
        sys.executable,
        "-m",
        "tests.torture.fuzzing",
        target,
        str(tmp_path / "corpus"),
    ]
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [*command, f"-max_total_time={SECONDS}"],
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True,
        timeout=10 * SECONDS + 60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
