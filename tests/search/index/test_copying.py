"""The copy of an index to another home."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.coverage_report import Coverage
from search.engine import Engine
from search.errors import IndexBusy, IndexMismatch, IndexMissing
from search.index.copying import copy_index
from search.index.memory.home import MemoryIndex
from search.index.open import open_index
from search.index.postgres.home import PostgresIndex
from search.manifest import Manifest
from search.standing import StandingQuestion
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import rounds

MODEL = HashEmbedder(dimension=64)
LONG = " ".join(f"word{n} of a long text" for n in range(60))
WORDS = st.lists(
    st.sampled_from(["rye", "bread", "Brot", "ovens", "C++", "学习", LONG]),
    min_size=1,
    max_size=4,
).map(" ".join)
ARTICLES = st.lists(
    st.builds(
        lambda number, texts, **fields: article(
            f"https://{number % 2}.example/{number}", *texts, **fields
        ),
        st.integers(0, 5),
        st.lists(WORDS, max_size=3),
        title=st.sampled_from(["", "A title"]),
        author=st.sampled_from(["", "Ann"]),
        language=st.sampled_from(["", "de", "en"]),
        published=st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)),
    ),
    max_size=5,
    unique_by=lambda one: one[0].url,
)
REPORT = (Coverage("https://a.example/feed", "feed", known=1, article=1),)


def article(url, *texts, **fields):
    blocks = tuple(Block("paragraph", text) for text in texts)
    passages = [Passage(text, ("Top",)) for text in texts]
    return Article(url, **({"title": "A title", "blocks": blocks} | fields)), passages


def fill(index, articles):
    with index.writer(MODEL, splitter=1) as writer:
        writer.add(articles)
        writer.commit()
        writer.write_coverage(REPORT)


def copied(source, target):
    return copy_index(source, target, note=lambda done, every: None)


def content(index):
    """All that a snapshot says that does not depend on ids."""
    with index.snapshot() as snapshot:
        articles = {url: snapshot.article(url) for url in snapshot.urls()}
        passages = {}
        for url in articles:
            number = snapshot.find(url)
            ids, vectors = snapshot.article_vectors([number]).get(number, ((), ()))
            bits = snapshot.token_bits([int(one) for one in ids])
            passages[url] = [
                (
                    replace(stored, article=0),
                    vector.tobytes(),
                    *(found.tobytes() for found in bits.get(int(one), ())),
                )
                for stored, one, vector in zip(
                    snapshot.passages_of(number), ids, vectors, strict=True
                )
            ]
        return list(articles.values()), passages, snapshot.coverage()


def calibration(index):
    with index.snapshot() as snapshot:
        return replace(
            snapshot.manifest,
            generation=0,
            vectors="",
            vectors_sha256="",
            vectors_upto=0,
            unexamined=0,
            updated="",
        )


@pytest.fixture
def homes(tmp_path):
    with ExitStack() as open_homes:

        def make(name):
            index = open_index(tmp_path / name)
            open_homes.callback(index.close)
            return index

        yield make


@given(ARTICLES)
@settings(max_examples=rounds(8, 200), deadline=None)
def test_a_copy_is_what_the_source_is(tmp_path_factory, articles):
    folder = tmp_path_factory.mktemp("copy")
    with ExitStack() as homes:
        source, memory = open_index(folder / "source"), MemoryIndex()
        again = open_index(folder / "again")
        for index in (source, again):
            homes.callback(index.close)
        fill(source, articles)
        assert copied(source, memory) == copied(memory, again) == len(articles)
        assert content(memory) == content(again) == content(source)
        assert calibration(again) == calibration(memory) == calibration(source)


def test_what_is_there_just_so_is_not_written_again(homes):
    source, target = homes("source"), homes("target")
    one, other = (
        article("https://a.example/1", "x"),
        article("https://a.example/2", "y"),
    )
    fill(source, [one, other])
    seen = []
    assert copy_index(source, target, note=lambda *done: seen.append(done)) == 2
    assert seen == [(2, 2)]
    assert copied(source, target) == 0
    fill(source, [article("https://a.example/2", "z"), article("https://a.example/3")])
    assert copied(source, target) == 2
    assert content(target) == content(source)


def test_standing_questions_are_those_of_the_source(homes):
    source, memory = homes("source"), MemoryIndex()
    fill(source, [article(f"https://a.example/{n}", f"text {n}") for n in range(4)])
    with source.writer(MODEL, splitter=1) as writer:
        writer.forget("https://a.example/0")  # so that the copy has other ids
        writer.commit()
        asked = StandingQuestion("text", "text", upto=3, seen=("k",))
        writer.change_standing(
            lambda known: known.with_question(replace(asked, upto=1)).with_noted(
                "text", {"gone": 1, "here": 3}, upto=3, at="2026-03-01"
            )
        )
    for _ in range(2):
        copied(source, memory)
        with memory.snapshot() as snapshot:
            (found,) = snapshot.standing().questions
            last = snapshot.find("https://a.example/3")
            noted = [snapshot.articles([one.article]) for one in found.noted]
            # The last one is still to be asked about there too.
            assert snapshot.arrived(found.upto, 99) == [last]
            assert [[one.url for one in held.values()] for held in noted] == [
                ["https://a.example/2"]
            ]
            assert snapshot.standing().given == 2
    with source.writer(MODEL, splitter=1) as writer:
        writer.change_standing(lambda known: known.without("text"))
    copied(source, memory)
    with memory.snapshot() as snapshot:
        assert snapshot.standing().questions == ()


def test_a_copy_that_was_stopped_goes_on(homes):
    source, target = homes("source"), homes("target")
    many = [article(f"https://a.example/{n}", f"text {n}") for n in range(150)]
    fill(source, many)

    def stop(done, every):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_index(source, target, note=stop)
    assert copied(source, target) > 0
    assert content(target) == content(source)


def test_a_copy_needs_the_model_of_what_is_there(homes):
    source, target = homes("source"), homes("target")
    fill(source, [article("https://a.example/1", "x")])
    other = HashEmbedder("other")
    with target.writer(other, splitter=1) as writer:
        with pytest.raises(IndexBusy):
            copied(source, target)
        writer.add([article("https://a.example/1", "x")])
        writer.commit()
    with pytest.raises(IndexMismatch, match="other was"):
        copied(target, source)
    with target.writer(other, splitter=1):
        pass


def test_memory_takes_only_its_own_model():
    index = MemoryIndex()
    fill(index, [article("https://a.example/1", "x")])
    with pytest.raises(IndexMismatch):
        index.receiver(Manifest("other", "", 64, 1))
    index.receiver(Manifest(MODEL.name, MODEL.fingerprint, 64, 1)).close()


def test_vectors_are_the_same_to_the_last_bit(homes):
    source, target = homes("source"), homes("target")
    fill(source, [article("https://a.example/1", "x y z")])
    copied(source, target)
    vectors = []
    for index in (source, target):
        with index.snapshot() as snapshot:
            number = snapshot.find("https://a.example/1")
            vectors.append(snapshot.article_vectors([number])[number][1])
    assert np.array_equal(*vectors)


# A database


@given(ARTICLES, st.sampled_from([1, 3]))
@settings(max_examples=rounds(6, 100), deadline=None)
def test_a_copy_to_a_database_and_back_is_what_the_source_is(
    postgres_server, tmp_path_factory, articles, partitions
):
    folder = tmp_path_factory.mktemp("copy")
    with ExitStack() as homes:
        address = homes.enter_context(postgres_server.database())
        source, again = open_index(folder / "source"), open_index(folder / "again")
        stored = PostgresIndex(address, partitions=partitions)
        for index in (source, again, stored):
            homes.callback(index.close)
        fill(source, articles)
        assert copied(source, stored) == len(articles)
        assert content(stored) == content(source)
        assert calibration(stored) == calibration(source)
        assert stored.examine() == []
        assert copied(source, stored) == 0
        assert copied(stored, again) == len(articles)
        assert content(again) == content(source)
        assert calibration(again) == calibration(source)
        assert answers(stored) == answers(source)


def answers(index):
    engine = Engine(index, embedder=MODEL)
    found = [engine.search(asked) for asked in ("bread", "rye ovens", '"word3 of"')]
    return [(one.total, one.confident, one.hits, one.facets) for one in found]


def test_a_copy_to_a_database_that_was_stopped_goes_on(homes, database):
    source, stored = homes("source"), PostgresIndex(database())
    fill(source, [article(f"https://a.example/{n}", f"text {n}") for n in range(150)])

    def stop(done, every):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_index(source, stored, note=stop)
    with pytest.raises(IndexMissing, match="being copied"), stored.snapshot():
        pass
    with pytest.raises(IndexBusy, match="blog-indexer copy"):
        stored.writer(MODEL, splitter=1)
    assert stored.examine() != []
    # What the source has no longer, the copy has not.
    with source.writer(MODEL, splitter=1) as writer:
        writer.forget("https://a.example/7")
        writer.commit()
    assert copied(source, stored) == 22
    assert content(stored) == content(source)
    assert stored.examine() == []
    stored.close()


def test_a_copy_that_was_begun_of_another_model_is_begun_again(homes, database):
    source, stored = homes("source"), PostgresIndex(database())
    fill(source, [article("https://a.example/1", "x")])
    with stored.receiver(Manifest("other", "", 32, 1)):
        pass
    assert copied(source, stored) == 1
    assert content(stored) == content(source)
    stored.close()


def test_what_changed_is_copied_to_a_database_that_is_read(homes, database):
    source, stored = homes("source"), PostgresIndex(database())
    fill(source, [article(f"https://a.example/{n}", f"text {n}") for n in range(9)])
    copied(source, stored)
    fill(source, [article("https://a.example/2", LONG), article("https://b.example/")])
    with stored.snapshot() as before:
        assert copied(source, stored) == 2
        assert len(before.urls()) == 9
    assert content(stored) == content(source)
    assert stored.examine() == []
    stored.close()
