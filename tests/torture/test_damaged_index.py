"""Databases that are really damaged: what is wrong is told, the rest kept or fetched
again."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter

import pytest

from indexer.ledger.ledger import Ledger
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


def most_on_a_page(directory) -> int:
    """How many articles lie on one page at most."""
    db = sqlite3.connect(f"file:{directory / 'index.sqlite'}?mode=ro", uri=True)
    row = db.execute(
        "SELECT max(ncell) FROM dbstat WHERE name = 'articles' AND pagetype = 'leaf'"
    ).fetchone()
    db.close()
    return row[0]


def test_damage_is_told_and_mended(whole, tmp_path):
    whole, model = whole
    before, said_before, on_a_page = (
        held(whole),
        answers(whole, model),
        most_on_a_page(whole),
    )
    seed = random.randrange(1 << 30)
    chance, told = random.Random(seed), Counter()
    for number in range(ROUNDS):
        directory = tmp_path / str(number)
        shutil.copytree(whole, directory)
        how, name = chance.choice([*HARMS]), chance.choice(FILES)
        print(
            f"seed {seed}, round {number}: {how} in {name}"
        )  # shown when the test fails
        HARMS[how](directory / name, chance)
        try:
            health = examine_all(directory, model)
        except BlogsearchError as error:
            told[f"refused: {error}"] += 1  # hardly anything is left of it
            assert how == "the end lost"
            assert (
                directory / name
            ).stat().st_size < 131072  # a tenth: hardly a table is left
            continue
        if not health.findings:
            told["no harm"] += 1
            assert answers(directory, model) == said_before
            continue
        told["told"] += 1
        said = " ".join(repair(directory, model, health))
        assert examine_all(directory, model).findings == []
        answers(directory, model)
        assert health.codes() <= {"leftovers", "ledger-ahead"} or [
            *directory.glob(f"{name}.damaged-*")
        ]
        now = held(directory)
        changed = [url for url in now if now[url] != before.get(url)]
        lost = before.keys() - now.keys()
        told["lost"] += len(lost)
        assert now.keys() <= before.keys()
        assert not changed or "may have changed" in said
        assert (
            not lost
            or "the next update fetches them again" in said
            or how == "the end lost"
        )
        if how == "one bit" or how.startswith("a page"):
            assert len(lost) <= on_a_page
        elif how != "the end lost":
            assert len(lost) <= on_a_page * 50
        with_ledger = Ledger(directory)
        assert [page.url for page in with_ledger.pages() if page.article in lost] == []
        with_ledger.close()
        shutil.rmtree(directory)
    print(told)
