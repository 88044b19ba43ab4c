"""The examination of an index in PostgreSQL, and what a forgotten article leaves."""

from __future__ import annotations

import pytest

from search.errors import IndexMissing
from search.index.postgres.connection import connect
from search.index.postgres.examining import erase, examine
from search.index.postgres.writer import PostgresWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=64)


def article(url, *texts, **fields):
    blocks = tuple(Block("paragraph", text) for text in texts)
    passages = [Passage(text, ("Top",)) for text in texts]
    return Article(url, **({"title": "A title", "blocks": blocks} | fields)), passages


def writer(address):
    return PostgresWriter(address, MODEL, splitter=1)


@pytest.fixture
def filled(database):
    address = database()
    with writer(address) as open_writer:
        open_writer.add(
            [
                article("https://a.example/1", "Bread rises", language="en"),
                article("https://b.example/1", "Brot geht auf", "Salz", language="de"),
            ]
        )
        open_writer.commit()
    with connect(address) as connection:
        yield connection


def test_an_index_as_it_was_written_is_well(filled):
    assert examine(filled) == []


def test_a_database_without_an_index_says_so(database):
    with connect(database()) as connection, pytest.raises(IndexMissing):
        examine(connection)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE state SET passages = 9", "counts 2 articles, 9 passages"),
        ("DELETE FROM passage_words WHERE id = 1", "1 passages have no words"),
        ("DELETE FROM passages WHERE id = 1", "1 passages have words, but no text"),
        ("DELETE FROM passages WHERE id = 1", "have tokens, but no text"),
        ("DELETE FROM articles WHERE id = 1", "1 passages are of no article"),
        ("UPDATE articles SET passages = 7 WHERE id = 1", "1 articles have another"),
        ("DELETE FROM texts WHERE article = 1", "1 articles were never compared"),
        ("UPDATE terms SET passages = 5 WHERE token = 'bread'", "counts of words"),
        ("DELETE FROM vocabulary WHERE word = 'salz'", "counts of words"),
        ("UPDATE languages SET articles = 5", "counts of words"),
        ("DROP INDEX passages_by_vector", "no valid index passages_by_vector"),
        ("UPDATE meta SET value = '2' WHERE key = 'words'", "Another version"),
        ("INSERT INTO meta VALUES ('copying', '')", "blog-indexer copy"),
        ("UPDATE meta SET value = '999' WHERE key = 'version'", "newer Blogsearch"),
        (
            "UPDATE pg_extension SET extversion = '0.8.0' WHERE extname = 'vector'",
            "ALTER EXTENSION vector UPDATE",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(filled, damage, found):
    filled.execute(damage)
    said = examine(filled)
    assert any(found in one for one in said), said


def test_passages_without_tokens_are_well(filled):
    filled.execute("DELETE FROM tokens")
    assert examine(filled) == []


def test_a_large_index_is_looked_at_in_part(filled, monkeypatch):
    monkeypatch.setattr("search.index.postgres.examining.ALL", 0)
    assert examine(filled) == []


def test_nothing_of_a_forgotten_article_stays_in_a_file(postgres_server, database):
    address = database()
    secret = "xylophagous"
    url = f"https://{secret}.example/{secret}-page"
    said = article(
        url,
        f"The {secret}s eat what {secret} beetles leave.",
        title=f"On {secret}s",
        author=f"Ann {secret.title()}",
        language="en",
    )
    with writer(address) as open_writer:
        open_writer.add([said, article("https://b.example/1", "Brot geht auf")])
        open_writer.commit()
        with connect(address) as connection:
            connection.execute("ANALYZE")
        before = files_with(postgres_server, address, secret)
        open_writer.forget(url)
        open_writer.commit()
    with connect(address) as connection:
        assert erase(connection) == []
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert len(before) > 5
    assert files_with(postgres_server, address, secret) == []


def test_of_large_tables_only_the_room_is_given_away(filled, monkeypatch):
    monkeypatch.setattr("search.index.postgres.examining.REWRITTEN", 0)
    assert "passages_0" in erase(filled)


def files_with(server, address, word):
    """The files of a database in which a word stands."""
    with connect(address) as connection:
        connection.execute("CHECKPOINT")
        (number,) = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        names = dict(
            connection.execute(
                "SELECT pg_relation_filenode(oid)::text, relname FROM pg_class"
            ).fetchall()
        )
    folder = server.data / "base" / str(number)
    wanted = word.encode()
    return [
        names.get(path.name, path.name)
        for path in folder.iterdir()
        if wanted in path.read_bytes().lower()
    ]
