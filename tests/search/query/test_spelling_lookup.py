"""Typing slips over a real index: what it knows, what it takes for meant, how an answer
says so."""

import threading

import pytest

from search.engine import Engine
from search.errors import QueryError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.query.parser import LONGEST
from search.query.spelling_lookup import MOST_WORDS, Respelt, respelt
from search.types import Article, Filters, Passage
from tests.fakes import HashEmbedder

TEXTS = [
    (
        "en",
        "The bakery at the corner bakes sourdough bread. Its starter likes a temperature of 26 degrees.",
    ),
    (
        "en",
        "A telescope mirror has to be aligned; collimation takes practice, a screwdriver and the as_strided view.",
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
        "Les boulangers pétrissent la pâte, et le levain naturel donne du goût à la croûte, en œuvre.",
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
            return respelt(question, filters, index, embedder=MODEL).corrected

    return ask


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sourdugh starter temprature", "sourdough starter temperature"),
        ("telescpoe mirorr", "telescope mirror"),
        ("practise with a telescope mirror", "practice with a telescope mirror"),
        ("machinelearning for gardners", "machine learning for gardeners"),
        ("Sauertieg in der Bäckerei", "Sauerteig in der Bäckerei"),
        ("le levain natrel", "le levain naturel"),
        ("le levain naturel et la croote", "le levain naturel et la croûte"),
        ("les boulangers en ouevre", "les boulangers en œuvre"),
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
        "backerei bearbeitung", "petrissent gout", "oeuvre de levain",
        "strided", "温度和面条", "telescope in the navy", "ovens knead",
        "fixed or variable mortgages", "certbot renewal", "\"telescpoe\" mirror", "mirror -telescpoe",
    ],
)  # fmt: skip
def test_what_is_held_in_any_form_or_means_something_else_stays(mend, typed):
    assert mend(typed) is None


def test_the_rest_of_the_question_supports_a_word(mend):
    assert mend("leaves of light blitht") == "leaves of light blight"
    assert mend("sourdough of light blitht") is None


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


@pytest.fixture(scope="module")
def typo(tmp_path_factory):
    """An index in which two authors mistyped a word, one of them in the only Chinese
    article."""
    place = tmp_path_factory.mktemp("typo")
    texts = ["Attention is the mechanism of the transformer."] * 20
    texts += ["A tranformer by mistake.", "Mechansims of a kind."]
    texts += ["Concrete takes reinforcement."] * 3
    texts += ["Linkers and loaders."] * 2
    with SqliteWriter(place, MODEL, splitter=1) as index:
        for number, text in enumerate(texts):
            article = Article(f"https://a.example/{number}", "Post", language="en")
            index.add([(article, [Passage(f"{text} Number {number}.")])])
        article = Article("https://a.example/zh", "Post", language="zh")
        index.add([(article, [Passage("烤箱的温度和面团的水分 tranformer")])])
        index.commit()
    return open_index(place)


@pytest.mark.parametrize(
    ("typed", "corrected", "suggested"),
    [
        ("tranformer atention mechansim", "transformer attention mechanism", None),
        ("tranformer", None, "transformer"),
        ("Tranformer, by night", None, "Transformer, by night"),
        ("“tranformer?", None, "transformer?"),
        ("mechansim of attention", None, "mechanism of attention"),
        ("reinforce ment by attention", "reinforcement by attention", None),
        ("TRANFORMER ATENTION MECHANSIM", "TRANSFORMER ATTENTION MECHANISM", None),
        # names, quotes, operators
        ("the Tranformer of night", None, None),
        ("Linker Atention", None, None),
        ('"tranformer" attention', None, None),
        ("attention author:tranformer -mechansim", None, None),
        ("transformer attention mechanism", None, None),
    ],
)
def test_a_rare_word_beside_a_common_one_is_offered(typo, typed, corrected, suggested):
    engine = Engine(typo, embedder=MODEL)
    answer = engine.search(typed)
    assert (answer.corrected, answer.suggested) == (corrected, suggested)
    exact = engine.search(typed, exact=True)
    assert (exact.corrected, exact.suggested) == (None, None)


def test_a_long_question_and_a_long_word_cost_little(typo):
    class Counting:
        def __init__(self, index):
            self.index, self.calls = index, 0

        def __getattr__(self, name):
            self.calls += 1
            return getattr(self.index, name)

    slips = " ".join(f"atenti{a}n" for a in "abcdefghijkl")
    questions = [slips, f"{slips} mirorr", "tranf " * 333, "mechansi" * 249]
    for question in questions:
        with typo.snapshot() as index:
            counting = Counting(index)
            respelt(question, Filters(), counting, embedder=MODEL)
            assert counting.calls <= 100
    words = " ".join(
        f"w{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}" for n in range(500)
    )
    assert respelt(words, Filters(), object(), embedder=MODEL) == Respelt()
    assert words.count(" ") > MOST_WORDS


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
