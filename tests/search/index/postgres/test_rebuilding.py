"""A rebuild in PostgreSQL: beside the index that is read, then in its place."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexMissing, StorageFailed
from search.index.postgres.connection import connect
from search.index.postgres.home import PostgresIndex
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=64)
OTHER = HashEmbedder("other", dimension=32)
REPORT = (Coverage("https://a.example/feed", "feed", known=1, article=1),)


def article(url, *texts, **fields):
    blocks = tuple(Block("paragraph", text) for text in texts)
    passages = [Passage(text, ("Top",)) for text in texts]
    return Article(url, **({"title": "A title", "blocks": blocks} | fields)), passages


MANY = [
    article(f"https://{n % 3}.example/{n}", f"text {n} of bread", "salt")
    for n in range(12)
]


@pytest.fixture
def index(database):
    with closing(PostgresIndex(database(), indexer="one", partitions=3)) as made:
        with made.writer(MODEL, splitter=1) as writer:
            writer.add(MANY)
            writer.commit()
            writer.write_coverage(REPORT)
        yield made


def schemas(index):
    with connect(index._address) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'blogsearch%'"
        )
        return {row[0] for row in rows}


def rebuild(writer, articles=MANY):
    """Add all again that the writer knows."""
    known = {one.url: (one, passages) for one, passages in articles}
    for url in writer.urls():
        assert writer.article(url) == known[url][0]
        writer.add([known[url]])


def test_a_rebuild_takes_the_place_of_the_last_index(index):
    with index.snapshot() as snapshot:
        before = snapshot.manifest
        numbers = {url: snapshot.find(url) for url in snapshot.urls()}
        ids, _ = snapshot.article_vectors([1])[1]
    with index.writer(OTHER, splitter=2, rebuild=True) as writer:
        rebuild(writer)
        with index.snapshot() as snapshot:
            assert snapshot.manifest == before
        writer.commit()
        assert writer.manifest.model == "other"
    with index.snapshot() as snapshot:
        known = snapshot.manifest
        assert (known.model, known.splitter, known.dimension) == ("other", 2, 32)
        assert known.generation == before.generation + 1
        assert (known.articles, known.passages) == (12, 24)
        assert known.everyday is not None
        assert {url: snapshot.find(url) for url in snapshot.urls()} == numbers
        # No id is used twice, also by the index that takes this one's place.
        after, _ = snapshot.article_vectors([1])[1]
        assert min(after) > max(ids)
        assert snapshot.coverage() == REPORT
    assert index.examine() == []
    assert schemas(index) == {"blogsearch"}
    # The next writer goes on from there, with the same indexer and parts.
    with index.writer(OTHER, splitter=2) as writer:
        assert len(writer.urls()) == 12
        writer.add([article("https://new.example/", "new")])
        writer.commit()
    with connect(index._address) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'articles'::regclass"
        ).fetchone() == (3,)
    assert index.examine() == []


def test_what_was_embedded_by_the_same_model_is_not_embedded_again(index):
    with index.writer(MODEL, splitter=2, rebuild=True) as writer:
        assert writer.add(MANY[:2]).embedded == 0
        assert writer.add([article("https://x.example/", "unheard of")]).embedded == 1
        assert writer.add([article("https://y.example/", "unheard of")]).reused == 1
        writer.forget("https://y.example/")
        assert writer.evidence_of("https://x.example/") == "article"
        assert writer.article("https://y.example/") is None
        writer.commit()
    with index.snapshot() as snapshot:
        assert len(snapshot.urls()) == 3
    assert index.examine() == []


def test_a_rebuild_that_ends_early_leaves_the_last_index(index):
    with index.writer(OTHER, splitter=2, rebuild=True) as writer:
        writer.add(MANY[:3])
        with pytest.raises(IndexBusy):
            index.writer(MODEL, splitter=1)
    assert schemas(index) == {"blogsearch", "blogsearch_next"}
    with index.snapshot() as snapshot:
        assert snapshot.manifest.model == MODEL.name
    # What it left is in nobody's way, and goes with the next one.
    with index.writer(MODEL, splitter=1) as writer:
        writer.add([article("https://new.example/", "new")])
        writer.commit()
    with index.writer(OTHER, splitter=2, rebuild=True):
        assert schemas(index) == {"blogsearch"}


def test_a_rebuild_of_nothing_makes_an_index(database):
    with closing(PostgresIndex(database())) as index:
        with index.writer(MODEL, splitter=1, rebuild=True) as writer:
            assert (writer.urls(), writer.manifest) == ([], None)
            writer.commit()
            with pytest.raises(IndexMissing), index.snapshot():
                pass
            writer.add(MANY)
            writer.commit()
        with index.snapshot() as snapshot:
            assert len(snapshot.urls()) == 12


def test_readers_go_on_and_never_see_a_part_of_each(index):
    """Each snapshot is of one model in all that it says, while one takes the other's
    place."""
    done, faults, seen = threading.Event(), [], set()

    def read():
        while not done.is_set():
            try:
                with index.snapshot() as snapshot:
                    known = snapshot.manifest
                    ids = [n for n in map(snapshot.find, snapshot.urls()) if n]
                    vectors = snapshot.article_vectors(ids)
                    found = {rows.shape for _, rows in vectors.values()}
                    seen.add((known.model, len(ids), *found))
            except Exception as error:  # noqa: BLE001  # whatever it is
                faults.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for model in (OTHER, MODEL):
            with index.writer(model, splitter=1, rebuild=True) as writer:
                rebuild(writer)
                writer.commit()
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert seen == {("other", 12, (2, 32)), (MODEL.name, 12, (2, 64))}


def test_a_user_without_rights_is_told_early(index, postgres_server):
    database = index._address.rpartition("/")[2].partition("?")[0]
    with connect(index._address) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA blogsearch TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA blogsearch TO reader")
    address = index._address.replace("postgres@", "reader@")
    assert database in address
    with closing(PostgresIndex(address)) as other:
        with other.snapshot() as snapshot:
            assert len(snapshot.urls()) == 12
        with pytest.raises(StorageFailed, match="may not write"):
            other.writer(MODEL, splitter=1)
    with connect(index._address) as connection:
        connection.execute("DROP OWNED BY reader")
        connection.execute("DROP ROLE reader")
