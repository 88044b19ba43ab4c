"""The reading half over PostgreSQL: how often the server is asked, and what of."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from search.engine import Engine
from search.errors import IndexBusy, IndexMissing, OpenedBeforeFork
from search.index.lexicon import Form
from search.index.postgres import connection
from search.index.postgres.home import PostgresIndex
from search.index.postgres.reading import fulltext, nearest, scopes, words
from search.index.postgres.reading.scopes import Conditions
from search.port_values import AnyOf, LexicalQuery, Phrase, Scope, Term
from search.types import Article, Block, Filters, Passage
from tests.fakes import HashEmbedder

MODEL = HashEmbedder(dimension=64)
SENTENCES = (
    "The kayak glides over the water",
    "A paddle of carbon is light",
    "The kayak needs a paddle and the paddle needs a hand",
    "Salt water ruins a cheap zip",
)


class TracedIndex(PostgresIndex):
    """An index that counts how often its snapshots asked the server."""

    trips: int

    @contextmanager
    def snapshot(self, question=""):
        with super().snapshot(question) as index:
            yield index
            self.trips = index.transaction.trips


@pytest.fixture
def index(database):
    index = TracedIndex(database())
    with index.writer(MODEL, splitter=1) as writer:
        writer.add(
            [
                (
                    Article(
                        f"https://{host}.example/{number}",
                        f"Kayak {number}",
                        site=host.title(),
                        language="en",
                        blocks=(Block("paragraph", text),),
                    ),
                    [Passage(text)],
                )
                for host in ("ann", "bob")
                for number, text in enumerate(SENTENCES)
            ]
        )
        writer.commit()
    yield index
    index.close()


def test_a_question_waits_for_five_answers(index):
    engine = Engine(index, embedder=MODEL)
    engine.search("kayak")  # only now the languages are known
    answer = engine.search("kayak paddle water")
    assert answer.total + answer.weaker == 8
    assert index.trips == 5
    engine.search("site:bob kayak paddle")
    # The names that are meant, and whether they are few.
    assert index.trips == 7


def test_a_large_scope_gives_what_a_small_one_does(index, monkeypatch):
    query = LexicalQuery((AnyOf((Term("paddle"), Phrase("salt water"))),), ("en",))
    scope = Scope(Filters(site="bob"), required=("water",), excluded=("zip",))
    vector = MODEL.embed("paddle")

    def found():
        with index.snapshot() as snapshot:
            ids, cosines = snapshot.nearest(vector, 5, scope)
            return (
                ids.tolist(),
                cosines.tolist(),
                snapshot.lexical(query, 5, scope),
                snapshot.candidates(vector, query, 5, scope),
            )

    few = found()
    assert len(few[0]) == 1
    monkeypatch.setattr(scopes, "FEW", 0)
    assert found() == few


def test_the_graph_of_a_large_index_is_searched_for_more_than_are_wanted(
    index, monkeypatch
):
    monkeypatch.setattr(nearest, "FEW", 0)
    monkeypatch.setattr(nearest, "SPARE", 0)
    monkeypatch.setattr(nearest, "PASSAGES_A_CANDIDATE", 1)
    vector = MODEL.embed("paddle")
    text, values = nearest.statement(vector, 2, Conditions(), passages=8)
    assert (values["candidates"], values["most"]) == (8, 2)
    with index.snapshot() as snapshot:
        snapshot.transaction.connection.execute("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in snapshot.transaction.rows(f"EXPLAIN {text}", values)]
        ids, _ = snapshot.nearest(vector, 2)
        every, _ = snapshot.nearest(vector, 8)
    # Else the planner takes the first two that the graph names.
    [graph] = [n for n, line in enumerate(plan) if "Order By: (vector" in line]
    assert any("Sort  (" in line for line in plan[:graph]), plan
    assert ids.tolist() == every[:2].tolist()
    # What passes a filter may be far: the search ends where it has enough.
    some = Conditions(["p.id > %(first)s"], {"first": 0})
    _, values = nearest.statement(vector, 2, some, passages=8)
    assert values["candidates"] == 2


def test_no_table_of_words_is_read_whole(index):
    """For a long question the planner expects more matches than there are, and doesn't
    count that a tsvector lies beside its row."""
    clauses = tuple(map(Term, ("paddle", "kayak", "water", "zip")))
    with index.snapshot("kayak") as snapshot:
        asked = fulltext.plan(
            LexicalQuery((AnyOf(clauses),), ("en",)), Conditions(), snapshot._words
        )
        assert asked is not None
        for text, values in asked.statements:
            plan = [
                row[0] for row in snapshot.transaction.rows(f"EXPLAIN {text}", values)
            ]
            assert any("Index Scan on passage_words" in line for line in plan), plan


def test_a_small_scope_gives_the_same_from_either_end(index, monkeypatch):
    """From its passages, or from the words, which are then rare."""
    clauses = (Term("paddle"), AnyOf((Term("hand"), Phrase("the paddle"))))
    query = LexicalQuery(clauses, ("en",))
    scope = Scope(Filters(site="bob"))

    def found():
        with index.snapshot() as snapshot:
            return snapshot.lexical(query, 5, scope)

    from_words = found()
    assert len(from_words) == 1
    monkeypatch.setattr(fulltext, "EXACT", -1)
    monkeypatch.setattr(fulltext, "_FROM", "a statement that would fail")
    assert found() == from_words


def test_scores_of_common_words_are_those_of_all_matches(index, monkeypatch):
    query = LexicalQuery((AnyOf((Term("kayak"), Term("zip"))),), ("en",))
    with index.snapshot() as snapshot:
        everything = dict(snapshot.lexical(query, 10))
    monkeypatch.setattr("search.index.postgres.reading.fulltext.EXACT", 1)
    monkeypatch.setattr("search.index.postgres.reading.fulltext.SCORED", 2)
    with index.snapshot() as snapshot:
        bounded = dict(snapshot.lexical(query, 10))
    # The two with the rarer word, and both words count.
    assert len(bounded) == 2
    assert bounded.items() <= everything.items()


def test_in_a_large_scope_the_other_words_choose_what_is_scored(index, monkeypatch):
    phrase = Phrase("the kayak")
    both = LexicalQuery((phrase, AnyOf((Term("hand"), phrase))), ("en",))
    alone = LexicalQuery((phrase, AnyOf((phrase,))), ("en",))
    scope = Scope(required=("the kayak",))

    def found(query):
        with index.snapshot() as snapshot:
            return dict(snapshot.lexical(query, 10, scope))

    everything, of_phrase = found(both), found(alone)
    assert len(everything) == len(of_phrase) == 4
    monkeypatch.setattr(scopes, "FEW", 0)
    bounded = found(both)
    assert len(bounded) == 2
    assert bounded.items() <= everything.items()
    assert found(alone) == of_phrase
    # A word that no passage contains has no part in it.
    unknown = LexicalQuery((phrase, AnyOf((Term("zzyzx"), phrase))), ("en",))
    assert found(unknown) == of_phrase
    # Without other words the newest are scored, as of one common word.
    monkeypatch.setattr(fulltext, "EXACT", 2)
    newest = found(alone)
    assert len(newest) == 2
    assert min(newest) > min(of_phrase)


def test_a_number_of_many_passages_is_estimated(index, monkeypatch):
    query = LexicalQuery((AnyOf((Term("paddle"), Term("water"))),), ("en",))
    with index.snapshot() as snapshot:
        assert snapshot.document_frequencies([query]) == [8]
    monkeypatch.setattr(words, "COUNTED", 0)
    with index.snapshot() as snapshot:
        # Each is in half of the passages: by chance both would be in a quarter.
        assert snapshot.document_frequencies([query]) == [6]


def test_more_readers_than_connections_are_asked_to_come_again(index, monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 2.0)
    monkeypatch.setattr(connection, "MOST_READERS", 1)
    with index.snapshot(), pytest.raises(IndexBusy), index.snapshot():
        pass
    with index.snapshot() as snapshot:
        assert snapshot.manifest.articles == 8


def test_a_connection_that_the_server_ended_is_replaced(index):
    with index.snapshot() as snapshot:
        ((own,),) = snapshot.transaction.rows("SELECT pg_backend_pid()", {})
    with connection.connect(index._address) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (own,))
    with index.snapshot() as snapshot:
        assert snapshot.manifest.articles == 8


def test_an_index_of_another_process_is_not_used(index, monkeypatch):
    monkeypatch.setattr(index, "_process", 1)
    with pytest.raises(OpenedBeforeFork), index.snapshot():
        pass


def test_a_database_without_an_index_says_how_to_fill_it(database):
    index = PostgresIndex(database())
    with pytest.raises(IndexMissing, match="blog-indexer add"), index.snapshot():
        pass
    index.close()


def test_a_form_of_several_words_is_no_token():
    assert words.is_token(Form(("kayak",)))
    assert not words.is_token(Form(("kayak",), is_prefix=True))
    assert not words.is_token(Form(("as", "it")))
