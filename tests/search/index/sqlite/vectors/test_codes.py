"""Codes of vectors, flat and in lists: the nearest are those of the vectors themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index.sqlite.vectors import flat_codes
from search.index.sqlite.vectors.building import merged
from search.index.sqlite.vectors.flat_codes import FlatCodes, room
from search.index.sqlite.vectors.quantizer import Quantizer
from search.index.sqlite.vectors.tail import Tail
from search.index.sqlite.vectors.view import VectorView
from tests.fakes import ExactIndex
from tests.torture.scale import rounds

DIMENSION = 8


def unit(rows: int, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(rows, DIMENSION))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values.astype(np.float32)


def coded(ids: np.ndarray, vectors: np.ndarray) -> FlatCodes:
    codes, scan = room(len(ids), DIMENSION)
    codes[:], quantizer = Quantizer.up_to(float(np.abs(vectors).max(initial=0))).encode(
        vectors
    )
    return FlatCodes(ids, codes, quantizer, scan=scan)


class Held:
    """A view of a base and a tail over vectors by id, in the place of rows."""

    def __init__(self, vectors: np.ndarray, ids: np.ndarray, split: int) -> None:
        self.rows = dict(zip(ids.tolist(), vectors, strict=True))
        base = coded(ids[:split], vectors[:split])
        tail = Tail(base.quantizer, DIMENSION)
        tail.add(ids[split:], vectors[split:])
        self.base, self.tail = base, tail

    def without(self, gone: np.ndarray) -> VectorView:
        self.rows = {n: v for n, v in self.rows.items() if n not in set(gone.tolist())}
        return VectorView(self.base, self.tail.codes(), gone)

    def stored(self, ids) -> tuple[np.ndarray, np.ndarray]:
        found = [n for n in ids if n in self.rows]
        rows = np.array([self.rows[n] for n in found], np.float32)
        return np.array(found, np.int64), rows.reshape(-1, DIMENSION)


@pytest.fixture(params=["numpy", "faiss"])
def comparing(request, monkeypatch):
    """Flat codes are compared by numpy, and by FAISS from the first one on."""
    if request.param == "faiss":
        monkeypatch.setattr(flat_codes, "FAISS_FROM", 1)


@settings(max_examples=rounds(60, 2000), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(2, 200),
    k=st.integers(1, 60),
    share=st.sampled_from([None, 0.02, 0.3, 1.0]),
    by_faiss=st.booleans(),
    copies=st.booleans(),
)
def test_the_nearest_are_those_of_the_vectors(seed, rows, k, share, by_faiss, copies):
    chance = np.random.default_rng(seed)
    ids = np.sort(chance.choice(rows * 3, rows, replace=False)) + 1
    vectors = unit(rows, seed)
    if copies:  # ties go by the smaller id
        vectors = vectors[chance.integers(0, 1 + rows // 4, rows)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flat_codes, "FAISS_FROM", 1 if by_faiss else 1 << 40)
        held = Held(vectors, ids, int(chance.integers(1, rows)))
        view = held.without(np.sort(chance.choice(ids, rows // 5, replace=False)))
        oracle = ExactIndex(DIMENSION)
        oracle.add(np.array(list(held.rows)), list(held.rows.values()))
        assert len(view) == len(oracle)
        allowed = None
        if share is not None:
            among = np.array(list(held.rows))
            allowed = chance.permutation(among)[: max(1, int(share * len(among)))]
        question = unit(1, seed ^ 1)[0]
        found, scores = view.nearest(question, k, allowed, held.stored)
        expected, exact = oracle.nearest(question, k, allowed)
    assert scores == pytest.approx(exact, abs=1e-6)
    assert found.tolist() == expected.tolist()


def test_more_candidates_are_looked_at_where_codes_say_too_little(comparing):
    """Vectors so near to each other that all have one code but for two."""
    vectors = np.repeat(unit(1), 900, axis=0)
    vectors[:, 0] += np.linspace(0, 1e-4, 900, dtype=np.float32)
    vectors[0] = -vectors[0]
    held = Held(vectors, np.arange(1, 901), 800)
    view = held.without(np.array([], np.int64))
    found, _ = view.nearest(
        np.eye(DIMENSION, dtype=np.float32)[0], 3, None, held.stored
    )
    assert found.tolist() == [900, 899, 898]


def test_of_copies_the_first_come(comparing):
    held = Held(np.repeat(unit(1), 3000, axis=0), np.arange(1, 3001), 2500)
    view = held.without(np.array([2], np.int64))
    found, _ = view.nearest(unit(1)[0], 3, None, held.stored)
    assert found.tolist() == [1, 3, 4]


def test_a_coordinate_that_is_cut_off_is_still_found_by_its_vector(comparing):
    """The tail's vectors reach further than those that the step was taken from."""
    vectors = np.full((40, DIMENSION), 0.1, np.float32)
    vectors += np.random.default_rng(1).normal(size=vectors.shape).astype("f4") * 0.01
    vectors[39] = np.eye(DIMENSION)[0] * 5
    held = Held(vectors, np.arange(1, 41), 30)
    view = held.without(np.array([], np.int64))
    question = np.eye(DIMENSION, dtype=np.float32)[0]
    found, scores = view.nearest(question, 1, None, held.stored)
    assert (found.tolist(), scores.tolist()) == ([40], [5.0])


def test_all_that_is_allowed_is_found_however_little_that_is(comparing):
    vectors = unit(1500)
    held = Held(vectors, np.arange(1, 1501), 1400)
    view = held.without(np.array([7, 1490]))
    for step in (1, 2, 7, 100, 1400):
        allowed = np.arange(7, 1600, step)
        found, scores = view.nearest(vectors[0], 20, allowed, held.stored)
        rows = sorted(held.rows.keys() & set(allowed.tolist()))
        products = np.array([held.rows[n] @ vectors[0] for n in rows])
        best = np.lexsort((rows, -products))[:20]
        assert found.tolist() == np.array(rows)[best].tolist()
        assert scores == pytest.approx(products[best], abs=1e-6)
    assert len(view) == 1498


def test_an_empty_index_finds_nothing():
    none = np.empty((0, DIMENSION), np.float32)
    held = Held(none, np.array([], np.int64), 0)
    view = held.without(np.array([], np.int64))
    assert len(view.nearest(unit(1)[0], 5, None, held.stored)[0]) == len(view) == 0


def test_a_tail_that_grows_changes_nothing_that_was_given_out():
    vectors = unit(900)
    tail = Tail(Quantizer.up_to(float(np.abs(vectors).max(initial=0))), DIMENSION)
    tail.add(np.arange(1, 201), vectors[:200])
    before = tail.codes()
    ids, codes = before.ids.copy(), before.codes.copy()
    tail.add(np.arange(201, 901), vectors[200:])
    assert np.array_equal(before.ids, ids)
    assert np.array_equal(before.codes, codes)
    assert tail.codes().ids.tolist() == list(range(1, 901))


@pytest.mark.parametrize(("longest", "is_merged"), [(1.2, True), (1.3, False)])
def test_a_base_is_made_again_where_a_later_vector_was_cut_off(longest, is_merged):
    vectors = np.clip(unit(900), -0.5, 0.5)
    vectors[899, 0] = 0.5 * longest
    view = Held(vectors, np.arange(1, 901), 800).without(np.array([], np.int64))
    # Else one vector would put the places of all others in doubt.
    assert (merged(view) is not None) == is_merged


def test_damaged_vectors_have_some_code():
    vectors = np.array([[np.nan, np.inf], [-np.inf, 1e38]], np.float32)
    codes, quantizer = Quantizer.up_to(float(np.abs(vectors).max(initial=0))).encode(
        vectors
    )
    assert codes.shape == (2, 2)
    assert quantizer.error >= 0
