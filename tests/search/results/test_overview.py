"""An index for who has not asked yet: newest articles, and questions it can be asked."""

from datetime import date

import pytest

from search.engine import Engine
from search.index.memory.home import MemoryIndex
from search.results.overview import LONGEST, example_questions
from search.types import Article, Block, Filters, Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=64)
TEXT = " ".join(
    f"word{n} of a text that is long enough to be compared" for n in range(40)
)


def made(url, title, *headings, text="", **fields):
    blocks = tuple(Block("heading", heading, 2) for heading in headings)
    texts = [
        Passage(f"{url} {text or title}", (heading,))
        for heading in headings or (title,)
    ]
    body = Block("paragraph", f"{text or url}")
    return Article(url, title, blocks=(*blocks, body), **fields), texts


def engine(*articles):
    index = MemoryIndex()
    with index.writer(MODEL, splitter=1) as writer:
        writer.add(articles)
        writer.commit()
    return Engine(index, embedder=MODEL), index


def test_examples_are_questions_of_titles_and_headings_from_several_sites():
    _, index = engine(
        made("https://a.example/1", "On dropout", "2. What is  dropout good for?", "So what?", site="A"),
        made("https://a.example/2", "What are word embeddings?", site="A"),
        made("https://b.example/1", "Bread", "Why does rye bread stick?", "x" * LONGEST + " what?", site="B"),
        made("https://c.example/1", "一个问题", "为什么梯度下降会收敛到局部最小？", site="C"),
    )  # fmt: skip
    with index.snapshot() as snapshot:
        assert example_questions(snapshot) == (
            "What is dropout good for?",
            "Why does rye bread stick?",
            "What are word embeddings?",
        )


def test_titles_stand_in_and_what_may_not_be_quoted_is_not():
    secret = made(
        "https://a.example/1", "Short", "What is the secret password?", nosnippet=True
    )
    _, index = engine(secret, made("https://a.example/2", "Tuning the deck oven"))
    with index.snapshot() as snapshot:
        assert example_questions(snapshot) == ("Tuning the deck oven",)


@pytest.fixture
def browsed():
    days = [date(2024, 1, day) for day in (3, 1, 2, 5)]
    posts = [
        made(f"https://a.example/{day.day}", f"Day {day.day}", site="A", published=day)
        for day in days
    ]
    copies = [
        made(f"https://{site}.example/same", "Same", text=TEXT, published=date(2024, 1, 4), site=site)
        for site in ("b", "planet")
    ]  # fmt: skip
    link = made(
        "https://c.example/", "Linked", evidence="link", published=date(2024, 1, 6)
    )
    return engine(*posts, *copies, link)[0]


def test_the_newest_are_texts_each_once(browsed):
    titles = [one.title for one in browsed.newest()]
    assert titles == ["Day 5", "Same", "Day 3", "Day 2", "Day 1"]
    assert [one.title for one in browsed.newest(limit=2, offset=1)] == titles[1:3]
    assert [one.title for one in browsed.newest(Filters(site="A"), limit=1)] == [
        "Day 5"
    ]
    assert browsed.newest(Filters(site="nobody.example")) == ()


def test_an_overview_is_made_once_a_generation():
    built, index = engine(made("https://a.example/1", "Tuning the deck oven"))
    first = built.overview()
    assert built.overview() is first
    assert [one.title for one in first.newest] == ["Tuning the deck oven"]
    with index.writer(MODEL, splitter=1) as writer:
        writer.add([made("https://a.example/2", "Why does it burn the bread?")])
        writer.commit()
    assert built.overview().questions[0] == "Why does it burn the bread?"
