"""An index in PostgreSQL that an older program made: a writer brings it up to date."""

from __future__ import annotations

from contextlib import closing

import pytest

from search.errors import IndexMismatch
from search.index.open import open_index
from search.index.postgres.connection import connect
from search.index.postgres.examining import examine
from search.index.postgres.writer import PostgresWriter
from search.port_values import Names
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder

URL = "https://a.example/1"
OLDER = """
ALTER TABLE articles DROP COLUMN tags, DROP COLUMN collections,
    DROP COLUMN tags_folded, DROP COLUMN collections_folded;
UPDATE meta SET value = '1' WHERE key = 'version';
"""


def test_tags_come_to_an_older_index_without_an_embedding(database):
    address, model = database(), HashEmbedder(dimension=64)
    made = Article(URL, "Rye", blocks=(Block("paragraph", "Rye bread"),), tags=("x",))
    with PostgresWriter(address, model, splitter=1) as writer:
        writer.add([(made, [Passage("Rye bread")])])
        writer.commit()
    with connect(address, writes=True) as connection:
        connection.execute(OLDER)
    model.embedded.clear()
    with closing(open_index(address)) as index:
        with (
            pytest.raises(IndexMismatch, match="blog-indexer update"),
            index.snapshot(),
        ):
            pass
        with PostgresWriter(address, model, splitter=1) as writer:
            assert writer.article(URL).tags == ()
            writer.label(URL, Names(("rye",), ("To read",)))
            writer.commit()
        with index.snapshot() as snapshot:
            assert snapshot.article(URL).tags == ("rye",)
    assert model.embedded == []
    with connect(address) as connection:
        assert examine(connection) == []
