"""Models of other shapes than the bundled one: dimension, prompts, window; and the way
over to them."""

from __future__ import annotations

import multiprocessing
import os
import signal

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from search.embedding.sentence_transformers import UNLIMITED_WINDOW, SentenceEmbedder
from search.engine import Engine
from search.errors import IndexMismatch
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.models import PROMPTS, static_model, transformer_model

TEXTS = {
    "bread": "yeast makes gas in dough",
    "music": "music is sound",
    "stars": "stars shine at night",
}
WORDS = ["why", "does", "bread", "rise", *" ".join(TEXTS.values()).split()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def static(folder):
    return SentenceEmbedder(
        str(static_model(folder / "static", WORDS, prompts=PROMPTS))
    )


@pytest.fixture(scope="module")
def transformer(folder):
    return SentenceEmbedder(
        str(transformer_model(folder / "transformer", WORDS, prompts=PROMPTS))
    )


def fill(path, model, **options) -> None:
    with SqliteWriter(path, model, splitter=1, **options) as index:
        for name, text in TEXTS.items():
            article = Article(
                f"https://a.example/{name}", name, blocks=(Block("paragraph", text),)
            )
            index.add([(article, [Passage(text)])])
        index.commit()


@pytest.mark.parametrize("name", ["static", "transformer"])
def test_each_prompt_of_the_model_is_put_before_what_it_is_for(name, request):
    model = request.getfixturevalue(name)
    bare = model._model.encode(
        ["query: bread", "passage: bread"], normalize_embeddings=True
    )
    assert model.encode_query("bread").vector == pytest.approx(bare[0], abs=1e-5)
    assert model.embed_passages(["bread"])[0] == pytest.approx(bare[1], abs=1e-5)
    assert not np.allclose(bare[0], bare[1], atol=1e-3)


def test_a_model_without_a_pooler_is_the_same_one_each_time(folder, transformer):
    path = transformer_model(folder / "bare", WORDS)
    weights = load_file(path / "model.safetensors")
    bare = {name: one for name, one in weights.items() if "pooler." not in name}
    assert len(bare) < len(weights)
    save_file(bare, path / "model.safetensors", metadata={"format": "pt"})
    one, two = SentenceEmbedder(str(path)), SentenceEmbedder(str(path))
    assert one.fingerprint == two.fingerprint != transformer.fingerprint


@pytest.mark.parametrize("key", ["document", "passage", "corpus"])
def test_the_prompt_for_passages_is_found_under_each_name_that_models_give_it(
    folder, key
):
    path = static_model(
        folder / f"as-{key}", WORDS, prompts={"query": "why ", key: "passage: "}
    )
    model = SentenceEmbedder(str(path))
    bare = model._model.encode(["passage: bread"], normalize_embeddings=True)
    assert model.embed_passages(["bread"]) == pytest.approx(bare, abs=1e-5)


def test_other_prompts_make_another_model_and_none_leave_it_as_it_was(folder, static):
    plain = SentenceEmbedder(str(static_model(folder / "plain", WORDS)))
    swapped = {"query": PROMPTS["passage"], "passage": PROMPTS["query"]}
    other = SentenceEmbedder(
        str(static_model(folder / "swapped", WORDS, prompts=swapped))
    )
    assert len({plain.fingerprint, static.fingerprint, other.fingerprint}) == 3


def test_the_window_leaves_room_for_marks_and_prompt(transformer, static):
    assert (static.dimension, static.window) == (48, UNLIMITED_WINDOW)
    assert (transformer.dimension, transformer.window) == (
        32,
        64 - 2 - 2,
    )  # "passage" and ":"
    filler = "night " * (transformer.window - 1)
    one, other = transformer.embed_passages([filler + "bread", filler + "music"])
    assert not np.allclose(one, other, atol=1e-4)
    cut, also = transformer.embed_passages(
        [filler + "night bread", filler + "night music"]
    )
    assert np.allclose(cut, also, atol=1e-4)


def test_vectors_of_two_models_never_meet(tmp_path, static, transformer):
    fill(tmp_path, static)
    with pytest.raises(IndexMismatch, match=r"rebuild --model .*transformer"):
        SqliteWriter(tmp_path, transformer, splitter=1)
    with pytest.raises(IndexMismatch, match="rebuild --model"):
        Engine(open_index(tmp_path), embedder=transformer).search("bread")


def test_a_served_index_answers_from_the_old_model_during_a_rebuild_and_then_from_the_new(
    tmp_path, static, transformer
):
    fill(tmp_path, static)
    # as the web app has it: with the model that the manifest names
    served = Engine(open_index(tmp_path))
    assert served.search("yeast in dough").hits[0].url == "https://a.example/bread"
    with SqliteWriter(tmp_path, transformer, splitter=1, rebuild=True) as index:
        for url in index.urls():
            article = index.article(url)
            index.add([(article, [Passage(article.text)])])
            assert (
                served.search("yeast in dough").hits[0].url == "https://a.example/bread"
            )
            assert served.status().model == static.name
        index.commit()
    assert served.status().model == transformer.name
    hits = served.search("yeast in dough").hits
    assert hits[0].url == "https://a.example/bread"
    assert len(hits) == 3
    served.close()


def rebuild_until_killed(path) -> None:
    model = HashEmbedder("new", dimension=32)
    with SqliteWriter(path, model, splitter=1, rebuild=True) as index:
        article = index.article("https://a.example/bread")
        index.add([(article, [Passage("changed")])])
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_rebuild_that_is_killed_leaves_the_old_index(tmp_path):
    old = HashEmbedder("old")
    fill(tmp_path, old)
    process = multiprocessing.get_context("spawn").Process(
        target=rebuild_until_killed, args=(tmp_path,)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with open_index(tmp_path).snapshot() as index:
        assert index.manifest.model == "old"
        assert index.stored.all_vectors(64)[1].shape == (3, 64)
    assert (
        Engine(open_index(tmp_path), embedder=old).search("yeast in dough").hits[0].url
        == "https://a.example/bread"
    )
    fill(tmp_path, HashEmbedder("new", dimension=32), rebuild=True)
    assert (
        Engine(open_index(tmp_path), embedder=HashEmbedder("new", dimension=32))
        .search("yeast")
        .hits
    )


def test_the_cut_off_goes_by_the_new_models_own_scale(tmp_path, static, transformer):
    """The transformer's random weights call everything similar: its background says
    so."""
    fill(tmp_path / "static", static)
    fill(tmp_path / "transformer", transformer)
    means = {}
    for name in ("static", "transformer"):
        with open_index(tmp_path / name).snapshot() as index:
            means[name] = index.manifest.background_mean
        engine = Engine(open_index(tmp_path / name))
        assert engine.search("yeast makes gas in dough").confident
        assert not engine.search("zebras quarrel under turquoise umbrellas").confident
        engine.close()
    assert means["transformer"] > means["static"] + 0.2
