"""Vectors as they are stored, in today's form and in that of older programs."""

from contextlib import closing

import numpy as np
import pytest

from indexer.maintenance.doctor import examine_all
from search.index.sqlite import articles
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import SqliteWriter
from search.index.stored_vectors import (
    as_stored,
    stored_lengths,
    stored_vector,
    vectors_of,
)
from search.text.embedding_text import embedding_text
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.soundness import found_vectors

TEXTS = ("sourdough in a cold room", "trains over the Alps", "the offside rule")


def unit(count: int, dimension: int) -> np.ndarray:
    rows = np.random.default_rng(3).normal(size=(count, dimension)).astype("f4")
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def off(rows: np.ndarray) -> np.ndarray:
    """How far each coordinate may be from what was embedded: half a step."""
    return np.abs(rows).max(axis=1, keepdims=True) / 253


def older(vector: np.ndarray) -> bytes:
    return np.asarray(vector, "<f4").tobytes()


@pytest.mark.parametrize("dimension", [1, 2, 7, 64, 384])
def test_both_forms_are_read_in_the_order_in_which_they_come(dimension):
    rows = unit(9, dimension)
    for forms in ([stored_vector] * 9, [older] * 9, [stored_vector, older, older] * 3):
        stored = [form(row) for form, row in zip(forms, rows, strict=True)]
        assert {*map(len, stored)} <= {*stored_lengths(dimension)}
        found = vectors_of(stored)
        assert (found.dtype, found.shape) == (np.float32, rows.shape)
        assert (np.abs(found - rows) <= off(rows)).all()
    assert np.array_equal(vectors_of([*map(older, rows)]), rows)


def test_what_was_read_is_stored_again_as_it_was():
    for row in [*unit(20, 384), np.zeros(384, np.float32), np.eye(384, dtype="f4")[3]]:
        assert stored_vector(as_stored(row)) == stored_vector(row)


@pytest.mark.parametrize(
    "damaged",
    [[], [b"abc" * 2], [b"x" * 33, b"x" * 35], [b"x" * 64, b"x" * 37], [b"\0" * 69]],
)
def test_what_are_no_vectors_of_one_dimension_is_refused(damaged):
    with pytest.raises(ValueError):  # noqa: PT011  # numpy's own
        vectors_of(damaged)


def article(number: int) -> tuple[Article, list[Passage]]:
    text = TEXTS[number]
    url = f"https://a.example/{number}"
    return Article(url, "Post", blocks=(Block("paragraph", text),)), [Passage(text)]


def test_an_older_index_grows_without_embedding_anything_twice(tmp_path, monkeypatch):
    with (
        monkeypatch.context() as before,
        SqliteWriter(tmp_path, HashEmbedder(), splitter=1) as index,
    ):
        before.setattr(articles, "stored_vector", older)
        index.add([article(0), article(1)])
        index.commit()
    model = HashEmbedder()
    with SqliteWriter(tmp_path, model, splitter=1) as index:
        added = index.add([article(1), article(2)])
        index.commit()
        lengths = index._db.execute("SELECT length(vector) FROM passages ORDER BY id")
        assert [row[0] for row in lengths] == [256, 69, 69]
    assert (added.embedded, added.reused, len(model.embedded)) == (1, 1, 1)
    assert examine_all(tmp_path, HashEmbedder()).findings == []
    with closing(SqliteIndex(tmp_path)) as home, home.snapshot() as index:
        ids, rows = index.stored.all_vectors(64)
        assert np.array_equal(found_vectors(index), ids)
        texts = [embedding_text(Passage(text), "Post") for text in TEXTS]
        expected = model.embed_passages(texts)
        assert (np.abs(rows - expected) <= off(expected)).all()
        for number, row in zip(ids, rows, strict=True):
            found, cosines = index.nearest(row, 3)
            assert found[0] == number
            assert index.similarities(found.tolist(), row) == pytest.approx(
                dict(zip(found.tolist(), cosines.tolist(), strict=True)), abs=1e-7
            )
        assert index.sample(3).vectors.shape == (3, 64)
