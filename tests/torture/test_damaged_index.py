"""Databases that are really damaged: a sentence or a whole index, nothing between."""

from __future__ import annotations

import random
import shutil
from collections import Counter

import pytest

from indexer.maintenance.doctor import examine_all, repair
from search.errors import BlogsearchError
from tests.stocked import answers, blank, cut, flip, held, scribble, stock
from tests.torture.scale import rounds

ARTICLES = 20
ROUNDS = rounds(8, 600)
HARMS = {
    "one bit": flip,
    "three bits": lambda path, chance: flip(path, chance, bits=3),
    "fifty bits": lambda path, chance: flip(path, chance, bits=50),
    "a page of zeros": blank,
    "a page of another's bytes": scribble,
    "the end lost": cut,
}
FILES = ("index.sqlite", "index.sqlite", "index.sqlite", "ledger.sqlite")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    directory = tmp_path_factory.mktemp("whole") / "index"
    model = stock(directory, ARTICLES)
    for beside in [*directory.glob("*-wal"), *directory.glob("*-shm")]:
        beside.unlink()
    assert examine_all(directory, model).findings == []
    return directory, model


def test_damage_is_named_and_never_answered_from(whole, tmp_path):
    whole, model = whole
    before, said_before = held(whole), answers(whole, model)
    seed = random.randrange(1 << 30)
    chance, told = random.Random(seed), Counter()
    for number in range(ROUNDS):
        directory = tmp_path / str(number)
        shutil.copytree(whole, directory)
        how, name = chance.choice([*HARMS]), chance.choice(FILES)
        # Shown when the test fails.
        print(f"seed {seed}, round {number}: {how} in {name}")
        HARMS[how](directory / name, chance)
        damaged = (directory / name).read_bytes()
        try:
            health = examine_all(directory, model)
            done = list(repair(directory, model, health))
            left = examine_all(directory, model)
        except BlogsearchError as error:
            told[f"refused: {error}"] += 1
            assert (directory / name).read_bytes() == damaged
            continue
        if not health.findings:
            told["no harm"] += 1
            assert answers(directory, model) == said_before
        elif left.findings:
            told["named"] += 1
            assert left.lost()
            assert left.notes
        else:
            told["derived again"] += 1
            assert done
            assert held(directory) == before
            assert answers(directory, model) == said_before
        shutil.rmtree(directory)
    print(told)
