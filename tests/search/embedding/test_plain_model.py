"""A model is plain where every file of it says so; any other is left to
sentence-transformers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from search.embedding.embedder import open_embedder
from search.embedding.model_files import model_folder
from search.embedding.plain_model import plain_model
from search.embedding.runtime import RuntimeEmbedder
from search.ports import DEFAULT_MODEL
from tests.models import bert_model, static_model
from tests.search.embedding.hostile_models import add_module, edit

POOLING = "1_Pooling/config.json"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return bert_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture
def copy(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "model")


def test_the_bundled_model_is_plain():
    model = plain_model(model_folder(DEFAULT_MODEL))
    assert (model.width, model.heads, model.layers, model.limit) == (384, 12, 6, 256)
    assert model.pooling == "mean"
    assert not any(model.prompts)


def test_sizes_are_those_of_its_configuration(sound):
    model = plain_model(sound)
    assert (model.width, model.heads, model.layers, model.inner) == (64, 4, 2, 96)
    assert (model.positions, model.limit) == (48, 48)
    # transformers 5.0 writes the older names of norms.
    shapes = {
        name.replace("gamma", "weight").replace("beta", "bias"): tuple(tensor.shape)
        for name, tensor in load_file(sound / "model.safetensors").items()
    }
    assert dict(model.shapes()) == shapes


def test_the_older_names_of_pooling_are_read(copy):
    old = {
        "word_embedding_dimension": 64,
        "pooling_mode_mean_tokens": False,
        "pooling_mode_cls_token": True,
        "pooling_mode_max_tokens": False,
    }
    (copy / POOLING).write_text(json.dumps(old))
    assert plain_model(copy).pooling == "cls"
    (copy / POOLING).write_text(json.dumps(old | {"pooling_mode_mean_tokens": True}))
    assert plain_model(copy) is None


def changed(name: str, **changes: object) -> Callable[[Path], None]:
    return lambda model: edit(model / name, **changes)


def written(name: str, body: bytes) -> Callable[[Path], None]:
    return lambda model: (model / name).write_bytes(body) and None


def dense(model: Path) -> None:
    add_module(model, "sentence_transformers.models.Dense")


OTHERS: dict[str, Callable[[Path], None]] = {
    "other network": changed("config.json", model_type="roberta"),
    "other function": changed("config.json", hidden_act="gelu_new"),
    "relative places": changed("config.json", position_embedding_type="relative_key"),
    "a decoder": changed("config.json", is_decoder=True),
    "quantized": changed("config.json", quantization_config={"bits": 4}),
    "other numbers": changed("config.json", dtype="float64"),
    "heads that do not fit": changed("config.json", num_attention_heads=5),
    "no layers": changed("config.json", num_hidden_layers=0),
    "layers in words": changed("config.json", num_hidden_layers="two"),
    "layers as a truth": changed("config.json", num_hidden_layers=True),
    "max pooling": changed(POOLING, pooling_mode="max"),
    "two ways of pooling": changed(POOLING, pooling_mode=["mean", "cls"]),
    "prompt left out": changed(POOLING, include_prompt=False),
    "something new of pooling": changed(POOLING, nonsense=1),
    "other width": changed(POOLING, embedding_dimension=32),
    "something new of reading": changed("sentence_bert_config.json", nonsense=1),
    "lower case": changed("sentence_bert_config.json", do_lower_case=True),
    "longer than its places": changed("sentence_bert_config.json", max_seq_length=49),
    "another kind of model": changed(
        "config_sentence_transformers.json", model_type="SparseEncoder"
    ),
    "cut off vectors": changed("config_sentence_transformers.json", truncate_dim=8),
    "prompts that are no texts": changed(
        "config_sentence_transformers.json", prompts={"query": 3}
    ),
    "a further part": dense,
    "no pooling": lambda model: shutil.rmtree(model / "1_Pooling"),
    "no tokenizer": lambda model: (model / "tokenizer.json").unlink(),
    **{
        f"{name} {body!r}": written(name, body)
        for name in ("config.json", POOLING, "config_sentence_transformers.json")
        for body in (b"", b"null", b"[3]", b"[" * 90_000, b'"x"')
    },
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_known_here_is_left_to_the_library(copy, name):
    OTHERS[name](copy)
    with pytest.raises((ValueError, OSError)):
        RuntimeEmbedder("model", copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda known: {f"x.{name}": tensor for name, tensor in known.items()},
        lambda known: dict(list(known.items())[1:]),
        lambda known: known | {"pooler.dense.bias": torch.zeros(3)},
        lambda known: (
            known | {"pooler.dense.bias": torch.zeros(64, dtype=torch.float16)}
        ),
        lambda known: {
            name: tensor.to(torch.float16) for name, tensor in known.items()
        },
        lambda known: {
            name: tensor.to(torch.float64) for name, tensor in known.items()
        },
    ],
    ids=["names", "one missing", "shape", "one kind", "all of another kind", "float64"],
)
def test_weights_of_other_names_shapes_or_kinds_are_left_to_the_library(copy, change):
    path = copy / "model.safetensors"
    save_file(change(load_file(path)), path, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"weights|values to unpack"):
        RuntimeEmbedder("model", copy)


def test_any_other_model_goes_through_sentence_transformers(copy, tmp_path):
    (tmp_path / "static").mkdir()
    static = open_embedder(str(static_model(tmp_path / "static" / "x", ["bread"])))
    assert static.encode_passages(["bread"])[0].tokens.shape == (0, 48)
    edit(copy / POOLING, pooling_mode="max")
    pooled = open_embedder(str(copy))
    assert pooled.encode_query("bread").vector.shape == (64,)
    assert type(pooled._embedder).__name__ == "SentenceEmbedder"
