"""The index directory: what is committed is there, together, and nothing else is."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import date

import numpy as np
import pytest

from search.engine import Engine
from search.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing
from search.index.open import open_index
from search.index.sqlite import schema
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.vectors import building
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.index.stored_vectors import as_stored
from search.ranking.late_interaction import max_sim
from search.types import Article, Block, Note, Passage
from tests.fakes import HashEmbedder
from tests.search.index.sqlite.matching import lexical

SPLITTER = 1


class Unloaded(HashEmbedder):
    """A model that must not be loaded, which its dimension takes."""

    @property
    def dimension(self) -> int:
        raise AssertionError("the model is loaded")

    @dimension.setter
    def dimension(self, _: int) -> None:
        pass


def article(
    number: int, text: str = "some text about bread"
) -> tuple[Article, tuple[Passage, ...]]:
    made = Article(
        url=f"https://a.example/{number}",
        title=f"Post {number}",
        site="A",
        author="Ann",
        published=date(2020, 1, number % 28 + 1),
        blocks=(Block("heading", "H", 2, "h"), Block("paragraph", text)),
        notes=(
            Note(
                "a note", "text", "section", date(2021, 2, 3), "https://b.example/", 4
            ),
        ),
    )
    return made, (
        Passage(text, ("H",), "h", "some text"),
        Passage("a note", is_note=True),
    )


def writer(path, embedder=None, **options) -> SqliteWriter:
    return SqliteWriter(path, embedder or HashEmbedder(), splitter=SPLITTER, **options)


def texts(path) -> set[str]:
    with SqliteIndex(path).snapshot() as index:
        return {index.article(url).text for url in index.urls()}


def test_what_was_committed_is_read_back_equal(tmp_path):
    made, passages = article(1)
    with writer(tmp_path) as index:
        index.add([(made, passages)])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        assert index.article(made.url) == made
        assert [
            entry.passage for entry in index.passages_of(index.find(made.url))
        ] == list(passages)
        assert (
            (index.manifest.articles, index.manifest.passages)
            == (1, 2)
            == index.stored.counts()
        )
        assert len(index.vectors) == 2


def test_nothing_is_there_before_the_commit(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
        index.add([article(2)])
    assert len(texts(tmp_path)) == 1
    with SqliteIndex(tmp_path).snapshot() as index:
        assert index.urls() == ["https://a.example/1"]


def test_a_passage_is_embedded_once_whatever_else_changes(tmp_path):
    model = HashEmbedder()
    made, passages = article(1)
    with writer(tmp_path, model) as index:
        index.add([(made, passages)])
        index.commit()
        more = (*passages, Passage("a new passage"))
        added = index.add([(made, more)])
        index.commit()
    assert (added.embedded, added.reused) == (1, 2)
    assert len(model.embedded) == len(set(model.embedded)) == 3


def test_a_changed_article_replaces_its_passages(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1, "an old text about zebras")])
        index.commit()
        index.add([article(1, "a new text about lions")])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        assert index.stored.counts() == (1, 2)
        assert len(index.vectors) == 2
        assert lexical(index.connection, '"zebra"', 5) == []
        assert len(lexical(index.connection, '"lion"', 5)) == 1


def test_a_forgotten_article_leaves_rows_vectors_and_full_text(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1), article(2)])
        index.commit()
        index.forget("https://a.example/1")
        index.forget("https://nowhere.example/")
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        assert index.urls() == ["https://a.example/2"]
        assert len(index.vectors) == 2
        assert len(lexical(index.connection, '"bread"', 5)) == 1


def test_ids_are_never_used_twice(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
        first = index.stored.all_vectors(64)[0]
        index.forget("https://a.example/1")
        index.add([article(2)])
        index.commit()
        assert set(index.stored.all_vectors(64)[0]).isdisjoint(first)


def test_a_commit_without_changes_writes_nothing(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with writer(tmp_path) as index:
        index.commit()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_reader_takes_up_a_newer_generation_by_itself(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
        reader = SqliteIndex(tmp_path)
        with reader.snapshot() as old:
            index.add([article(2)])
            index.commit()
            assert old.stored.counts()[0] == 1  # still of its own generation
            assert len(old.vectors) == 2
        with reader.snapshot() as new:
            assert new.stored.counts()[0] == 2
            assert len(new.vectors) == 4
        reader.close()


def test_readers_never_mix_generations(tmp_path):
    """Rows and vectors belong together at every moment of many commits."""
    with writer(tmp_path) as index:
        index.add([article(0)])
        index.commit()
        wrong: list[str] = []
        done = threading.Event()

        def read() -> None:
            reader = SqliteIndex(tmp_path)
            while not done.is_set():
                with reader.snapshot() as seen:
                    rows = seen.stored.counts()[1]
                    if not rows == len(seen.vectors) == seen.manifest.passages:
                        wrong.append(f"{rows} {len(seen.vectors)}")
            reader.close()

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(1, 25):
            index.add([article(number)])
            index.commit()
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_harmed_vector_file_is_noticed_and_made_again_from_the_rows(tmp_path, harm):
    with writer(tmp_path) as index:
        index.add([article(1), article(2, "another text about wine")])
        index.commit()
        expected = index.stored.all_vectors(64)
    path = next(tmp_path.glob("*.faiss"))
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(data if harm == "flip" else data[:-20])
    with SqliteIndex(tmp_path).snapshot() as index:
        ids, _ = index.nearest(expected[1][2], 1)
        assert ids[0] == expected[0][2]
    with writer(tmp_path) as index:
        index.add([article(3)])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        assert len(index.vectors) == 6


def test_only_two_vector_files_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "TAIL_LEAST", 0)
    with writer(tmp_path) as index:
        for number in range(5):
            index.add([article(number)])
            index.commit()
    assert len(list(tmp_path.glob("vectors-*.faiss"))) == 2


def test_a_second_writer_is_told_to_wait(tmp_path):
    with writer(tmp_path), pytest.raises(IndexBusy, match="try again"):
        writer(tmp_path)
    writer(tmp_path).close()


def test_another_model_or_splitter_is_explained(tmp_path):
    with writer(tmp_path, HashEmbedder("one")) as index:
        index.add([article(1)])
        index.commit()
    with pytest.raises(IndexMismatch, match="rebuild --model two"):
        writer(tmp_path, HashEmbedder("two"))
    with pytest.raises(IndexMismatch, match="blog-indexer rebuild"):
        SqliteWriter(tmp_path, HashEmbedder("one"), splitter=SPLITTER + 1)
    other_weights = HashEmbedder("one", dimension=32)
    with (
        writer(tmp_path, other_weights) as index,
        pytest.raises(IndexMismatch, match="other weights"),
    ):
        index.add([article(2)])
    assert SqliteIndex(tmp_path).model() == "one"


def test_a_rebuild_moves_the_index_to_another_model_in_one_step(tmp_path):
    with writer(tmp_path, HashEmbedder("one")) as index:
        index.add([article(1), article(2)])
        index.commit()
    new = HashEmbedder("two", dimension=32)
    with writer(tmp_path, new, rebuild=True) as index:
        for number in (1, 2):
            index.add([article(number)])
            assert (
                SqliteIndex(tmp_path).model() == "one"
            )  # readers still have the old one
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        assert (index.manifest.model, index.manifest.dimension) == ("two", 32)
        assert len(index.vectors) == 4
        assert index.stored.all_vectors(32)[1].shape == (4, 32)


def test_no_index_is_said(tmp_path):
    with (
        pytest.raises(IndexMissing, match="blog-indexer add"),
        SqliteIndex(tmp_path).snapshot(),
    ):
        pass
    writer(tmp_path).close()
    with pytest.raises(IndexMissing, match="empty"), SqliteIndex(tmp_path).snapshot():
        pass


def test_a_foreign_or_broken_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(IndexDamaged, match="not made by Blogsearch"):
        writer(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 100)
    with pytest.raises(IndexDamaged, match="is damaged"):
        writer(tmp_path)


def test_a_newer_version_is_refused_with_a_sentence(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(IndexMismatch, match="update Blogsearch"):
        writer(tmp_path)


def test_an_older_version_is_explained_to_readers_and_brought_up_to_date_by_a_writer(
    tmp_path, monkeypatch
):
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        db = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
        schema.migrate(db)
        db.execute(
            "INSERT INTO articles VALUES (1, 'u', 'h', 'T', '', '', NULL, NULL, '', 'link', '[]', '[]')"
        )
        db.close()
    with (
        pytest.raises(IndexMismatch, match="blog-indexer update"),
        SqliteIndex(tmp_path).snapshot(),
    ):
        pass
    with writer(tmp_path) as index:
        held = index.article("u")
        assert (held.title, held.nosnippet) == ("T", False)


def test_an_unreadable_manifest_is_said(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute("UPDATE meta SET value = ?", (json.dumps({"model": "x"}),))
    db.close()
    with (
        pytest.raises(IndexDamaged, match="manifest"),
        SqliteIndex(tmp_path).snapshot(),
    ):
        pass


def test_vectors_are_stored_as_they_were_embedded_but_for_rounding(tmp_path):
    model = HashEmbedder()
    made, passages = article(1)
    with writer(tmp_path, model) as index:
        index.add([(made, passages)])
        index.commit()
        _, stored = index.stored.all_vectors(64)
    expected = HashEmbedder().embed_passages(model.embedded[: len(passages)])
    assert np.array_equal(stored, [as_stored(one) for one in expected])


def test_tokens_are_stored_for_each_passage_and_leave_with_it(tmp_path):
    made, _ = article(1)
    second = "The second one speaks of kayaks and of deep cold water."
    two = f"The first sentence says something that is long enough. {second}"
    question = HashEmbedder().encode_query("kayaks water")
    asked = question.tokens.astype(np.float32), np.ones(2, np.float32)
    with writer(tmp_path) as index:
        index.add([(made, (Passage(two), Passage("short")))])
        index.commit()
        numbers = index.stored.all_vectors(64)[0].tolist()
        stored = index._tokens.by_id(numbers)
        # The line of context, then each sentence.
        assert [len(stored[number].counts) for number in numbers] == [3, 2]
        met = max_sim(stored, *asked)
        assert met[numbers[0]] > met[numbers[1]]
        index.forget(made.url)
        index.commit()
        assert index._tokens.by_id(numbers) == {}


def test_a_passage_of_an_older_program_has_no_tokens_until_it_is_added_again(tmp_path):
    entry = article(1)
    with writer(tmp_path) as index:
        index.add([entry])
        index.commit()
    db = sqlite3.connect(tmp_path / DATABASE)
    db.executescript("DELETE FROM tokens; DELETE FROM digests;")  # as it is migrated
    db.close()
    with writer(tmp_path) as index:
        assert index._tokens.by_id([1, 2]) == {}
    assert (
        Engine(open_index(tmp_path), embedder=HashEmbedder()).search("bread").hits
    )  # found all the same
    with writer(tmp_path) as index:
        assert index.add([entry]).embedded == 2
        assert len(index._tokens.by_id([3, 4])) == 2


def test_an_interruption_in_the_middle_of_adding_keeps_rows_and_vectors_in_step(
    tmp_path,
):
    """Ctrl-C may come between storing an article's rows and its vectors; what follows
    is committed whole."""
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
        index.add([article(2)])
        changed, passages = article(1, "changed text")
        with pytest.raises(KeyboardInterrupt):
            index.add([(changed, InterruptedPassages(passages))])
        index.add([article(1, "changed text"), article(3)])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        ids, vectors = index.stored.all_vectors(64)
        found, _ = index.nearest(vectors[0], 100)
        assert sorted(found) == sorted(ids)
        assert index.stored.counts() == (3, 6)


class InterruptedPassages(tuple):
    """Passages that are embedded like others, and interrupt when they are stored."""

    __slots__ = ()
    looked_at = 0

    def __iter__(self):
        type(self).looked_at += 1
        if type(self).looked_at > 1:
            raise KeyboardInterrupt
        return super().__iter__()


def test_a_run_that_finds_nothing_new_needs_no_model(tmp_path):
    with SqliteWriter(tmp_path, HashEmbedder(), splitter=SPLITTER) as index:
        index.add([article(1)])
        index.commit()
    with SqliteWriter(tmp_path, Unloaded(), splitter=SPLITTER) as index:
        assert index.urls() == ["https://a.example/1"]
        assert index.article("https://a.example/1") == article(1)[0]
        index.write_coverage([])
        index.commit()


def test_nothing_is_built_on_damaged_rows(tmp_path):
    """New checksums would call the full text sound, and the state before would be the
    damaged one."""
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
    with writer(tmp_path) as index:
        index.add([article(2)])
        index.commit()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        db.execute("UPDATE passages_fts_data SET block = zeroblob(40) WHERE id > 10")
        db.commit()
        held = db.execute("SELECT * FROM meta").fetchall()
    before = [path.read_bytes() for path in (tmp_path / "previous").iterdir()]
    for change in (
        lambda index: index.add([article(3)]),
        lambda index: index.forget(article(1)[0].url),
    ):
        with writer(tmp_path) as index, pytest.raises(IndexDamaged, match="doctor"):
            change(index)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        assert db.execute("SELECT * FROM meta").fetchall() == held
    assert [path.read_bytes() for path in (tmp_path / "previous").iterdir()] == before


def test_a_coverage_report_that_can_not_be_read_is_written_again(tmp_path):
    with writer(tmp_path) as index:
        index.add([article(1)])
        index.commit()
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES ('coverage', '[]')")
        db.commit()
    with writer(tmp_path) as index:
        index.add([article(2)])
        index.write_coverage([])
        index.commit()
    with open_index(tmp_path).snapshot() as seen:
        assert seen.coverage() == ()
