"""A model that gives a text a vector for each token, or one that is as long as its
vocabulary, is refused with a sentence: the library would mean them in silence."""

from __future__ import annotations

import pytest
from sentence_transformers import MultiVectorEncoder

from search.embedding.embedder import open_embedder
from search.errors import ModelError
from tests.models import bert_model
from tests.search.embedding.hostile_models import edit

ABOUT = "config_sentence_transformers.json"


@pytest.fixture
def model(tmp_path):
    return bert_model(tmp_path / "model")


def refused(folder) -> str:
    with pytest.raises(ModelError, match="not give a text one vector") as caught:
        open_embedder(str(folder)).encode_passages(["the bread"])
    with pytest.raises(ModelError, match="not give a text one vector"):
        open_embedder(str(folder)).require_found()
    return str(caught.value)


def test_one_that_the_library_wrote_is_refused(tmp_path, model):
    encoder = MultiVectorEncoder(str(tmp_path / "model-base"), device="cpu")
    encoder.save_pretrained(str(tmp_path / "tokens"))
    assert "MultiVectorEncoder" in refused(tmp_path / "tokens")


@pytest.mark.parametrize("kind", ["ColBERT", "SparseEncoder", "CrossEncoder", 3])
def test_the_kind_of_the_whole_model_is_read(model, kind):
    open_embedder(str(model)).require_found()
    edit(model / ABOUT, model_type=kind)
    assert str(kind) in refused(model)


@pytest.mark.parametrize("name", ["HF_ColBERT", "ColModernBertForRetrieval"])
def test_the_network_of_one_is_known_by_its_name(model, name):
    """As colbert-ir/colbertv2.0 is published, without a word of the library's own."""
    for own in (ABOUT, "modules.json"):
        (model / own).unlink()
    open_embedder(str(model)).require_found()
    edit(model / "config.json", architectures=[name])
    assert name in refused(model)
