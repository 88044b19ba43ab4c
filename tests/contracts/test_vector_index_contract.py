"""What every VectorIndex promises, held over FAISS and over the numpy oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index.sqlite.faiss_vectors import FaissIndex
from tests.fakes import ExactIndex
from tests.torture.scale import rounds

DIMENSION = 8
BOTH = pytest.mark.parametrize("make", [FaissIndex, ExactIndex])


def unit(rows: int, seed: int = 0) -> np.ndarray:
    values = (
        np.random.default_rng(seed).normal(size=(rows, DIMENSION)).astype(np.float32)
    )
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@BOTH
def test_an_empty_index_finds_nothing(make):
    ids, scores = make(DIMENSION).nearest(unit(1)[0], 5)
    assert len(ids) == len(scores) == 0


@BOTH
def test_finds_the_vector_itself_first_with_its_cosine(make):
    index, vectors = make(DIMENSION), unit(20)
    index.add(np.arange(100, 120), vectors)
    ids, scores = index.nearest(vectors[7], 3)
    assert ids[0] == 107
    assert scores[0] == pytest.approx(1.0, abs=1e-5)
    assert list(scores) == sorted(scores, reverse=True)


@BOTH
def test_fewer_than_k_come_back_where_fewer_exist(make):
    index = make(DIMENSION)
    index.add(np.array([4, 9]), unit(2))
    ids, scores = index.nearest(unit(1)[0], 10)
    assert sorted(ids) == [4, 9]
    assert len(scores) == 2


@BOTH
def test_only_allowed_ids_come_back_and_as_many_as_exist(make):
    index, vectors = make(DIMENSION), unit(50)
    index.add(np.arange(50), vectors)
    ids, _ = index.nearest(vectors[0], 5, np.array([40, 41, 42, 999]))
    assert sorted(ids) == [40, 41, 42]
    assert len(index.nearest(vectors[0], 5, np.array([], np.int64))[0]) == 0


@BOTH
def test_removed_ids_are_gone_and_unknown_ones_passed_over(make):
    index, vectors = make(DIMENSION), unit(10)
    index.add(np.arange(10), vectors)
    index.remove(np.array([3, 77]))
    assert len(index) == 9
    assert 3 not in index.nearest(vectors[3], 10)[0]


@BOTH
def test_equal_scores_come_by_smaller_id(make):
    index, vector = make(DIMENSION), unit(1)
    index.add(np.array([9, 2, 5]), np.repeat(vector, 3, axis=0))
    assert list(index.nearest(vector[0], 2)[0]) == [2, 5]


@settings(max_examples=rounds(50, 1000), deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 50), st.booleans())
def test_faiss_agrees_with_the_oracle(seed, rows, k, filtered):
    vectors, numbers = unit(rows, seed), np.arange(rows) * 3 + 1
    one, other = FaissIndex(DIMENSION), ExactIndex(DIMENSION)
    for index in (one, other):
        index.add(numbers, vectors)
        index.remove(numbers[::4])
    allowed = numbers[::2] if filtered else None
    question = unit(1, seed ^ 1)[0]
    ids, scores = one.nearest(question, k, allowed)
    expected, exact = other.nearest(question, k, allowed)
    assert list(ids) == list(expected)
    assert scores == pytest.approx(exact, abs=1e-5)
