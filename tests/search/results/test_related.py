"""More from the same index: near to an article, near to a text; every alias of an
address."""

from contextlib import closing
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.engine import Engine
from search.errors import ArticleUnknown, QueryError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.results.related import LONGEST_TEXT, pieces, rank
from search.text import tracking
from search.types import Article, Block, Filters, Passage
from tests.fakes import HashEmbedder

RYE = "rye bread needs a sour dough and a long rest before the oven is hot enough for baking it well"
OTHERS = (
    "comets and planets are seen through telescopes on clear nights far from towns",
    "the compiler inlines functions whose bodies hold few instructions and no loops",
    "our train left Lisbon at noon and reached the mountains after sunset",
    "violins are tuned by fifths while guitars are tuned mostly by fourths",
)


def made(url, title, *texts, **fields):
    known = {"site": "A", "author": "Ann", "published": date(2020, 1, 1)} | fields
    blocks = tuple(Block("paragraph", text) for text in texts)
    return Article(url, title, blocks=blocks, **known), tuple(map(Passage, texts))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    directory = tmp_path_factory.mktemp("related")
    long = " ".join(f"{RYE} {n}word." for n in range(12))
    with SqliteWriter(directory, HashEmbedder(dimension=256), splitter=1) as index:
        index.add([
            made("https://www.a.example/rye/part-1/", "Rye, part 1", RYE),
            made("https://a.example/rye/part-2/", "Rye, part 2", RYE.replace("oven", "stove")),
            made("https://b.example/loaf?p=7", "A loaf", f"{RYE.replace('rest', 'nap')} through",
                 site="B", author="Bo"),
            made("https://b.example/crust", "The crust",
                 "rye bread needs a hot oven and a long rest for the sour dough to crust",
                 site="B", author="Bo", published=date(2023, 1, 1)),
            made("https://a.example/long", "The whole story", long),
            made("https://c.example/long-again", "The whole story", long, published=date(2021, 1, 1)),
            *(made(f"https://d.example/{n}", f"Else {n}", text) for n, text in enumerate(OTHERS)),
        ])  # fmt: skip
        index.commit()
    # a sentence a piece
    engine = Engine(
        open_index(directory),
        embedder=HashEmbedder(dimension=256, window=16),
    )
    yield engine
    engine.close()


def titles(found):
    return [hit.title for hit in found.hits]


def test_other_articles_on_the_subject_and_the_same_series_last(engine):
    found = engine.related("https://www.a.example/rye/part-1/")
    assert (found.title, found.url) == (
        "Rye, part 1",
        "https://www.a.example/rye/part-1/",
    )
    assert sorted(titles(found)[:3]) == ["A loaf", "The crust", "The whole story"]
    assert titles(found)[3:] == ["Rye, part 2"]
    scores = [hit.score for hit in found.hits[:3]]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) < found.hits[3].score <= 1
    assert (
        titles(engine.related("https://www.a.example/rye/part-1/", limit=2))
        == titles(found)[:2]
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/rye/part-1",
        "https://A.example:443/rye/part-1/index.html?utm_source=feed#top",
        "https://www.a.example/rye/part%2D1/?fbclid=x",
        "https://me@a.example/rye/part-1",
    ],
)
def test_any_alias_of_the_address(engine, url):
    assert engine.related(url).url == "https://www.a.example/rye/part-1/"


@pytest.mark.parametrize(
    "parameter",
    [
        *(f"{prefix}x=1" for prefix in tracking.PREFIXES),
        *(f"{name}=1" for name in sorted(tracking.NAMES)),
        *(f"{name}=twitter" for name in sorted(tracking.AMBIGUOUS_NAMES)),
        "ref=news.ycombinator.com",
        "source=rss----7f60cf5620c9---4",
        "amp;utm_source=feed",
    ],
)
def test_no_tracking_parameter_hides_an_article(engine, parameter):
    asked = f"https://a.example/rye/part-1/?{parameter}"
    assert engine.related(asked).url == "https://www.a.example/rye/part-1/"
    asked = f"https://b.example/loaf?{parameter}&p=7"
    assert engine.related(asked).url == "https://b.example/loaf?p=7"


def test_a_fragment_finds_its_own_post_of_a_page_of_several(tmp_path):
    page = "https://a.example/2019-05.html"
    with SqliteWriter(tmp_path, HashEmbedder(dimension=256), splitter=1) as index:
        index.add(
            [
                made(f"{page}#{name}", name, text)
                for name, text in zip(("one", "two"), OTHERS, strict=False)
            ]
        )
        index.add([made("https://a.example/über", "Plain", OTHERS[2])])
        index.commit()
    with closing(
        Engine(open_index(tmp_path), embedder=HashEmbedder(dimension=256))
    ) as engine:
        asked = "http://www.a.example/2019-05.html?utm_source=x#two"
        assert engine.related(asked).title == "two"
        assert engine.related(page).title == "one"
        assert engine.related("https://a.example/%C3%BCber#top").title == "Plain"
        with pytest.raises(ArticleUnknown):
            engine.related("https://a.example/2019-06.html#two")


def test_a_copy_stands_for_the_same_text_and_is_not_related_to_itself(engine):
    found = engine.related("https://c.example/long-again")
    assert "The whole story" not in titles(found)
    assert {"Rye, part 1", "A loaf"} <= set(titles(found))


@pytest.mark.parametrize(
    "url",
    ["https://a.example/nothing", "https://b.example/loaf", "https://b.example/loaf?p=8", "ftp://a.example/rye",
     "https://[broken", "rye", "https://b.example:81/crust"],
)  # fmt: skip
def test_an_unknown_address_is_told(engine, url):
    with pytest.raises(ArticleUnknown, match="holds no article at this address"):
        engine.related(url)


def test_a_text_finds_what_it_was_taken_from_however_long(engine):
    assert titles(engine.similar(OTHERS[2]))[0] == "Else 2"
    pasted = " ".join(f"{text}." for text in OTHERS * 20)
    assert set(titles(engine.similar(pasted))[:4]) == {f"Else {n}" for n in range(4)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n", "empty"),
        ("?!", "nothing-to-search"),
        ("x" * (LONGEST_TEXT + 1), "too-long"),
    ],
)
def test_what_is_no_text_is_told(engine, text, code):
    with pytest.raises(QueryError) as raised:
        engine.similar(text)
    assert raised.value.code == code


@given(st.text(max_size=600))
def test_pieces_fit_the_window_and_leave_nothing_out(text):
    embedder = HashEmbedder(window=7)
    found = pieces(text, embedder)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(count <= 7 for count in embedder.count_tokens(found))


@given(st.integers(1, 5), st.integers(1, 6), st.randoms(use_true_random=False))
def test_articles_rank_by_their_best_passages(probes, articles, random):
    numbers = np.random.default_rng(random.randrange(1000))

    def vectors(count):
        rows = numbers.normal(size=(count, 4)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    text = vectors(probes)
    given_ones = {
        n: (np.arange(n * 10, n * 10 + 4), vectors(4)) for n in range(articles)
    }
    ranked = rank(text, given_ones)
    assert sorted(number for number, _, _ in ranked) == list(given_ones)
    for number, score, best in ranked:
        cosines = sorted(
            (
                max(0.0, *map(float, row @ text.T), -1.0)
                for row in given_ones[number][1]
            ),
            reverse=True,
        )
        assert score == pytest.approx(sum(cosines[:3]) / 3, abs=1e-5)
        assert len(best) == 3
    assert [score for _, score, _ in ranked] == sorted(
        (score for _, score, _ in ranked), reverse=True
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_may_be_taken_for_an_address(engine, text):
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        with pytest.raises(ArticleUnknown):
            engine.related(url)


def test_facets_count_all_that_was_found_on_whatever_page(engine):
    whole = engine.search("oven", limit=100)
    page = engine.search("oven", limit=1, offset=1)
    assert page.facets == whole.facets
    assert sum(count for _, count in whole.facets.sites) == whole.total > 1
    assert whole.total + whole.weaker == len(whole.hits)
    assert dict(whole.facets.years)[2023] == 1
    narrowed = engine.search("oven", filters=Filters(site="B"))
    assert (narrowed.facets.sites, narrowed.facets.authors) == (
        (("B", 2),),
        (("Bo", 2),),
    )
