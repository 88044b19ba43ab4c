"""Vectors over many commits: base, tail and departures give what the rows would."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index.sqlite.commit import renew
from search.index.sqlite.doctor.check import examine_index
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.vectors import building, flat_codes
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import rounds
from tests.torture.soundness import found_vectors

MODEL = HashEmbedder()
WORDS = [
    "bread",
    "wine",
    "cheese",
    "salt",
    "dough",
    "oven",
    "yeast",
    "crust",
    "rye",
    "oats",
    "malt",
    "milk",
]


def post(number: int, chance: random.Random) -> tuple[Article, list[Passage]]:
    texts = [" ".join(chance.choices(WORDS, k=6)) for _ in range(chance.randint(1, 4))]
    blocks = tuple(Block("paragraph", text) for text in texts)
    made = Article(f"https://a.example/{number}", f"Post {number}", blocks=blocks)
    return made, list(map(Passage, texts))


def writer(directory, **options) -> SqliteWriter:
    return SqliteWriter(directory, MODEL, splitter=1, **options)


def files(directory) -> set[str]:
    return {path.name for path in directory.glob("vectors-*")}


def assert_exact(reader: SqliteIndex, chance: random.Random) -> None:
    """The nearest are those of all rows, compared one by one."""
    with reader.snapshot() as index:
        ids, rows = index.stored.all_vectors(MODEL.dimension)
        assert np.array_equal(np.sort(found_vectors(index)), ids)
        question = MODEL.encode_query(" ".join(chance.choices(WORDS, k=3))).vector
        products = np.einsum("ij,j->i", rows, question)
        for k in (1, 7):
            expected = np.lexsort((ids, -products))[:k]
            found, scores = index.nearest(question, k)
            assert found.tolist() == ids[expected].tolist()
            assert scores == pytest.approx(products[expected], abs=1e-6)


@pytest.fixture
def small(monkeypatch):
    """Tails of a size for tests, and few passages until FAISS compares them."""
    make_small(monkeypatch)


def make_small(patched) -> None:
    patched.setattr(building, "TAIL_LEAST", 6)
    patched.setattr(building, "TAIL_SHARE", 0.2)
    patched.setattr(flat_codes, "FAISS_FROM", 40)


@settings(max_examples=rounds(5, 300), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_sequence_of_changes_gives_the_nearest_of_the_rows(tmp_path_factory, seed):
    chance = random.Random(seed)
    directory = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patched:
        make_small(patched)
        index = writer(directory)
        index.add([post(0, chance)])
        index.commit()
        reader = SqliteIndex(directory)
        for _ in range(25):
            step = chance.choices(
                ("add", "forget", "commit", "reopen", "lose"), (12, 2, 6, 1, 1)
            )[0]
            if step == "add":
                some = [chance.randrange(30) for _ in range(chance.randint(1, 3))]
                index.add([post(number, chance) for number in some])
            elif step == "forget":
                index.forget(f"https://a.example/{chance.randrange(30)}")
            elif step == "lose":
                for name in files(directory):
                    (directory / name).unlink()
            elif step == "reopen":
                index.close()
                index = writer(directory)
            else:
                index.commit()
                assert_exact(reader, chance)
                assert_exact(SqliteIndex(directory), chance)
        index.commit()
        index.close()
        assert_exact(reader, chance)
        reader.close()


def test_a_commit_writes_no_vector_file_until_the_tail_has_grown(small, tmp_path):
    chance = random.Random(1)
    seen = []
    with writer(tmp_path) as index:
        for number in range(20):
            index.add([post(number, chance)])
            index.commit()
            with SqliteIndex(tmp_path).snapshot() as snapshot:
                view = snapshot.vectors
                seen.append((snapshot.manifest.vectors, len(view.tail), len(view.base)))
    names = [name for name, _, _ in seen]
    assert len(set(names)) < len(names) / 2
    assert max(tail for _, tail, _ in seen) > 6
    assert all(tail <= max(6, 0.2 * (tail + base)) for _, tail, base in seen)
    assert len(files(tmp_path)) <= 2


def test_a_base_grows_from_numpy_to_faiss(small, tmp_path):
    chance = random.Random(2)
    kinds = []
    reader = SqliteIndex(tmp_path)
    with writer(tmp_path) as index:
        for start in range(0, 36, 6):
            index.add([post(start + number, chance) for number in range(6)])
            index.commit()
            with reader.snapshot() as seen:
                kinds.append(seen.vectors.base.scan is not None)
            assert_exact(reader, chance)
    assert (kinds[0], kinds[-1]) == (False, True)
    assert_exact(SqliteIndex(tmp_path), chance)


def test_a_reader_reads_only_what_is_new(small, tmp_path):
    chance = random.Random(3)
    with writer(tmp_path) as index:
        index.add([post(number, chance) for number in range(20)])
        index.commit()
        reader = SqliteIndex(tmp_path)
        with reader.snapshot() as before:
            base = before.vectors.base
        index.add([post(1, chance)])
        index.commit()
        for name in files(tmp_path):  # which it doesn't need
            (tmp_path / name).unlink()
        with reader.snapshot() as after:
            assert after.vectors.base is base
            assert len(after.vectors) == after.manifest.passages
            assert 1 <= len(after.vectors.tail) <= 4
        assert_exact(reader, chance)


def test_a_reader_of_an_older_generation_keeps_it(small, tmp_path):
    """Two threads share the vectors, and one has begun before a commit."""
    chance = random.Random(4)
    with writer(tmp_path) as index:
        index.add([post(number, chance) for number in range(9)])
        index.commit()
        with SqliteIndex(tmp_path).snapshot() as old:
            known, count = old.manifest, len(old.vectors)
            current = SqliteIndex(tmp_path)
            index.add([post(1, chance), post(30, chance)])
            index.commit()
            with current.snapshot() as new:
                assert len(new.vectors) == new.manifest.passages != count
                again = current._vectors.of(known, old.connection)
                assert len(again) == count
                assert current._vectors.of(new.manifest, new.connection) is new.vectors


@pytest.mark.parametrize("number", [20, 90])
def test_what_is_forgotten_is_in_no_vector_file(small, tmp_path, number):
    chance = random.Random(5)
    with writer(tmp_path) as index:
        index.add([post(n, chance) for n in range(number)])
        index.commit()
        before = files(tmp_path)
        index.forget("https://a.example/3")
        index.commit()
        with SqliteIndex(tmp_path).snapshot() as seen:
            assert {seen.manifest.vectors}.isdisjoint(before)
            assert len(seen.vectors.gone) == len(seen.vectors.tail) == 0
            assert len(seen.vectors.base) == seen.manifest.passages


def test_a_process_that_ends_between_file_and_commit_leaves_the_state_before(
    small, tmp_path
):
    chance = random.Random(6)
    with writer(tmp_path) as index:
        index.add([post(number, chance) for number in range(9)])
        index.commit()
    before = files(tmp_path)
    child = os.fork()
    if not child:
        index = writer(tmp_path)
        index.add([post(number, chance) for number in range(9, 30)])
        index._publish = lambda _: os._exit(7)  # the file is there, the manifest not
        index.commit()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert len(files(tmp_path)) == 2
    assert_exact(SqliteIndex(tmp_path), chance)
    with writer(tmp_path) as index:
        index.add([post(40, chance)])
        index.commit()
    assert files(tmp_path) == before
    assert_exact(SqliteIndex(tmp_path), chance)


@pytest.mark.parametrize("number", [9, 60])
def test_another_state_of_the_rows_has_a_base_of_its_own(small, tmp_path, number):
    chance = random.Random(7)
    with writer(tmp_path) as index:
        index.add([post(n, chance) for n in range(number)])
        index.commit()
        index.add([post(2, chance)])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as seen:
        known = seen.manifest
    renew(tmp_path / DATABASE, tmp_path, newer_than=known.generation + 5)
    with SqliteIndex(tmp_path).snapshot() as seen:
        assert seen.manifest.generation == known.generation + 6
        assert seen.manifest.vectors != known.vectors
        assert len(seen.vectors.tail) == 0
    assert_exact(SqliteIndex(tmp_path), chance)


def test_a_base_of_other_vectors_is_not_taken_over(small, tmp_path):
    chance = random.Random(8)
    with writer(tmp_path) as index:
        index.add([post(n, chance) for n in range(9)])
        index.commit()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db, db:
        (vector,) = db.execute("SELECT vector FROM passages WHERE id = 2").fetchone()
        db.execute("UPDATE passages SET vector = ? WHERE id = 5", (vector,))
    (finding,) = [
        one
        for one in examine_index(tmp_path / DATABASE, tmp_path)
        if one.code == "vectors"
    ]
    assert finding.text == "The vector file and the rows don't hold the same vectors."
    renew(tmp_path / DATABASE, tmp_path, newer_than=1)
    with SqliteIndex(tmp_path).snapshot() as seen:
        found_vectors(seen)  # which compares them
    assert_exact(SqliteIndex(tmp_path), chance)


def test_departures_that_are_lost_are_noticed_by_their_number(small, tmp_path):
    chance = random.Random(9)
    with writer(tmp_path) as index:
        index.add([post(n, chance) for n in range(20)])
        index.commit()
        index.add([post(3, chance)])
        index.commit()
    assert [one.code for one in examine_index(tmp_path / DATABASE, tmp_path)] == []
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db, db:
        assert db.execute("DELETE FROM departed").rowcount > 0
    codes = [one.code for one in examine_index(tmp_path / DATABASE, tmp_path)]
    assert codes == ["vectors"]
    reader = SqliteIndex(tmp_path)
    with reader.snapshot() as seen:
        assert len(seen.vectors) == seen.manifest.passages
    assert_exact(reader, chance)


def test_an_index_of_an_older_release_is_read_and_brought_up_to_date(tmp_path):
    """Its manifest names a file of FAISS and no last id; nothing notes departures."""
    chance = random.Random(10)
    with writer(tmp_path) as index:
        index.add([post(n, chance) for n in range(9)])
        index.commit()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db, db:
        (value,) = db.execute("SELECT value FROM meta WHERE key='manifest'").fetchone()
        known = json.loads(value)
        (tmp_path / known["vectors"]).write_bytes(b"IxM2" + b"\0" * 4000)
        del known["vectors_upto"]
        db.execute(
            "UPDATE meta SET value = ? WHERE key = 'manifest'", [json.dumps(known)]
        )
        db.execute("DROP TRIGGER passage_departed")
        db.execute("DROP TABLE departed")
        db.execute("DROP TABLE segments")
        db.execute("DROP INDEX articles_by_labels")
        db.execute("ALTER TABLE articles DROP COLUMN tags")
        db.execute("ALTER TABLE articles DROP COLUMN collections")
        db.execute("ALTER TABLE digests DROP COLUMN words")
        db.execute("ALTER TABLE digests DROP COLUMN copies")
        db.execute("PRAGMA user_version = 8")
    assert_exact(SqliteIndex(tmp_path), chance)
    writer(tmp_path).close()
    with SqliteIndex(tmp_path).snapshot() as seen:
        assert seen.manifest.vectors_upto == seen.manifest.passages
        assert len(seen.vectors.tail) == 0
    assert_exact(SqliteIndex(tmp_path), chance)
