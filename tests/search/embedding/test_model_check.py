"""Nothing of a model runs by being loaded, whatever lies in its folder, and what can't
be loaded is said in one sentence."""

from __future__ import annotations

import pickle
import shutil

import pytest

from search.embedding.embedder import open_embedder
from search.embedding.model_check import loaded_files
from search.errors import ModelError
from tests.models import transformer_model
from tests.search.embedding.hostile_models import HOSTILE, PICKLES, Trap
from tests.watching import watching

WORDS = ["bread", "salt", "water"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return transformer_model(tmp_path_factory.mktemp("models") / "sound", WORDS)


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "it ran"


def use(folder) -> None:
    """All that a run does with a model."""
    model = open_embedder(str(folder))
    model.require_found()
    assert model.window > 0
    assert len(model.fingerprint) == 64
    assert model.count_tokens(["bread and salt"]) == [3]
    model.encode_query("bread and salt")
    model.encode_passages(["bread and water"])
    model.embed_passages(["bread and water"])


def test_the_trap_is_one(mark):
    with watching() as seen:
        pickle.loads(pickle.dumps(Trap(mark))).close()  # noqa: S301
    assert mark.exists()
    assert seen.unpickled


def test_a_sound_model_is_loaded_from_what_was_examined(sound):
    with watching() as seen:
        use(sound)
    assert "model.safetensors" in loaded_files(sound)
    assert seen.looked_up == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_refused_and_nothing_of_it_runs(
    sound, tmp_path, mark, name, monkeypatch
):
    model = tmp_path / "model"
    shutil.copytree(sound, model)
    HOSTILE[name](model, mark)
    monkeypatch.syspath_prepend(str(model))
    with watching() as seen, pytest.raises(ModelError) as caught:
        use(model)
    assert not mark.exists()
    assert seen.unpickled == []
    assert [path for path in seen.opened if path.endswith(PICKLES)] == []
    assert seen.looked_up == seen.connected == []
    assert "\n" not in str(caught.value)
    assert "--model" in str(caught.value)
