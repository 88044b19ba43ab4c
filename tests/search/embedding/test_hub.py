"""A model is fetched once, where a person names it, and is found without network ever
after."""

from __future__ import annotations

import gc
import os
import shutil

import pytest

from search.embedding.embedder import open_embedder
from search.embedding.hub import fetch_model, offline
from search.embedding.model_files import caches
from search.errors import ModelError
from tests.hubs import COMMIT, be_at_home, keep, publish
from tests.models import transformer_model
from tests.search.embedding.hostile_models import trap
from tests.sites import serving
from tests.watching import watching

NAME = "some/model"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return transformer_model(tmp_path_factory.mktemp("models") / "model", ["bread"])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home for what is fetched."""
    be_at_home(monkeypatch, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def hub(home, monkeypatch):
    """A hub of models on this machine; no other is asked."""
    with serving() as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url(""))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield site


def refused(name: str = NAME) -> str:
    with pytest.raises(ModelError) as caught:
        fetch_model(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_is_fetched_once_and_asks_nobody_after(hub, model, tmp_path):
    bringing = shutil.copytree(model, tmp_path / "published")
    trap(bringing / "pytorch_model.bin", tmp_path / "mark")
    (bringing / "onnx").mkdir()
    (bringing / "onnx" / "config.json").write_text("{}")
    (bringing / "evil.py").write_text("")
    publish(hub, NAME, bringing)
    fetch_model(NAME)
    asked = hub.asked()
    assert f"/{NAME}/resolve/{COMMIT}/model.safetensors" in asked
    assert not [path for path in asked if path.endswith((".bin", ".py"))]
    assert not [path for path in asked if "onnx" in path]
    with watching() as seen:
        fetch_model(NAME)
        assert open_embedder(NAME).dimension == 32
    assert hub.log == []
    assert seen.looked_up == seen.connected == []


def test_a_model_that_was_fetched_before_asks_nobody(home, model):
    keep(home, NAME, model)
    keep(home, "sentence-transformers/short", model)
    with watching() as seen:
        for name in (NAME, "short"):
            fetch_model(name)
            embedder = open_embedder(name)
            embedder.require_found()
            assert embedder.encode_query("bread").vector.shape == (32,)
    assert seen.looked_up == seen.connected == []


def test_what_is_lacking_of_a_model_is_fetched(hub, home, model):
    (keep(home, NAME, model) / "model.safetensors").unlink()
    publish(hub, NAME, model)
    with pytest.raises(ModelError, match="no weights"):
        open_embedder(NAME).require_found()
    fetch_model(NAME)
    assert open_embedder(NAME).dimension == 32


def test_a_name_that_an_index_brings_is_never_looked_up(hub, model):
    publish(hub, NAME, model)
    with watching() as seen, pytest.raises(ModelError) as caught:
        open_embedder(NAME).encode_query("bread")
    assert hub.log == seen.looked_up == seen.connected == []
    assert f"fetch it with: blog-indexer update --model {NAME}" in str(caught.value)


def test_a_model_of_pickles_is_told(hub, model, tmp_path):
    pickled = shutil.copytree(model, tmp_path / "published")
    (pickled / "model.safetensors").unlink()
    trap(pickled / "pytorch_model.bin", tmp_path / "mark")
    publish(hub, NAME, pickled)
    assert "There are no weights in" in refused()


def test_a_name_that_nothing_is_published_by_is_looked_up_once(hub):
    assert f"There is no model {NAME} at {hub.url('')}" in refused()
    assert hub.asked() == [f"/api/models/{NAME}"]
    gc.collect()  # an answer that was left open would warn, which is an error


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9", "nonsense", "http://127.0.0.1:x/"]
)
def test_a_hub_that_is_out_of_reach_is_said_in_a_sentence(home, monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert "can't be reached to fetch it" in refused()


def test_a_hub_that_gives_nonsense_is_said_in_a_sentence(hub):
    hub.put(f"/api/models/{NAME}", "[")
    hub.put(f"/api/models/{NAME}/revision/main", "[")
    assert "can't be fetched" in refused()


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_who_forbids_it_is_not_connected(hub, model, monkeypatch, variable):
    publish(hub, NAME, model)
    monkeypatch.setenv(variable, "1")
    assert "HF_HUB_OFFLINE forbids" in refused()
    assert hub.log == []


@pytest.mark.parametrize("name", ["short", "/nowhere/model", "../nowhere", "a/b/c"])
def test_what_is_no_name_of_the_hub_is_not_asked_for(hub, name):
    assert "There is no model" in refused(name)
    assert hub.log == []


def test_the_cache_is_where_the_environment_says(home, monkeypatch, tmp_path):
    assert caches()[0] == home / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "own"))
    assert caches()[0] == tmp_path / "own"
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "$HOME/x")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert caches()[0] == tmp_path / "x" / "huggingface" / "hub"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert caches()[0] == tmp_path / ".cache" / "huggingface" / "hub"


def test_a_version_does_not_lead_out_of_the_cache(home, model):
    snapshot = keep(home, NAME, model)
    main = snapshot.parents[1] / "refs" / "main"
    main.write_text(os.path.relpath(model, snapshot.parent))
    with pytest.raises(ModelError, match="not on this machine"):
        open_embedder(NAME).require_found()


def test_offline_ends_as_it_began(home):
    from huggingface_hub import constants, get_session

    before = constants.HF_HUB_OFFLINE
    with offline(), pytest.raises(Exception, match="offline mode is enabled"):
        get_session().get("http://127.0.0.1:9/")
    assert constants.HF_HUB_OFFLINE is before


def test_a_trap_in_the_cache_is_refused(home, model, tmp_path):
    snapshot = keep(home, NAME, model)
    (snapshot / "model.safetensors").unlink()
    trap(snapshot / "pytorch_model.bin", tmp_path / "mark")
    with pytest.raises(ModelError, match="are a pickle"):
        open_embedder(NAME).require_found()
    assert not (tmp_path / "mark").exists()
