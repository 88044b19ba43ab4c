"""What nearness says in an index: how near it comes to questions that have nothing to do with it."""

import json
import sqlite3

import numpy as np

from search.engine import Engine
from search.everyday import QUESTIONS, everyday_nearness
from search.index import IndexReader, IndexWriter
from search.types import Article, Block, Passage
from tests.fakes import ExactIndex, HashEmbedder


def test_it_is_the_median_of_the_greatest_cosines():
    index = ExactIndex(3)
    assert everyday_nearness([np.array([1, 0, 0], np.float32)], index) == 0
    index.add(np.array([1, 2]), np.eye(3, dtype=np.float32)[:2])
    asked = [np.array(row, np.float32) for row in ([0.6, 0, 0.8], [0, 0.8, 0.6], [0, 0, 1])]
    assert everyday_nearness(asked, index) == np.float32(0.6)


def test_no_question_is_asked_twice():
    assert len(set(QUESTIONS)) == len(QUESTIONS) == 60


def filled(path, model, texts) -> float | None:
    with IndexWriter(path, model, splitter=1) as writer:
        for number, text in enumerate(texts):
            article = Article(f"https://a.example/{number}", "Post", blocks=(Block("paragraph", text),))
            writer.add([(article, [Passage(text)])])
        writer.commit()
    reader = IndexReader(path)
    with reader.snapshot() as index:
        known = index.manifest.everyday
    reader.close()
    return known


def test_each_commit_writes_it_down(real_embedder, tmp_path):
    """An index that speaks of everyday life comes nearer to such questions than one of a single trade."""
    trade = ["Gradient descent follows the slope.", "Backpropagation applies the chain rule."]
    life = [*trade, *QUESTIONS[::2]]
    assert filled(tmp_path, real_embedder, trade) < 0.2
    assert filled(tmp_path, real_embedder, life) > 0.5


def test_what_an_older_program_wrote_has_none_and_is_searched_all_the_same(tmp_path):
    model = HashEmbedder()
    filled(tmp_path, model, ["yeast makes gas in dough"])
    with sqlite3.connect(tmp_path / "index.sqlite") as db:
        (text,) = db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
        known = {key: value for key, value in json.loads(text).items() if key != "everyday"}
        db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps(known),))
    engine = Engine(tmp_path, embedder=model)
    assert engine.search("yeast in dough").confident
    engine.close()
