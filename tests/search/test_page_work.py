"""The work of a page of results: it goes by what the page shows, not by what was found.

Statements, rows with blocks, quotes and links are counted; nothing is timed.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager

import pytest

from search.engine import Engine
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import SqliteWriter
from search.results import placed_text, quotes
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=16)
SENTENCE = (
    "The kayak number {} glides over the water because its hull is long and narrow."
)


class TracedIndex(SqliteIndex):
    """An index that writes down the statements of its snapshots."""

    def __init__(self, directory):
        super().__init__(directory)
        self.statements: list[str] = []

    @contextmanager
    def snapshot(self, question=""):
        with super().snapshot(question) as index:
            index.connection.set_trace_callback(self.statements.append)
            yield index
            index.connection.set_trace_callback(None)


def stocked(folder, articles):
    with SqliteWriter(folder, MODEL, splitter=1) as index:
        for number in range(articles):
            text = SENTENCE.format(number)
            one = Article(
                f"https://a.example/{number}",
                f"Kayak {number}",
                language="en",
                blocks=(Block("paragraph", text),),
            )
            index.add([(one, [Passage(text)])])
        index.commit()
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return stocked(tmp_path_factory.mktemp("few"), 15)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return stocked(tmp_path_factory.mktemp("many"), 60)


def work(folder, monkeypatch, **page):
    """Count what a question costs."""
    done: Counter[str] = Counter()

    def counted(module, name):
        plain = getattr(module, name)

        def count(*args, **given):
            done[name] += 1
            return plain(*args, **given)

        monkeypatch.setattr(module, name, count)

    with monkeypatch.context() as patched:
        monkeypatch = patched
        counted(quotes, "answer_link")
        counted(quotes, "highlight")
        counted(placed_text, "sentence_spans")
        index = TracedIndex(folder)
        answer = Engine(index, embedder=MODEL).search("kayak glides over", **page)
        index.close()
    asked = [text for text in index.statements if text.lstrip().startswith("SELECT")]
    # Not what FTS5 asks by itself.
    done["statements"] = sum("'main'." not in text for text in asked)
    # The ids are in the statement, as the trace shows it.
    whole = [
        text
        for text in asked
        if text.startswith("SELECT *, tags, collections FROM articles")
    ]
    done["with blocks"] = sum(len(re.findall(r"\d+", text)) for text in whole)
    done["hits"] = len(answer.hits)
    return answer, done


def test_a_page_costs_what_it_shows_however_many_answer(few, many, monkeypatch):
    less, of_few = work(few, monkeypatch, limit=5)
    more, of_many = work(many, monkeypatch, limit=5)
    assert more.total + more.weaker > less.total + less.weaker >= 15
    assert of_many == of_few
    assert of_many["answer_link"] == of_many["highlight"] == of_many["hits"] == 5
    assert of_many["with blocks"] == 5


def test_a_longer_page_costs_more(many, monkeypatch):
    _, of_five = work(many, monkeypatch, limit=5)
    _, of_twenty = work(many, monkeypatch, limit=20)
    assert of_twenty["answer_link"] == 4 * of_five["answer_link"]
    assert of_twenty["with blocks"] == 4 * of_five["with blocks"]
    # All articles of a page are read by one statement.
    assert of_twenty["statements"] == of_five["statements"]


def test_a_second_page_reads_nothing_of_the_first(many, monkeypatch):
    _, of_first = work(many, monkeypatch, limit=5)
    _, of_second = work(many, monkeypatch, limit=5, offset=5)
    assert of_second == of_first
