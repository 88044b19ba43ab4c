"""Typing slips over a real index: what it knows, what it takes for meant, how an answer
says so."""

import threading

import pytest

from search.engine import Engine
from search.errors import QueryError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.query.parser import LONGEST
from search.query.spelling_lookup import corrected
from search.types import Article, Filters, Passage
from tests.fakes import HashEmbedder

TEXTS = [
    (
        "en",
        "The bakery at the corner bakes sourdough bread. Its starter likes a temperature of 26 degrees.",
    ),
    (
        "en",
        "A telescope mirror has to be aligned; collimation takes a screwdriver and the as_strided view.",
    ),
    (
        "en",
        "Machine learning for gardeners: a classifier of leaves, trained on photographs of blight.",
    ),
    (
        "de",
        "Die Bäckerei im Dorf hat eine Fotobearbeitung, und der Sauerteig reift bei der Hitze im Ofen.",
    ),
    (
        "fr",
        "Les boulangers pétrissent la pâte, et le levain naturel donne du goût à la croûte.",
    ),
    ("zh", "烤箱的温度和面团的水分"),
]


class Reads(HashEmbedder):
    """An embedder that has some words as one token and cuts all others into pieces."""

    def count_tokens(self, texts):
        return [
            1 if text in ("navy", "ovens", "knead") else 1 + len(text) // 4
            for text in texts
        ]


MODEL = Reads(dimension=32)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    place = tmp_path_factory.mktemp("slips")
    with SqliteWriter(place, MODEL, splitter=1) as index:
        for number, (language, text) in enumerate(TEXTS):
            article = Article(
                f"https://a.example/{number}", f"Post {number}", language=language
            )
            index.add([(article, [Passage(text)])])
        index.commit()
    return place


@pytest.fixture(scope="module")
def mend(directory):
    reader = open_index(directory)

    def ask(question, filters=Filters()):  # noqa: B008  # frozen
        with reader.snapshot() as index:
            return corrected(question, filters, index, embedder=MODEL)

    return ask


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sourdugh starter temprature", "sourdough starter temperature"),
        ("telescpoe mirorr", "telescope mirror"),
        ("machinelearning for gardners", "machine learning for gardeners"),
        ("Sauertieg in der Bäckerei", "Sauerteig in der Bäckerei"),
        ("le levain natrel", "le levain naturel"),
        ("collimaiton site:a.example after:2020 \"a screwdriver\"",
         "collimation site:a.example after:2020 \"a screwdriver\""),
        ("“a screwdriver” for telescpoe", "\"a screwdriver\" for telescope"),
    ],
)  # fmt: skip
def test_a_slip_is_mended_by_the_words_that_the_index_holds(mend, typed, meant):
    assert mend(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "sourdough starter temperature", "bake a gardener's classifiers",
        "backerei bearbeitung", "petrissent gout",
        "strided", "温度和面条", "telescope in the navy", "ovens knead",
        "fixed or variable mortgages", "certbot renewal", "\"telescpoe\" mirror", "mirror -telescpoe",
    ],
)  # fmt: skip
def test_what_is_held_in_any_form_or_means_something_else_stays(mend, typed):
    assert mend(typed) is None


def test_a_word_without_support_stays(mend):
    assert mend("leaves of light blihgt") == "leaves of light blight"
    assert mend("sourdough of light blihgt") is None


def test_a_question_in_a_language_that_is_not_held_stays(mend):
    assert mend("temperature of telescopo") == "temperature of telescope"
    assert mend("temperature del telescopo y la maquina") is None


def test_a_word_is_mended_in_the_language_that_is_asked_for(mend):
    assert mend("sauertieg", Filters(language="de")) == "sauerteig"
    assert mend("sauertieg", Filters(language="en")) is None


def test_a_question_that_cannot_be_read_is_refused_as_ever(mend):
    with pytest.raises(QueryError):
        mend("site:a.example")


def test_a_mended_question_is_never_too_long(mend):
    rest = "machinelearning " + "of " * 2000
    assert mend(rest[: LONGEST - 1]).startswith("machine learning of")
    assert mend(rest[:LONGEST]) is None


def test_an_answer_says_what_was_asked_instead_and_exact_asks_as_typed(directory):
    engine = Engine(open_index(directory), embedder=MODEL)
    mended = engine.search("sourdugh starter temprature")
    assert mended.query == "sourdugh starter temprature"
    assert mended.corrected == "sourdough starter temperature"
    meant = engine.search("sourdough starter temperature")
    assert (meant.corrected, meant.hits) == (None, mended.hits)
    assert meant.hits[0].passages[0].highlights
    typed = engine.search("sourdugh starter temprature", exact=True)
    assert typed.corrected is None
    assert len(typed.hits[0].passages[0].highlights) < len(
        meant.hits[0].passages[0].highlights
    )


def test_a_word_that_comes_into_the_index_is_known_from_then_on(tmp_path):
    engine = Engine(open_index(tmp_path), embedder=MODEL)
    for number, (text, meant) in enumerate(
        [
            ("the tide and a kettledrum", "kettledrum tide"),
            ("a kettledrom by name", None),
        ]
    ):
        with SqliteWriter(tmp_path, MODEL, splitter=1) as index:
            article = Article(
                f"https://a.example/{number}", f"Post {number}", language="en"
            )
            index.add([(article, [Passage(text)])])
            index.commit()
        assert engine.search("kettledrom tide").corrected == meant


def test_threads_ask_side_by_side(directory):
    engine, found = Engine(open_index(directory), embedder=MODEL), []

    def ask():
        found.extend(engine.search("telescpoe mirorr").corrected for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["telescope mirror"] * 20
