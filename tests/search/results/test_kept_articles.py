"""The articles that are kept between questions: never an older one's text, never too many."""

from contextlib import closing

from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.results import hits
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder

BEFORE = "The kayak glides over the lake because its hull is long and very narrow."
AFTER = "The kayak tips over on the lake because its hull is short and far too wide."


def commit(folder, *texts):
    with SqliteWriter(folder, HashEmbedder(), splitter=1) as index:
        for number, text in enumerate(texts):
            url = f"https://a.example/{number}"
            one = Article(url, "Boats", blocks=(Block("paragraph", text),))
            index.add([(one, [Passage(text)])])
        index.commit()


def quoted(engine):
    return [
        one.text for hit in engine.search("kayak lake").hits for one in hit.passages
    ]


def test_a_new_generation_is_not_answered_from_an_old_article(tmp_path):
    commit(tmp_path, BEFORE)
    with closing(Engine(open_index(str(tmp_path)), embedder=HashEmbedder())) as engine:
        assert quoted(engine) == quoted(engine) == [BEFORE]
        commit(tmp_path, AFTER)  # at the same address: the same id
        found = engine.search("kayak lake").hits
    (passage,) = found[0].passages
    assert passage.text == AFTER
    assert "tips" in passage.url


def test_what_is_kept_is_bounded_by_its_characters(tmp_path, monkeypatch):
    texts = [f"{BEFORE} It is boat number {number}." for number in range(8)]
    monkeypatch.setattr(hits, "KEPT", 3 * len(texts[0]))
    commit(tmp_path, *texts)
    with closing(Engine(open_index(str(tmp_path)), embedder=HashEmbedder())) as engine:
        first, again = engine.search("kayak lake"), engine.search("kayak lake")
        kept = engine._hits._kept
        assert sum(len(one.text) for one in kept.values()) <= hits.KEPT
        assert 0 < len(kept) <= 3
    assert len(first.hits) > 3
    assert first.hits == again.hits
