"""Tensors as they lie in a safetensors file, whole or harmed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from search.embedding.weights import Weights
from tests.torture.scale import rounds

KINDS = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=3)


def tensors(kind: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(4)
    made = {"table": torch.randn(40, 6), "row": torch.randn(6), "all": torch.ones(1)}
    return {name: tensor.to(KINDS[kind]) for name, tensor in made.items()}


@pytest.fixture(params=KINDS)
def kept(request, tmp_path):
    """Tensors, and the file that they lie in."""
    known = tensors(request.param)
    save_file(known, tmp_path / "x.safetensors", metadata={"format": "pt"})
    return known, tmp_path / "x.safetensors"


def test_each_tensor_is_read_as_the_library_has_it(kept):
    known, path = kept
    weights = Weights(path)
    assert set(weights.tensors) == set(known)
    for name, tensor in known.items():
        found = weights.read(name)
        assert found.dtype == np.float32
        assert np.array_equal(found, tensor.float().numpy())


def test_rows_are_those_of_the_table_in_the_order_asked_for(kept):
    known, path = kept
    numbers = np.array([39, 0, 7, 7])
    found = Weights(path).rows("table", numbers)
    assert found.dtype == np.float32
    assert np.array_equal(found, known["table"].float().numpy()[numbers])
    assert Weights(path).rows("table", np.array([], np.int64)).shape == (0, 6)


@pytest.mark.parametrize("number", [-1, 40, 10**9])
def test_a_row_that_is_not_there_is_refused(kept, number):
    with pytest.raises(ValueError, match="more words than its weights"):
        Weights(kept[1]).rows("table", np.array([0, number]))


def test_a_file_that_is_cut_off_while_it_is_open_is_told(kept):
    """Mapped into memory it would end the process."""
    _, path = kept
    weights = Weights(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1)
    last = max(weights.tensors, key=lambda name: weights.tensors[name].end)
    with pytest.raises(ValueError, match="cut off"):
        weights.read(last)
    with pytest.raises(ValueError, match="cut off"):
        weights.fingerprint("", {last: last})


def test_a_file_put_in_its_place_changes_nothing(kept, tmp_path):
    known, path = kept
    weights = Weights(path)
    other = {name: tensor * 2 for name, tensor in known.items()}
    save_file(other, tmp_path / "other")
    (tmp_path / "other").replace(path)
    assert np.array_equal(weights.read("row"), known["row"].float().numpy())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(tmp_path, value):
    for kind in KINDS:
        known = tensors(kind)
        known["table"][20, 3] = value
        save_file(known, tmp_path / kind)
        weights = Weights(tmp_path / kind)
        with pytest.raises(ValueError, match="no numbers"):
            weights.read("table")
        with pytest.raises(ValueError, match="no numbers"):
            weights.rows("table", np.array([20]))


@settings(max_examples=rounds(30, 500), deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.lists(SIZES, min_size=1, max_size=4))
def test_any_shapes_are_read(tmp_path_factory, kind, shapes):
    path = tmp_path_factory.mktemp("any") / "x"
    known = {
        str(place): torch.randn(shape).to(KINDS[kind])
        for place, shape in enumerate(shapes)
    }
    save_file(known, path)
    weights = Weights(path)
    for name, tensor in known.items():
        assert np.array_equal(weights.read(name), tensor.float().numpy())
