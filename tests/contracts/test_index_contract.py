"""The promises of the index port, kept by every home of an index."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.coverage_report import Coverage
from search.engine import Engine
from search.errors import IndexBusy, IndexMismatch, IndexMissing
from search.index.memory.home import MemoryIndex
from search.index.open import open_index
from search.port_values import (
    AnyOf,
    LexicalQuery,
    Names,
    Phrase,
    Scope,
    Term,
    labels_of,
)
from search.standing import Standing, StandingQuestion
from search.types import Article, Block, Filters, Note, Passage
from tests.fakes import HashEmbedder
from tests.postgres import unavailable
from tests.torture.scale import rounds

MODEL = HashEmbedder(dimension=64)
HOMES = ("memory", "sqlite", "postgres")
ONE_WRITER = ("memory", "sqlite")  # at a time; others have several
PAGE = "file:///home/me/til.md"


@pytest.fixture(scope="session")
def opened(request):
    """A context of one empty index: its home's name and a folder that it may use."""

    @contextmanager
    def make(name, folder):
        if name == "postgres":
            server = request.getfixturevalue("postgres_server")
            with server.database() as address, using(open_index(address)) as index:
                yield index
        else:
            made = MemoryIndex() if name == "memory" else open_index(folder)
            with using(made) as index:
                yield index

    return make


@contextmanager
def using(index):
    try:
        yield index
    finally:
        index.close()


def homes_here():
    """Those that can be compared; the tests of one home say what is missing."""
    return [name for name in HOMES if name != "postgres" or not unavailable()]


@pytest.fixture(params=HOMES)
def home(request, opened, tmp_path):
    with opened(request.param, tmp_path) as index:
        yield index


def article(url, *texts, note="", **fields):
    passages = [Passage(text, ("Top",)) for text in texts]
    passages += [Passage(note, is_note=True)] if note else []
    blocks = tuple(Block("paragraph", text) for text in texts)
    return Article(url, **({"title": "A title", "blocks": blocks} | fields)), passages


def commit(index, *articles, model=MODEL, **options):
    with index.writer(model, splitter=1, **options) as writer:
        added = writer.add(articles)
        writer.commit()
    return added


def words(*clauses, languages=("",)):
    return LexicalQuery(clauses, languages)


def texts(snapshot, ids):
    stored = snapshot.passages(list(ids))
    return [stored[n].passage.text for n in ids]


THREE = (
    article(
        "https://blog.ann.example/1",
        "Bread rises in a cold room",
        "Water and salt",
        site="Ann's Blog",
        author="Ann Smith",
        language="en",
        published=date(2020, 5, 6),
    ),
    article(
        "https://www.bob.example/1?page=2",
        "Die Bäckerei backt Roggenbrot",
        site="BOB",
        author="Bob Jones, Ann Other",
        language="de",
        published=date(2021, 1, 1),
    ),
    article(
        "https://eve.example/x",
        note="a talk about bread and trains",
        title="Bread on rails",
        notes=(
            Note("a talk about bread and trains", noted=date(2022, 2, 2), page=PAGE),
        ),
        evidence="link",
    ),
)


@pytest.fixture
def three(home):
    commit(home, *THREE)
    with home.snapshot() as snapshot:
        yield snapshot


def test_an_index_that_is_empty_or_missing_says_so(home):
    assert home.model() is None
    with pytest.raises(IndexMissing), home.snapshot():
        pass
    with home.writer(MODEL, splitter=1) as writer:
        assert writer.manifest is None
        writer.add([THREE[0]])
    with pytest.raises(IndexMissing), home.snapshot():
        pass


def test_a_commit_makes_all_visible_and_a_snapshot_stays_as_it_was(home):
    commit(home, THREE[0])
    with home.snapshot() as before:
        commit(home, THREE[1])
        assert before.urls() == [THREE[0][0].url]
        assert len(before.nearest(MODEL.embed("bread"), 10)[0]) == 2
    with home.snapshot() as after:
        assert after.manifest.generation == before.manifest.generation + 1
        assert (after.manifest.articles, after.manifest.passages) == (2, 3)
        assert len(after.nearest(MODEL.embed("bread"), 10)[0]) == 3
    assert home.model() == MODEL.name


def test_what_was_not_committed_is_gone(home):
    commit(home, THREE[0])
    with home.writer(MODEL, splitter=1) as writer:
        writer.add([THREE[1]])
        writer.forget(THREE[0][0].url)
        assert writer.urls() == [THREE[1][0].url]
        assert writer.article(THREE[0][0].url) is None
        kept, gone = THREE[1][0], THREE[0][0]
        assert writer.evidence_of(kept.url) == kept.evidence
        assert writer.evidence_of(gone.url) is None
    with home.snapshot() as snapshot:
        assert snapshot.urls() == [THREE[0][0].url]


def test_an_article_keeps_its_id_and_its_passages_get_new_ones(home):
    url = THREE[0][0].url
    commit(home, *THREE)
    with home.snapshot() as snapshot:
        number = snapshot.find(url)
        before, _ = snapshot.article_vectors([number])[number]
    added = commit(home, article(url, "Bread rises in a cold room", "An oven"))
    assert (added.embedded, added.reused) == (1, 1)
    with home.snapshot() as snapshot:
        after, _ = snapshot.article_vectors([number])[number]
        assert snapshot.find(url) == number
        assert min(after) > max(before)
        assert snapshot.passages(before.tolist()) == {}
        assert snapshot.urls() == [one.url for one, _ in THREE]


def test_a_text_that_is_in_the_index_is_not_embedded_again(home):
    assert commit(home, *THREE).embedded == 4
    assert commit(home, *THREE).reused == 4


def test_a_writer_is_of_the_index_s_model_and_splitter(home):
    commit(home, THREE[0])
    with pytest.raises(IndexMismatch):
        home.writer(HashEmbedder("other"), splitter=1)
    with pytest.raises(IndexMismatch):
        home.writer(MODEL, splitter=2)
    commit(home, *THREE, model=HashEmbedder("other"), rebuild=True)
    assert home.model() == "other"


@pytest.mark.parametrize("name", ONE_WRITER)
def test_a_home_of_one_machine_has_one_writer(opened, tmp_path, name):
    with opened(name, tmp_path) as home:
        with home.writer(MODEL, splitter=1), pytest.raises(IndexBusy):
            home.writer(MODEL, splitter=1)
        commit(home, THREE[0])


def test_indexers_write_to_postgresql_side_by_side(database):
    address = database()
    with (
        using(open_index(address, indexer="one")) as one,
        using(open_index(address, indexer="other")) as other,
        one.writer(MODEL, splitter=1) as first,
        other.writer(MODEL, splitter=1) as second,
    ):
        first.add([THREE[0]])
        second.add([THREE[1], THREE[2]])
        second.commit()
        first.commit()
        with one.snapshot() as snapshot, other.snapshot() as same:
            assert set(snapshot.urls()) == {made.url for made, _ in THREE}
            assert snapshot.manifest == same.manifest
            assert snapshot.manifest.articles == 3
        # What an indexer has put is its own until another one puts it.
        assert first.urls() == [THREE[0][0].url]
        assert second.article(THREE[0][0].url) == THREE[0][0]


def test_a_forgotten_article_leaves_nothing(home):
    commit(home, *THREE)
    with home.writer(MODEL, splitter=1) as writer:
        writer.forget(THREE[0][0].url)
        writer.forget("https://nobody.example/")
        writer.commit()
    with home.snapshot() as snapshot:
        assert snapshot.find(THREE[0][0].url) is None
        assert snapshot.lexical(words(Term("salt")), 5) == []
        assert snapshot.document_frequencies([words(Term("salt"))]) == [0]
        assert snapshot.articles_with(["salt"], ["en"]) == {}
        assert snapshot.languages_of("salt") != ("en",)


# Retrieval


def test_the_nearest_come_best_first_ties_by_smaller_id(home):
    commit(home, *(article(f"https://a.example/{n}", "same words") for n in range(5)))
    with home.snapshot() as snapshot:
        ids, cosines = snapshot.nearest(MODEL.embed("same words"), 3)
        assert ids.tolist() == sorted(ids.tolist())
        assert (ids.dtype, cosines.dtype) == (np.int64, np.float32)
        everything, _ = snapshot.nearest(MODEL.embed("same words"), 50)
        assert len(everything) == 5
        assert ids.tolist() == everything[:3].tolist()


def test_similarities_are_the_inner_products_and_unknown_ids_are_left_out(three):
    vector = MODEL.embed("bread in a room")
    ids, cosines = three.nearest(vector, 10)
    found = three.similarities([*ids.tolist(), 999], vector)
    assert set(found) == set(ids.tolist())
    assert [found[n] for n in ids.tolist()] == pytest.approx(cosines, abs=1e-6)
    assert three.passages([999]) == three.article_ids([999]) == {}
    assert three.articles([999]) == three.article_vectors([999]) == {}
    assert three.token_bits([999]) == three.duplicates([999]) == {}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (words(), 0),
        (words(Term("breads"), languages=("en",)), 2),
        (words(Term("Brot"), languages=("de",)), 1),
        (words(Phrase("cold room")), 1),
        (words(Phrase("room cold")), 0),
        (words(AnyOf((Term("salt"), Term("trains")))), 2),
        (words(Phrase("cold room"), AnyOf((Term("salt"),))), 0),
        (words(Term("rails")), 1),
        (words(Term("?")), 0),
    ],
)
def test_a_lexical_query_matches_where_all_clauses_do(three, query, expected):
    found = three.lexical(query, 10)
    assert len(found) == expected
    assert all(score > 0 for _, score in found)
    if query.clauses:
        assert three.document_frequencies([query]) == [expected]


def test_a_title_weighs_more_than_a_text_and_no_score_exceeds_the_bound(three):
    query = words(Term("bread"), languages=("en",))
    found = three.lexical(query, 10)
    assert texts(three, [found[0][0]]) == ["a talk about bread and trains"]
    assert three.lexical(query, 1) == found[:1]
    assert all(one >= other for (_, one), (_, other) in pairwise(found))
    bound = three.lexical_bound(three.document_frequencies([query]))
    assert 0 < found[0][1] <= bound


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(site="blog.ann.example"), {"ann"}),
        (Filters(site="ANN.example"), {"ann"}),
        (Filters(site="www.bob.example"), {"bob"}),
        (Filters(site="bob"), {"bob"}),
        (Filters(site="ann's blog"), {"ann"}),
        (Filters(site="nobody.example"), set()),
        (Filters(site="%"), set()),
        (Filters(site="_ob.example"), set()),
        (Filters(author="ANN"), {"ann", "bob"}),
        (Filters(author="%"), set()),
        (Filters(after=date(2021, 1, 1)), {"bob", "eve"}),
        (Filters(before=date(2021, 1, 1)), {"ann", "bob"}),
        (Filters(after=date(2020, 5, 7), before=date(2021, 12, 31)), {"bob"}),
        (Filters(author="ann", after=date(2021, 1, 1)), {"bob"}),
        (Filters(language="de"), {"bob"}),
        (Filters(language="xx"), set()),
        (Filters(evidence="article"), {"ann", "bob"}),
        (Filters(evidence="link"), {"eve"}),
        (Filters(evidence="summary"), set()),
    ],
)
def test_filters_bound_both_retrievers(three, filters, expected):
    vector, query = MODEL.embed("bread"), words(Term("a"), languages=("en",))
    hosts = {"ann": "blog.ann.example", "bob": "www.bob.example", "eve": "eve.example"}
    wanted = {hosts[name] for name in expected}

    def found(ids):
        articles = three.articles(list(set(three.article_ids(ids).values())))
        return {one.host for one in articles.values()}

    scope = Scope(filters)
    ids = three.nearest(vector, 10, scope)[0].tolist()
    assert found(ids) == wanted
    everywhere = {number for number, _ in three.lexical(query, 10)}
    within = {number for number, _ in three.lexical(query, 10, scope)}
    assert within == everywhere & set(ids)


NAMES = st.sampled_from(["", "Ann's Blog", "ann", "BOB", "Ölmühle"])
WORDS = st.lists(st.sampled_from(["bread", "rye", "salt"]), min_size=1, max_size=3)
TAGS = st.lists(st.sampled_from(["Café", "cafe", "web"]), max_size=1).map(tuple)
DAYS = st.none() | st.dates(date(2019, 12, 28), date(2020, 1, 4))
ARTICLES = st.lists(
    st.builds(
        lambda host, texts, **fields: article(
            f"https://{host}/", *map(" ".join, texts), **fields
        ),
        st.sampled_from(["ann.example", "www.ann.example", "bob.example", "x.bob.io"]),
        st.lists(WORDS, min_size=1, max_size=3),
        site=NAMES,
        author=NAMES,
        published=DAYS,
        language=st.sampled_from(["", "de", "en"]),
        evidence=st.sampled_from(["article", "summary"]),
        title=st.sampled_from(["A title", "Rye bread", "Salt, or no salt"]),
        tags=TAGS,
        collections=TAGS,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[0].url,
)
SCOPES = st.builds(
    Scope,
    st.builds(
        Filters,
        site=st.sampled_from(
            ["", "ann.example", "ANN", "bob", "example", "olmu", "ölmü"]
        ),
        author=st.sampled_from(["", "an", "bob"]),
        after=DAYS,
        before=DAYS,
        language=st.sampled_from(["", "de"]),
        evidence=st.sampled_from(["", "summary"]),
        tags=TAGS,
        without_tags=TAGS,
        collection=st.sampled_from(["", "cafe"]),
    ),
    required=st.lists(WORDS.map(" ".join), max_size=2).map(tuple),
    excluded=st.lists(WORDS.map(" ".join), max_size=2).map(tuple),
    titled=st.lists(
        st.sampled_from(["rye", "breads", "salt no", "no salt", "oats", "?"]),
        max_size=2,
    ).map(tuple),
    alternatives=st.lists(
        st.lists(WORDS.map(" ".join) | st.just("?"), max_size=3).map(tuple), max_size=2
    ).map(tuple),
)


@given(ARTICLES, ARTICLES, SCOPES)
@settings(max_examples=rounds(25, 500), deadline=None)
def test_all_homes_take_the_same_passages_for_a_scope(
    opened, tmp_path_factory, first, later, scope
):
    left, newest = [], []
    for name in homes_here():
        with opened(name, tmp_path_factory.mktemp("scope")) as index:
            # The second time articles are replaced, and their passages get other ids.
            for articles in (first, later):
                commit(index, *articles)
            with index.snapshot() as snapshot:
                ids, _ = snapshot.nearest(MODEL.embed("bread"), 100, scope)
                found = snapshot.passages(ids.tolist()).values()
                urls = {
                    n: one.url
                    for n, one in snapshot.articles(list(range(1, 99))).items()
                }
                left.append(sorted((urls[one.article], one.position) for one in found))
                # Of one date the greater id comes first, which is the home's own.
                passing = snapshot.newest(99, scope.filters)
                newest.append({urls[number] for number in passing})
                one = LexicalQuery((AnyOf((Term("bread"), Term("salt"))),), ("", "de"))
                matching = {number for number, _ in snapshot.lexical(one, 100, scope)}
                every = {number for number, _ in snapshot.lexical(one, 100)}
                assert matching == every & set(ids.tolist())
    assert all(one == left[0] for one in left)
    assert all(one == newest[0] for one in newest)


def test_an_article_gets_other_tags_and_collections_and_is_not_embedded_again(home):
    commit(home, *THREE)
    url = THREE[0][0].url
    model = HashEmbedder(dimension=64)
    with home.snapshot() as before:
        ids, _ = before.nearest(MODEL.embed("bread"), 10)
    with home.writer(model, splitter=1) as writer:
        writer.label(url, Names(("Rye", "Crème"), ("To read",)))
        writer.label("https://nobody.example/", Names(("x",), ()))
        writer.commit()
    assert model.embedded == []
    with home.snapshot() as snapshot:
        assert snapshot.manifest.generation > before.manifest.generation
        stored = snapshot.article(url)
        assert (stored.tags, stored.collections) == (("Rye", "Crème"), ("To read",))
        assert replace(stored, tags=(), collections=()) == THREE[0][0]
        found, _ = snapshot.nearest(MODEL.embed("bread"), 10)
        assert found.tolist() == ids.tolist()
        number = snapshot.find(url)
        assert snapshot.labels([number])[number] == labels_of(stored)
        for filters in (
            Filters(tags=("rye",)),
            Filters(tags=("RYE", "creme")),
            Filters(collection="to READ"),
        ):
            assert snapshot.newest(10, filters) == [number]
        assert snapshot.newest(10, Filters(tags=("ry",))) == []
        assert len(snapshot.newest(10, Filters(without_tags=("rye",)))) == 2


def test_labels_of_what_waits_are_those_given_last(home):
    made, passages = THREE[0]
    with home.writer(MODEL, splitter=1) as writer:
        writer.add([(made, passages)])
        writer.label(made.url, Names(("one",), ()))
        writer.label(made.url, Names(("two",), ("c",)))
        writer.commit()
        writer.label(made.url, Names(("three",), ()))
        writer.forget(made.url)
        writer.add([(replace(made, tags=("four",)), passages)])
        writer.commit()
        assert writer.article(made.url).tags == ("four",)


def test_labels_are_those_of_the_articles(three):
    articles = three.articles([1, 2, 3, 999])
    assert len(articles) == 3
    assert three.labels([3, 999, 1, 2]) == {
        number: labels_of(one) for number, one in articles.items()
    }
    assert three.labels([]) == {}


def test_passages_that_are_named_have_a_score_behind_the_best(three):
    query = words(Term("a"), languages=("en",))
    every = three.lexical(query, 10)
    last = [number for number, _ in every[-1:]]
    assert len(every) > 1
    assert three.lexical(query, 1, also=[*last, 999]) == [every[0], every[-1]]


def test_a_required_phrase_is_in_the_passage_and_an_excluded_word_bars_the_article(
    three,
):
    vector = MODEL.embed("bread")

    def left(**scope):
        return set(texts(three, three.nearest(vector, 10, Scope(**scope))[0].tolist()))

    bread, salt, *_ = (passage.text for passage in THREE[0][1])
    assert left(required=("cold room",)) == {bread}
    assert not {bread, salt} & left(excluded=("salt",))
    assert left(required=("cold",), excluded=("salt",)) == set()
    assert left(alternatives=(("cold room", "nowhere"),)) == {bread}
    assert left(alternatives=(("cold room", "salt"),)) == {bread, salt}
    assert left(alternatives=(("cold room",), ("salt",))) == set()
    assert left(alternatives=(("nowhere", "?"),)) == left(alternatives=((),)) == set()
    talk = "a talk about bread and trains"
    assert left(titled=("rails on",)) == set()
    assert left(titled=("Rails",)) == {talk}
    assert left(titled=("on rails", "cold room")) == set()


def test_token_bits_are_the_signs_of_the_words(three):
    number = three.find(THREE[0][0].url)
    ids, _ = three.article_vectors([number])[number]
    found = three.token_bits(ids.tolist())
    assert set(found) == set(ids.tolist())
    for bits, counts in found.values():
        assert (bits.dtype, bits.shape[1]) == (np.uint8, 8)
        assert len(bits) == counts.sum()


# Words


def test_words_languages_and_similar_words(three):
    assert set(three.languages()) == {"en", "de", ""}
    assert three.languages_of("die Bäckerei backt")[0] == "de"
    assert three.languages_of("water and salt in a room")[0] == "en"
    assert three.articles_with(["bäckerei", "water", "nowhere"], ["en", "de"]) == {
        "bäckerei": 1,
        "water": 1,
    }
    assert three.articles_with(["bäckerei"], ["en"]) == {}
    assert three.articles_with([], ["en"]) == three.articles_with(["water"], []) == {}
    assert three.similar_words("watre", ["en"], 1) == {"water": 1}
    assert "water" in three.similar_words("awter", ["en"], 1)
    assert three.similar_words("watre", ["de"], 1) == {}


# Articles


def test_articles_are_found_by_id_address_and_alias(three):
    made, passages = THREE[0]
    number = three.find(made.url)
    assert three.find("http://blog.ann.example/1/?utm_source=x#part") == number
    assert three.find("https://blog.ann.example/2") is None
    assert three.find("no address") is None
    assert three.article(made.url) == made
    assert three.article("http://blog.ann.example/1") is None
    (found,) = three.articles([number]).values()
    assert (found.title, found.blocks) == (made.title, ())
    stored = three.passages_of(number)
    assert [one.passage for one in stored] == list(passages)
    assert [one.position for one in stored] == [0, 1]
    assert {one.article for one in stored} == {number}
    ids, vectors = three.article_vectors([number])[number]
    assert vectors.shape == (2, 64)
    assert three.article_ids(ids.tolist()) == dict.fromkeys(ids.tolist(), number)
    assert list(three.passages(ids.tolist()).values()) == stored


def test_it_contains_articles_whose_text_is_whole_and_no_pages_that_link_to_them(three):
    assert three.contains(THREE[0][0].url)
    assert not three.contains(THREE[2][0].url)
    assert not three.contains(PAGE)
    assert not three.contains("https://nobody.example/")
    assert not three.contains("")


def test_near_duplicates_are_one_text_represented_by_the_first_published(home):
    text = " ".join(f"word{n} of a long text" for n in range(60))
    planet, original = (
        article(f"https://{name}.example/p", text, title="Same", published=day)
        for name, day in (("planet", date(2020, 3, 3)), ("blog", date(2020, 3, 1)))
    )
    commit(home, planet, original, THREE[0])
    with home.snapshot() as snapshot:
        one, other = snapshot.find(planet[0].url), snapshot.find(original[0].url)
        found = snapshot.duplicates([one, snapshot.find(THREE[0][0].url)])
        assert set(found) == {one, other}
        assert found[one].representative == other
        assert list(found[one].addresses) == [other, one]
        assert found[one].others(one) == (original[0].url,)


def test_the_newest_come_first_and_those_without_a_date_last(home):
    undated = article("https://eve.example/undated", "No day", site="BOB")
    same_day = article("https://eve.example/y", "A day", published=date(2021, 1, 1))
    commit(home, undated, *THREE, same_day)
    with home.snapshot() as snapshot:
        urls = {
            snapshot.find(one.url): one.url for one, _ in (*THREE, undated, same_day)
        }

        def newest(k, **filters):
            return [urls[n] for n in snapshot.newest(k, Filters(**filters))]

        ann, bob, eve = (one.url for one, _ in THREE)
        order = [eve, same_day[0].url, bob, ann, undated[0].url]
        assert newest(10) == order
        assert newest(2) == order[:2]
        assert newest(10, site="bob") == [bob, undated[0].url]
        assert newest(10, before=date(2020, 12, 31)) == [ann]


# The whole


def test_the_whole_is_counted(three):
    status = three.status()
    assert (status.articles, status.passages, status.model) == (3, 4, MODEL.name)
    assert status.sites == (("Ann's Blog", 1), ("BOB", 1), ("eve.example", 1))
    assert status.years == (2022, 2021, 2020)
    assert three.evidence() == {one.url: one.evidence for one, _ in THREE}
    sample = three.sample(100)
    assert sample.vectors.shape == (4, 64)
    assert three.article_ids(sample.ids.tolist()) == dict(
        zip(sample.ids.tolist(), sample.articles.tolist(), strict=True)
    )
    titles = three.sample_titles(100)
    assert [title for title, _ in titles] == [one.title for one, _ in THREE]
    assert sorted(n for _, ids in titles for n in ids) == sample.ids.tolist()


def test_the_coverage_report_is_written_at_once(home):
    commit(home, THREE[0])
    report = (Coverage("https://a.example/feed", "feed", known=1, article=1),)
    with home.writer(MODEL, splitter=1) as writer:
        writer.write_coverage(report)
        writer.write_coverage(report)
    with home.snapshot() as snapshot:
        assert snapshot.coverage() == report
        assert snapshot.manifest.generation == 1


def test_standing_questions_are_kept_at_once(home):
    commit(home, THREE[0])
    bread = StandingQuestion("bread", "how does bread rise?", upto=1, seen=("abc",))
    with home.writer(MODEL, splitter=1) as writer:
        assert writer.change_standing(lambda known: known) == Standing()
        kept = writer.change_standing(lambda known: known.with_question(bread))
        with home.snapshot() as snapshot:
            assert snapshot.standing() == kept == Standing((bread,))
        # What is added does not disturb them, nor does a rebuild.
        writer.add([THREE[1]])
        writer.commit()
    noted = {"def": 7, "abc": 1}
    with home.writer(MODEL, splitter=1) as writer:
        writer.change_standing(
            lambda known: known.with_noted("bread", noted, upto=9, at="2026-03-01")
        )
    commit(home, *THREE, rebuild=True)
    with home.snapshot() as snapshot:
        (found,) = snapshot.standing().questions
        assert [(one.number, one.article) for one in found.noted] == [(1, 7)]
        assert (found.upto, found.seen) == (9, ("def", "abc"))


def test_what_has_arrived_is_known_by_its_id(home):
    commit(home, THREE[0], THREE[1])
    with home.writer(MODEL, splitter=1) as writer:
        before = writer.last_article()
    commit(home, THREE[2], THREE[0])  # the second one is there
    with home.writer(MODEL, splitter=1) as writer:
        last = writer.last_article()
    with home.snapshot() as snapshot:
        assert snapshot.arrived(before, last) == [snapshot.find(THREE[2][0].url)]
        assert len(snapshot.arrived(0, last)) == 3
        assert snapshot.arrived(last, last + 9) == []
    commit(home, *THREE, rebuild=True)
    with home.snapshot() as snapshot:
        assert snapshot.arrived(last, last + 9) == []


def test_a_scope_of_articles_bounds_both_retrievers(three):
    number = three.find(THREE[2][0].url)
    both = three.find(THREE[0][0].url), number
    query = words(Term("bread"))
    for among in ((number,), both, ()):
        scope = Scope(articles=frozenset(among))
        near, _ = three.nearest(MODEL.embed("bread"), 10, scope)
        said = [one for one, _ in three.lexical(query, 10, scope)]
        assert set(three.article_ids(near.tolist()).values()) == set(among)
        assert set(three.article_ids(said).values()) == set(among)
    scope = Scope(Filters(language="en"), articles=frozenset((number,)))
    assert not three.nearest(MODEL.embed("bread"), 10, scope)[0].size


def test_an_engine_answers_over_every_home_alike(opened, tmp_path):
    said = []
    for name in homes_here():
        with opened(name, tmp_path) as index:
            commit(index, *THREE)
            engine = Engine(index, embedder=MODEL)
            answers = [
                engine.search(question)
                for question in (
                    "bread in a cold room",
                    "site:bob backt",
                    '"cold room"',
                )
            ]
            said.append([(one.total, one.hits, one.facets) for one in answers])
    assert all(one == said[0] for one in said)


word = st.sampled_from(["rye", "bread", "oven", "as_strided", "C++", "Brot", "学习"])
corpora = st.lists(
    st.lists(st.lists(word, min_size=1, max_size=6), min_size=1, max_size=3),
    min_size=1,
    max_size=5,
)


@settings(max_examples=rounds(15, 200), deadline=None)
@given(corpora, st.lists(word, min_size=1, max_size=3), st.sampled_from(["", "de"]))
def test_the_homes_agree_on_every_corpus(
    opened, tmp_path_factory, corpus, asked, language
):
    articles = [
        article(f"https://a.example/{n}", *map(" ".join, rows), language=language)
        for n, rows in enumerate(corpus)
    ]
    query = words(AnyOf(tuple(map(Term, asked))), languages=(language,))
    vector = MODEL.embed(" ".join(asked))
    nearest, lexical, counts = [], [], []
    for name in homes_here():
        with opened(name, tmp_path_factory.mktemp("corpus")) as index:
            commit(index, *articles)
            with index.snapshot() as snapshot:
                nearest.append(snapshot.nearest(vector, 4))
                lexical.append(dict(snapshot.lexical(query, 20)))
                counts.append(snapshot.document_frequencies([query]))
    for (_, cosines), scores, count in zip(nearest, lexical, counts, strict=True):
        assert cosines == pytest.approx(nearest[0][1], abs=1e-6)
        assert scores == pytest.approx(lexical[0], rel=1e-6)
        assert count == [len(lexical[0])]
