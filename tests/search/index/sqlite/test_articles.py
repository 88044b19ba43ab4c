"""What is stored: rows, vectors and full text, and what filters and operators leave of
them."""

from datetime import date

import numpy as np
import pytest

from search.index.sqlite.scopes.labels import KeptLabels
from search.index.sqlite.scopes.passages import Scopes
from search.index.sqlite.words.fts5_query import term
from search.index.sqlite.writer import SqliteWriter
from search.index.stored_vectors import as_stored
from search.port_values import Scope
from search.types import Article, Filters, Note, Passage
from tests.fakes import HashEmbedder
from tests.search.index.sqlite.matching import lexical

MODEL = HashEmbedder(dimension=16)


@pytest.fixture
def stored(tmp_path):
    with SqliteWriter(tmp_path, MODEL, splitter=1) as index:
        yield index.stored


def put(stored, url, *texts, note="", **fields):
    article = Article(url=url, **({"title": "A title"} | fields))
    passages = [Passage(text, ("Top", "Below")) for text in texts]
    passages += [Passage(note, is_note=True)] if note else []
    keys = [passage.text for passage in passages]
    vectors = MODEL.embed_passages([p.text for p in passages])
    return stored.put(article, passages, keys=keys, vectors=vectors)


def matching(stored, match) -> list[int]:
    return [number for number, _ in lexical(stored._db, match, 100)]


EVERYTHING = Filters()


def left(stored, filters=EVERYTHING, required=(), excluded=()) -> set[str]:
    scope = Scope(filters, tuple(required), tuple(excluded))
    allowed = Scopes(stored._db, KeptLabels()).passages(scope, ("en",))
    by_id = stored.passages([int(n) for n in allowed])
    assert len(by_id) == len(allowed)
    return {entry.passage.text for entry in by_id.values()}


def test_ids_are_never_used_twice(stored):
    _, first = put(stored, "https://a.example/1", "one", "two")
    removed, second = put(stored, "https://a.example/1", "three")
    assert removed == first
    assert min(second) > max(first)
    assert stored.forget("https://a.example/1") == second
    _, third = put(stored, "https://a.example/1", "four")
    assert min(third) > max(second)
    assert stored.counts() == (1, 1)


def test_the_full_text_follows_every_change(stored):
    put(
        stored,
        "https://a.example/1",
        "zebras graze",
        title="Savanna",
        note="a nice link",
    )
    (number, *_) = matching(stored, '"zebra"')
    assert sorted(matching(stored, '"savanna"')) == [number, number + 1]
    assert matching(stored, 'note : "nice"') == [number + 1]
    assert matching(stored, 'text : "nice"') == []
    assert matching(stored, 'heading : "below"')
    put(stored, "https://a.example/1", "lions graze", title="Steppe")
    assert matching(stored, '"zebra" OR "savanna" OR "nice"') == []
    assert len(matching(stored, '"lion"')) == 1
    stored.forget("https://a.example/1")
    assert matching(stored, '"lion" OR "stepp"') == []
    stored._db.execute(
        "INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')"
    )


def test_words_are_found_without_accents_in_other_forms_and_with_their_underscores(
    stored,
):
    put(stored, "https://a.example/1", "Bäckerei trains as_strided, 深度学习入门")
    for match in ("backerei", "Bäckerei", "training", "as_strided", "strided", "学习"):
        assert matching(stored, term(match, ["en"])), match


def test_a_title_weighs_more_than_the_text(stored):
    put(
        stored,
        "https://a.example/1",
        "bread and more about other things",
        title="Other",
    )
    put(
        stored, "https://a.example/2", "nothing but other things in here", title="Bread"
    )
    best = lexical(stored._db, '"bread"', 2)
    assert stored.passages([best[0][0]])[best[0][0]].article == 2
    assert best[0][1] > best[1][1]
    assert len(lexical(stored._db, '"bread"', 1)) == 1
    assert lexical(stored._db, "", 5) == []


def test_vectors_are_found_by_what_was_embedded(stored):
    put(stored, "https://a.example/1", "one", "two")
    known = stored.vectors_by_key(["two", "none"])
    assert list(known) == ["two"]
    assert np.array_equal(known["two"], as_stored(MODEL.embed("two")))
    ids, vectors = stored.all_vectors(16)
    assert vectors.shape == (2, 16)
    assert list(ids) == sorted(ids)


@pytest.fixture
def three(stored):
    put(
        stored,
        "https://blog.ann.example/1",
        "ann",
        site="Ann's Blog",
        author="Ann Smith",
        published=date(2020, 5, 6),
    )
    put(
        stored,
        "https://www.bob.example/1",
        "bob",
        site="BOB",
        author="Bob Jones, Ann Other",
        language="de",
        published=date(2021, 1, 1),
    )
    put(
        stored,
        "https://eve.example/x",
        note="eve",
        notes=(Note("eve", noted=date(2022, 2, 2)),),
        evidence="link",
    )
    put(stored, "https://none.example/", "none")
    return stored


ALL = {"ann", "bob", "eve", "none"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(site="blog.ann.example"), {"ann"}),
        (Filters(site="ANN.example"), {"ann"}),
        (Filters(site="bob.example"), {"bob"}),
        (Filters(site="www.bob.example"), {"bob"}),
        (Filters(site="bob"), {"bob"}),
        (Filters(site="ann's blog"), {"ann"}),
        (Filters(site="nobody.example"), set()),
        (Filters(site="%"), set()),
        (Filters(site="_ob.example"), set()),
        (Filters(author="ANN"), {"ann", "bob"}),
        (Filters(author="jones"), {"bob"}),
        (Filters(author="%"), set()),
        (Filters(after=date(2021, 1, 1)), {"bob", "eve"}),
        (Filters(before=date(2021, 1, 1)), {"ann", "bob"}),
        (Filters(after=date(2020, 5, 7), before=date(2021, 12, 31)), {"bob"}),
        (Filters(author="ann", after=date(2021, 1, 1)), {"bob"}),
        (Filters(language="de"), {"bob"}),
        (Filters(language="xx"), set()),
    ],
)
def test_filters(three, filters, expected):
    assert left(three, filters) == expected


def test_without_filters_there_is_no_restriction(three):
    assert Scopes(three._db, KeptLabels()).passages(Scope(), ("",)) is None


def test_a_phrase_stands_in_the_passage_and_an_excluded_word_bars_the_article(stored):
    put(stored, "https://a.example/1", "cold bread", "warm cake")
    put(stored, "https://a.example/2", "bread cold", "soup")
    assert left(stored, required=["cold bread"]) == {"cold bread"}
    assert left(stored, excluded=["cake"]) == {"bread cold", "soup"}
    assert left(stored, required=["bread"], excluded=["soup"]) == {"cold bread"}


def test_a_restriction_restricts_the_full_text(stored):
    put(stored, "https://a.example/1", "bread", "bread and butter")
    ids = matching(stored, '"bread"')
    assert [
        n for n, _ in lexical(stored._db, '"bread"', 5, np.array(ids[:1], np.int64))
    ] == ids[:1]
    assert lexical(stored._db, '"bread"', 5, np.array([], np.int64)) == []


def test_what_was_there_before_keeps_its_number_and_order(three):
    first = three.urls()
    put(three, first[0], "again", site="Ann's Blog")
    assert three.urls() == first
    assert [entry.passage.text for entry in three.passages_of(1)] == ["again"]
    assert three.article("https://nobody.example/") is None
    assert three.passages_of(99) == []


def test_names_are_compared_once_an_article_not_once_a_passage(stored):
    put(stored, "https://a.example/1", *(f"loaf {n}" for n in range(20)), site="Ann")
    put(stored, "https://b.example/1", *(f"bun {n}" for n in range(20)), site="Bob")
    asked = []
    stored._db.create_function(
        "fold", 1, lambda text: asked.append(text) or text.casefold()
    )
    assert len(left(stored, Filters(site="bob"))) == 20
    # Once to find if there is such a site, and once for each article.
    assert len(asked) <= 4
    assert left(stored, Filters(site="bob"), required=["bun 3"]) == {"bun 3"}
