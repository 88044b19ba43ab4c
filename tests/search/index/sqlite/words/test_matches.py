"""The passages that match a question's words, and the bound on those that are scored."""

import re

import pytest

from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.words import matches
from search.index.sqlite.writer import SqliteWriter
from search.port_values import AnyOf, LexicalQuery, Phrase, Scope, Term
from search.types import Article, Filters, Passage
from tests.fakes import HashEmbedder

COMMON, RARE = 60, 6  # passages


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An index in which every passage has bread, every tenth rye, half of them salt."""
    folder = tmp_path_factory.mktemp("words")
    with SqliteWriter(folder, HashEmbedder(dimension=16), splitter=1) as index:
        for number in range(COMMON):
            words = ["bread"] * (1 + number % 3) + ["rye"] * (number % 10 == 0)
            words += ["salt"] * (number % 2) + [f"filler{n}" for n in range(number % 7)]
            one = Article(f"https://a.example/{number}", "Post", language="en")
            index.add([(one, [Passage(" ".join(words))])])
        index.commit()
    return folder


@pytest.fixture
def home(folder):
    return SqliteIndex(folder)


def asked(*words):
    return LexicalQuery((AnyOf(tuple(map(Term, words))),), ("en",))


def scored(home, query, k=100, *, exact, several, monkeypatch, **given):
    monkeypatch.setattr(matches, "EXACT", exact)
    monkeypatch.setattr(matches, "SCORED", several)
    with home.snapshot() as index:
        return index.lexical(query, k, **given)


def test_what_matches_the_rarest_words_has_the_score_of_all_words(home, monkeypatch):
    query = asked("bread", "rye", "salt")
    every = dict(scored(home, query, exact=1000, several=0, monkeypatch=monkeypatch))
    some = scored(home, query, exact=50, several=10, monkeypatch=monkeypatch)
    assert len(every) == COMMON
    assert len(some) == RARE
    assert all(score == pytest.approx(every[number]) for number, score in some)
    assert some == sorted(some, key=lambda entry: (-entry[1], entry[0]))


def test_what_has_none_of_the_common_words_is_scored_too(home, monkeypatch):
    query = asked("salt", "rye", "filler5")
    every = dict(scored(home, query, exact=1000, several=0, monkeypatch=monkeypatch))
    some = dict(scored(home, query, exact=20, several=12, monkeypatch=monkeypatch))
    # Rye is where no salt is, and either is rare enough.
    assert 0 < len(some) < len(every)
    assert some == pytest.approx({number: every[number] for number in some})


def test_of_words_that_are_all_common_the_newest_are_scored(home, monkeypatch):
    found = scored(home, asked("bread"), exact=10, several=3, monkeypatch=monkeypatch)
    assert {number for number, _ in found} == set(range(COMMON - 9, COMMON + 1))
    both = scored(
        home, asked("bread", "salt"), exact=10, several=3, monkeypatch=monkeypatch
    )
    assert {number for number, _ in both} == set(range(COMMON - 18, COMMON + 1, 2))


def test_a_question_that_matches_few_is_answered_by_all(home, monkeypatch):
    query = asked("bread", "rye")
    count = COMMON + RARE
    every = scored(home, query, exact=count, several=1, monkeypatch=monkeypatch)
    fewer = scored(home, query, exact=count - 1, several=8, monkeypatch=monkeypatch)
    assert len(every) == COMMON
    assert fewer == every[:RARE]


def test_filters_and_phrases_hold_among_the_scored(home, monkeypatch):
    bounds = {"exact": 10, "several": 8, "monkeypatch": monkeypatch}
    scope = Scope(Filters(site="nowhere.example"))
    assert scored(home, asked("bread", "rye"), scope=scope, **bounds) == []
    query = LexicalQuery((Phrase("rye salt"), AnyOf((Term("bread"),))), ("en",))
    assert scored(home, query, **bounds) == []


def test_passages_that_are_named_have_a_score_behind_the_best(home):
    with home.snapshot() as index:
        every = index.lexical(asked("bread"), 100)
        last = [number for number, _ in every[-2:]]
        assert index.lexical(asked("bread"), 3, also=last) == every[:3] + every[-2:]
        assert index.lexical(asked("bread"), 3, also=[every[0][0]]) == every[:3]


def test_the_words_of_a_generation_are_counted_once(home):
    def statements(ask):
        with home.snapshot() as index:
            asked: list[str] = []
            index.connection.set_trace_callback(asked.append)
            ask(index)
            index.connection.set_trace_callback(None)
            # Not what FTS5 asks by itself.
            return [
                text
                for text in asked
                if re.search("json_each|vocabulary_words|articles", text)
            ]

    queries = [
        LexicalQuery((Term(word),), ("en",)) for word in ("bread", "salt", "nothing")
    ]
    assert len(statements(lambda index: index.document_frequencies(queries))) == 1
    assert not statements(lambda index: index.document_frequencies(queries[::-1]))
    assert statements(lambda index: index.languages_of("bread"))
    assert not statements(lambda index: index.languages_of("bread"))
    assert statements(lambda index: index.similar_words("braed", ["en"], 2))
    assert not statements(lambda index: index.similar_words("braad", ["en"], 1))


def test_a_commit_counts_again(tmp_path):
    home = SqliteIndex(tmp_path)
    bread = [LexicalQuery((Term("bread"),), ("en",))]
    for number in (1, 2):
        with SqliteWriter(tmp_path, HashEmbedder(dimension=16), splitter=1) as index:
            one = Article(f"https://a.example/{number}", "Post", language="en")
            index.add([(one, [Passage("bread")])])
            index.commit()
        with home.snapshot() as index:
            assert index.document_frequencies(bread) == [number]
            assert index.similar_words("braed", ["en"], 1) == {"bread": number}
            assert index.articles_with(["bread"], ["en"]) == {"bread": number}
