"""The ledger remembers the crawl: sources, what they list, how each address fared."""

import sqlite3
from contextlib import suppress
from dataclasses import replace

import pytest

from indexer.ledger.ledger import DATABASE, Ledger
from indexer.records import Item, PageRecord, SourceRecord
from search.errors import BlogsearchError

A = SourceRecord(
    "https://a.example/feed",
    "feed",
    "A",
    validators={"etag": '"x"', "url": "", "last_modified": ""},
)
B = SourceRecord("https://b.example/til.md", "linkpage", "B")
ONE = Item("https://a.example/1", "One", notes=())
TWO = Item("https://a.example/2", "Two", "Ann", "2024-01-02", content="<p>ä\u2028</p>")
NOTED = Item(
    "https://a.example/1", "one", notes=(("a note", "one", "2024", "2024-01-01", 3),)
)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path)
    yield made
    made.close()


def listed(ledger, source, *items):
    ledger.put_items(source.url, items)


@pytest.fixture
def filled(ledger):
    ledger.put_source(A)
    ledger.put_source(B)
    listed(ledger, A, ONE, TWO)
    listed(ledger, B, NOTED)
    for item in (ONE, TWO):
        ledger.put_page(
            PageRecord(item.url, "good", item.url, "h", 1, "2024-05-05T00:00:00+00:00")
        )
    return ledger


def test_what_was_remembered_is_there_in_the_next_run(filled, tmp_path):
    again = Ledger(tmp_path)
    assert again.sources() == [A, B]
    assert again.source(A.url) == A
    assert again.items_of_url(ONE.url) == [(ONE, A), (NOTED, B)]
    assert again.items_of_url(TWO.url) == [(TWO, A)]
    assert again.page(TWO.url) == PageRecord(
        TWO.url, "good", TWO.url, "h", 1, "2024-05-05T00:00:00+00:00"
    )
    assert again.urls_of_article(ONE.url) == [ONE.url]
    assert (
        again.source("https://none.example"),
        again.page("https://none.example"),
    ) == (None, None)
    again.close()


def test_the_hash_of_an_address_covers_all_its_sources(filled):
    assert filled.urls_of_source(A.url) == [ONE.url, TWO.url]
    before = {url: filled.hash_of_url(url) for url in (ONE.url, TWO.url)}
    listed(filled, B, replace(NOTED, title="other words"))
    assert filled.hash_of_url(ONE.url) != before[ONE.url]
    assert filled.hash_of_url(TWO.url) == before[TWO.url]


def test_what_a_source_listed_before_stays(filled):
    listed(filled, A, replace(ONE, title="New"))
    assert set(filled.urls_of_source(A.url)) == {ONE.url, TWO.url}
    assert filled.items_of_url(ONE.url)[0][0].title == "New"


def test_dropping_a_source_takes_what_it_alone_lists(filled):
    filled.drop_source(A.url)
    assert filled.sources() == [B]
    assert filled.page(TWO.url) is None
    assert filled.page(ONE.url) is not None
    assert filled.items_of_url(ONE.url) == [(NOTED, B)]


def test_what_was_forgotten_stays_so_without_its_source(filled):
    filled.put_page(PageRecord(TWO.url, "forgotten"))
    filled.drop_source(A.url)
    assert filled.page(TWO.url).state == "forgotten"


def test_a_source_moves_with_all_it_lists(filled):
    new = "https://a.example/new"
    filled.move_source(A.url, new)
    assert filled.source(A.url) is None
    assert filled.source(new) == replace(A, url=new)
    assert set(filled.urls_of_source(new)) == {ONE.url, TWO.url}
    assert len(filled.pages()) == 2
    filled.move_source(new, new)
    assert filled.source(new) is not None


def test_a_source_that_moves_to_one_that_is_followed_joins_it(filled):
    filled.move_source(B.url, A.url)
    assert [source.url for source in filled.sources()] == [A.url]
    assert filled.items_of_url(ONE.url)[0][0] == ONE
    assert len(filled.pages()) == 2


def test_a_transaction_is_all_or_nothing(filled):
    with suppress(KeyboardInterrupt), filled.transaction():
        filled.drop_source(A.url)
        raise KeyboardInterrupt
    assert filled.sources() == [A, B]


def test_nothing_is_written_where_nothing_changed(filled, tmp_path):
    changes = filled._db.total_changes
    filled.put_source(A)
    listed(filled, A, ONE, TWO)
    assert filled._db.total_changes == changes


@pytest.mark.parametrize("harm", ["newer", "broken"])
def test_a_ledger_that_can_not_be_used_is_told(tmp_path, harm):
    Ledger(tmp_path).close()
    if harm == "newer":
        with sqlite3.connect(tmp_path / DATABASE) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    with pytest.raises(
        BlogsearchError, match="update Blogsearch" if harm == "newer" else "is damaged"
    ):
        Ledger(tmp_path)
