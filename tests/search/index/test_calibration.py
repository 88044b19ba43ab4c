"""Calibration: the similarity of an index to questions that are foreign to it."""

import json
import sqlite3

import pytest

from search.engine import Engine
from search.index.calibration import QUESTIONS
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.manifest import Manifest
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder


def test_it_is_the_median_of_the_greatest_cosines(tmp_path):
    most, few = QUESTIONS[:40], QUESTIONS[:20]
    model = HashEmbedder(dimension=4096)
    assert filled(tmp_path / "most", model, most, "").everyday == pytest.approx(
        1, abs=0.01
    )
    assert filled(tmp_path / "few", model, few, "").everyday < 0.9


def test_no_question_is_asked_twice():
    assert len(set(QUESTIONS)) == len(QUESTIONS) == 60


def filled(path, model, texts, title="Post") -> Manifest:
    with SqliteWriter(path, model, splitter=1) as writer:
        for number, text in enumerate(texts):
            article = Article(
                f"https://a.example/{number}", title, blocks=(Block("paragraph", text),)
            )
            writer.add([(article, [Passage(text)])])
        writer.commit()
    reader = open_index(path)
    with reader.snapshot() as index:
        known = index.manifest
    reader.close()
    return known


def test_each_commit_writes_it_down(real_embedder, tmp_path):
    """An index that speaks of everyday life comes nearer to such questions than one of
    a single trade."""
    trade = [
        "Gradient descent follows the slope.",
        "Backpropagation applies the chain rule.",
    ]
    life = [*trade, *QUESTIONS[::2]]
    assert filled(tmp_path, real_embedder, trade).everyday < 0.2
    assert filled(tmp_path, real_embedder, life).everyday > 0.5


def test_another_models_scale_lies_between_the_foreign_and_the_indexs_own(tmp_path):
    """Words hashed into a vector: nothing of the questions is met, and a title that
    opens the text whole."""
    known = filled(
        tmp_path,
        HashEmbedder(dimension=4096),
        ["zebras quarrel"],
        title="zebras quarrel",
    )
    assert known.cosine_foreign == pytest.approx(0, abs=0.05)
    assert known.cosine_own > 0.9
    assert known.max_sim_foreign == pytest.approx(0, abs=0.05)
    assert known.max_sim_own > known.max_sim_foreign


def test_the_default_models_scale_is_its_own_and_is_not_measured(
    real_embedder, tmp_path
):
    known = filled(tmp_path, real_embedder, ["Gradient descent follows the slope."])
    assert (known.cosine_foreign, known.cosine_own) == (0, 0)
    assert (known.max_sim_foreign, known.max_sim_own) == (0, 0)


def test_what_an_older_program_wrote_has_none_and_is_searched_all_the_same(tmp_path):
    model = HashEmbedder()
    filled(tmp_path, model, ["yeast makes gas in dough"])
    with sqlite3.connect(tmp_path / "index.sqlite") as db:
        (text,) = db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
        known = {
            key: value for key, value in json.loads(text).items() if key != "everyday"
        }
        db.execute(
            "UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps(known),)
        )
    engine = Engine(open_index(tmp_path), embedder=model)
    assert engine.search("yeast").confident
    engine.close()
