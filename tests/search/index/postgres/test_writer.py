"""What the writer of an index in PostgreSQL promises beyond the port."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations
from random import Random
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.coverage_report import Coverage
from search.errors import IndexBusy, IndexMismatch
from search.index.postgres.connection import connect
from search.index.postgres.examining import examine
from search.index.postgres.writer import PostgresWriter
from search.index.postgres.writing.session import WritingSession
from search.index.postgres.writing.statistics import article_words
from search.text.near_duplicates import are_same, compared_text
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import rounds

MODEL = HashEmbedder(dimension=64)
LONG = " ".join(f"word{n} of a long text" for n in range(60))


def article(url, *texts, **fields):
    blocks = tuple(Block("paragraph", text) for text in texts)
    passages = [Passage(text, ("Top",)) for text in texts]
    return Article(url, **({"title": "A title", "blocks": blocks} | fields)), passages


def writer(address, indexer="", **options):
    return PostgresWriter(
        address, MODEL, splitter=options.pop("splitter", 1), indexer=indexer, **options
    )


def commit(address, *articles, forget=(), **options):
    with writer(address, **options) as open_writer:
        added = open_writer.add(articles)
        for url in forget:
            open_writer.forget(url)
        open_writer.commit()
    return added


def rows(address, query):
    with connect(address) as connection:
        return connection.execute(query).fetchall()


def test_two_indexers_write_side_by_side_each_its_own(database):
    address = database()
    one, other = (
        article("https://a.example/1", "x"),
        article("https://b.example/1", "y"),
    )
    with writer(address, "first") as first, writer(address, "second") as second:
        first.add([one])
        second.add([other])
        first.commit()
        second.commit()
        assert (first.urls(), second.urls()) == ([one[0].url], [other[0].url])
        assert first.manifest.generation == second.manifest.generation == 1
        # Each sees the articles of all, and takes over what it puts.
        assert first.article(other[0].url) == other[0]
        before = second.manifest
        first.add([other])
        first.commit()
        assert first.urls() == [one[0].url, other[0].url]
        assert second.urls() == []
        assert second.manifest == before
        report = (Coverage("https://a.example/feed", "feed", known=1, article=1),)
        first.write_coverage(report)
        assert (first.coverage(), second.coverage()) == (report, ())
    assert rows(address, "SELECT generation, articles, passages FROM state") == [
        (3, 2, 2)
    ]


def test_an_article_that_waits_is_read_as_if_it_were_stored(database):
    address = database()
    one, other = (
        article("https://a.example/1", "x"),
        article("https://a.example/2", "y"),
    )
    commit(address, one)
    with writer(address) as open_writer:
        open_writer.add([other])
        assert open_writer.add([article("https://a.example/3", "y")]).reused == 1
        open_writer.forget(one[0].url)
        assert open_writer.urls() == [other[0].url, "https://a.example/3"]
        assert open_writer.article(one[0].url) is None
        assert open_writer.evidence_of(one[0].url) is None
        open_writer.add([one])
        assert open_writer.article(one[0].url) == one[0]
    assert rows(address, "SELECT url FROM articles") == [(one[0].url,)]


def test_an_index_of_another_model_or_splitter_is_refused(database):
    address = database()
    commit(address, article("https://a.example/1", "x"))
    with pytest.raises(IndexMismatch, match="rebuild"):
        writer(address, splitter=2)
    with pytest.raises(IndexMismatch, match="rebuild --model other"):
        PostgresWriter(address, HashEmbedder("other"), splitter=1)


def test_who_replaces_the_index_has_it_alone(database):
    address = database()
    with writer(address), pytest.raises(IndexBusy, match="indexer writes"):
        WritingSession(address, is_alone=True)
    session = WritingSession(address, is_alone=True)
    with pytest.raises(IndexBusy, match="copied or rebuilt"):
        writer(address)
    session.close()
    writer(address).close()


def test_an_index_without_a_commit_takes_another_model(database):
    address = database()
    with writer(address) as open_writer:
        open_writer.write_coverage(())
        open_writer._create()
    other = HashEmbedder("other", dimension=32)
    with PostgresWriter(address, other, splitter=2) as open_writer:
        open_writer.add([article("https://a.example/1", "x")])
        open_writer.commit()
        assert open_writer.manifest.model == "other"


def test_a_lost_connection_is_replaced_and_the_article_written(database):
    address = database()
    with writer(address) as open_writer:
        open_writer.add([article("https://a.example/1", "x")])
        open_writer.commit()
        with connect(address) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        open_writer.add([article("https://a.example/2", "y")])
        open_writer.commit()
    assert rows(address, "SELECT articles, passages FROM state") == [(2, 2)]


def test_texts_that_no_database_can_store_are_mended(database):
    address = database()
    texts = ("a \0 nul", "half \ud83d a pair", "x" * 5000 + " 'quoted' \\ :*&|!")
    author = ", ".join(f"Author {n}" for n in range(2000))
    one, passages = article("https://a.example/\0", *texts, title="\0", author=author)
    commit(address, (one, [passages[0], passages[2]]))
    with writer(address) as open_writer:
        kept = open_writer.article("https://a.example/\0")
    assert kept.title == "\ufffd"
    assert kept.author == author
    # JSON escapes NUL, so that the text of the blocks stays as it was.
    assert kept.blocks[0].text == "a \0 nul"
    assert kept.blocks[1].text == "half \ufffd a pair"


def test_an_address_of_any_length_is_stored(database):
    address = database()
    url = "https://a.example/" + "".join(chr(97 + n * n % 26) for n in range(7900))
    commit(address, article(url, "x"))
    with writer(address) as open_writer:
        assert open_writer.urls() == [url]
        open_writer.forget(url)
        open_writer.commit()
        assert open_writer.urls() == []


# Statistics

WORDS = st.lists(
    st.sampled_from(["rye", "bread", "Brot", "ovens", "C++", "学习", LONG]),
    min_size=1,
    max_size=4,
).map(" ".join)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["https://a.example/1", "https://a.example/2", "https://b/"]),
        st.none() | st.lists(WORDS, max_size=2),
        st.sampled_from(["", "de", "en"]),
        st.sampled_from(["One title", "Other name"]),
        st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)),
    ),
    max_size=8,
)


@given(CHANGES, st.sampled_from([1, 3]))
@settings(max_examples=rounds(10, 300), deadline=None)
def test_what_is_counted_is_what_there_is(postgres_server, changes, partitions):
    with postgres_server.database() as address:
        expected = changed(address, changes, partitions)
        if changes:
            assert_counted(address, expected)


def changed(address, changes, partitions):
    """Commit these changes one by one and return what there is then."""
    expected = {}
    with writer(address, partitions=partitions) as open_writer:
        for url, texts, language, title, published in changes:
            if texts is None:
                open_writer.forget(url)
                expected.pop(url, None)
            else:
                one = article(
                    url, *texts, language=language, title=title, published=published
                )
                open_writer.add([one])
                expected[url] = one
            open_writer.commit()
    return expected


def assert_counted(address, expected):
    with connect(address) as connection:

        def counts(query):
            return dict(connection.execute(query).fetchall())

        assert counts("SELECT token, passages FROM terms") == counts(
            "SELECT lexeme, count(*) FROM passage_words, unnest(words) GROUP BY 1"
        )
        languages = Counter(one.language for one, _ in expected.values())
        assert counts("SELECT language, articles FROM languages") == languages
        spelt = Counter(
            f"{one.language}/{word}"
            for one, passages in expected.values()
            if passages
            for word in article_words([one.title, *(p.text for p in passages)])
        )
        assert (
            counts("SELECT language || '/' || word, articles FROM vocabulary") == spelt
        )
        passages = sum(len(found) for _, found in expected.values())
        state = connection.execute(
            "SELECT articles, passages, words, (SELECT coalesce(sum(length), 0)::bigint"
            " FROM passage_words), (SELECT count(*) FROM passages),"
            " (SELECT count(*) FROM tokens), (SELECT sum(passages) FROM articles) FROM state"
        ).fetchone()
        assert state[:2] == (len(expected), passages)
        assert state[2] == state[3]
        assert state[4] == state[5] == (state[6] or 0) == passages
        assert_copies(connection, expected)


def assert_copies(connection, expected):
    texts = {
        url: compared_text(one.title, one.blocks) for url, (one, _) in expected.items()
    }
    same = {
        tuple(sorted(pair))
        for pair in combinations(texts, 2)
        if are_same(texts[pair[0]], texts[pair[1]])
    }
    stored = connection.execute(
        "SELECT a.url, b.url FROM copies JOIN articles a ON a.id = article"
        " JOIN articles b ON b.id = other"
    ).fetchall()
    assert {tuple(sorted(pair)) for pair in stored} == same
    represented = connection.execute(
        "SELECT a.url, b.url FROM texts t JOIN articles a ON a.id = t.article"
        " LEFT JOIN articles b ON b.id = t.same_as ORDER BY a.url"
    ).fetchall()
    assert len(represented) == len(expected)
    paired = {url for pair in same for url in pair}
    assert {url for url, other in represented if other} == paired


def test_an_index_of_a_newer_program_is_refused(database):
    address = database()
    commit(address, article("https://a.example/1", "x"))
    with connect(address) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'version'")
    with pytest.raises(IndexMismatch, match="newer Blogsearch"):
        writer(address)


def test_writers_in_each_other_s_way_lose_nothing(database):
    address, faults = database(), []

    def write(indexer):
        chance = Random(indexer)
        try:
            with writer(address, indexer) as open_writer:
                for _ in range(3):
                    numbers = chance.sample(range(8), 4)
                    open_writer.add(
                        [
                            article(
                                f"https://{n % 2}.example/{n}", LONG, f"text {indexer}"
                            )
                            for n in numbers
                        ]
                    )
                    open_writer.forget(f"https://0.example/{chance.choice([0, 2])}")
                    open_writer.commit()
        except BaseException as error:
            faults.append(repr(error))
            raise

    threads = [Thread(target=write, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with connect(address) as connection:
        assert examine(connection) == []
