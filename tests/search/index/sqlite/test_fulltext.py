"""The full text room: in step with the passages, and made anew where words were made
otherwise."""

import sqlite3
import unicodedata
from contextlib import closing

import numpy as np
import pytest

from indexer.maintenance.doctor import examine_all
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite import fulltext
from search.index.sqlite.words.kept import KeptWords
from search.index.sqlite.words.vocabulary import Vocabulary
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.text import tokenizer
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.search.index.sqlite.matching import lexical

MODEL = HashEmbedder(dimension=16)
GERMAN = "Die Bäckerei an der Ecke backt das beste Brot, und ich kaufe es gern"
ENGLISH = "The bakery at the corner bakes the best bread and I like to buy it"


@pytest.fixture
def directory(tmp_path):
    with SqliteWriter(tmp_path, MODEL, splitter=1) as index:
        for number, (text, language) in enumerate(
            [(GERMAN, "de"), (ENGLISH, "en"), (ENGLISH + " often", "en")]
        ):
            url = f"https://a.example/{number}"
            index.add(
                [(Article(url, f"Post {number}", language=language), [Passage(text)])]
            )
        index.commit()
    return tmp_path


def spelt(db):
    return dict(db.execute("SELECT term, doc FROM vocabulary_words").fetchall())


def test_the_vocabulary_counts_the_articles_that_spell_a_word_so(directory):
    with SqliteWriter(directory, MODEL, splitter=1) as index:
        assert {"de/bäckerei": 1, "en/bakery": 2, "en/often": 1}.items() <= spelt(
            index.stored._db
        ).items()
        index.forget("https://a.example/2")
        index.commit()
        assert spelt(index.stored._db)["en/bakery"] == 1
        assert "en/often" not in spelt(index.stored._db)
        index.stored._db.execute(
            "INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')"
        )
        index.stored._db.execute(
            "INSERT INTO vocabulary (vocabulary) VALUES ('integrity-check')"
        )


def test_a_question_is_in_the_language_whose_articles_hold_its_words(directory):
    with SqliteWriter(directory, MODEL, splitter=1) as index:
        of = Vocabulary(index.stored._db, KeptWords()).languages_of
        assert of("die beste Bäckerei und der Ecke") == ("de",)
        assert of("the best bakery at the corner and I like to buy it") == ("en",)
        assert set(of("zzz")) == {"de", "en"}


def test_an_index_whose_words_were_made_otherwise_is_brought_up_without_the_model(
    directory, monkeypatch
):
    with sqlite3.connect(directory / DATABASE) as db:
        before = spelt(db)
        db.executescript(
            """
            DROP TABLE passages_fts; DROP TABLE vocabulary_words; DROP TABLE vocabulary;
            CREATE VIRTUAL TABLE passages_fts USING fts5 (title, heading, note, text, content = '');
            DELETE FROM meta WHERE key = 'fulltext';
            """
        )
    monkeypatch.setattr(MODEL, "embed_passages", None)
    with SqliteWriter(directory, MODEL, splitter=1) as index:
        assert spelt(index.stored._db) == before
        assert len(lexical(index.stored._db, '"bake"', 5)) == 2
    monkeypatch.setattr(fulltext, "VERSION", "next")
    with SqliteWriter(directory, MODEL, splitter=1) as index:
        assert (
            index.stored._db.execute(
                "SELECT value FROM meta WHERE key = 'fulltext'"
            ).fetchone()[0]
            == "next"
        )


def older_fold(text):
    """Fold a text as release 2 of the tokenizer did: œ, ø and ł stayed."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def test_an_index_of_an_older_tokenizer_answers_and_is_brought_up_by_the_next_run(
    tmp_path, monkeypatch
):
    def answer(question):
        # The reader's thread keeps what it counted, for the generation.
        with closing(open_index(str(tmp_path))) as index:
            return len(Engine(index, embedder=MODEL).search(question).hits)

    with monkeypatch.context() as older:
        older.setattr(fulltext, "VERSION", "2, snowballstemmer 3.1.1")
        older.setattr(tokenizer, "fold", older_fold)
        older.setattr(tokenizer, "with_plain_letters", lambda word, own: word)
        tokenizer._stem.cache_clear()
        with SqliteWriter(tmp_path, MODEL, splitter=1) as index:
            url = "https://a.example/fr"
            text = "Le médecin examine le cœur de ma sœur, 16 GB"
            index.add([(Article(url, "Notes", language="fr"), [Passage(text)])])
            index.commit()
    tokenizer._stem.cache_clear()
    assert answer('"medecin examine"') == 1
    assert answer('"coeur de ma soeur"') == 0
    monkeypatch.setattr(MODEL, "embed_passages", None)
    with SqliteWriter(tmp_path, MODEL, splitter=1):
        pass
    assert answer('"medecin examine"') == answer('"coeur de ma soeur"') == 1
    assert examine_all(tmp_path, MODEL).findings == []


def test_filters_never_make_it_ask_the_full_text_once_for_each_passage_allowed(
    directory,
):
    """With a rowid to look for ("=" in the plan) FTS5 is asked again for every row:
    seconds for thousands."""
    with SqliteWriter(directory, MODEL, splitter=1) as index:
        asked = []
        index.stored._db.set_trace_callback(asked.append)
        assert lexical(index.stored._db, '"the"', 10, np.arange(1, 4))
        index.stored._db.set_trace_callback(None)
        (statement,) = [
            text for text in asked if text.strip().startswith("SELECT rowid, score")
        ]
        plan = index.stored._db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        (full_text,) = [row[3] for row in plan if "passages_fts" in row[3]]
        assert "VIRTUAL TABLE INDEX" in full_text
        assert "=" not in full_text


def test_merged_segments_have_no_word_of_what_was_dropped(directory):
    def words(db) -> bytes:
        rows = db.execute(
            "SELECT block FROM passages_fts_data UNION ALL SELECT block FROM vocabulary_data"
        )
        return b" ".join(block for (block,) in rows)

    with SqliteWriter(directory, MODEL, splitter=1) as index:
        index.forget("https://a.example/0")
        db = index.stored._db
        db.executescript("SAVEPOINT flush; RELEASE flush")
        assert b"ckerei" in words(db)
        index.stored.fulltext.merge()
        assert b"ckerei" not in words(db)
        assert {"en/bakery": 2, "en/often": 1}.items() <= spelt(db).items()
        assert "de/bäckerei" not in spelt(db)
