"""The ledger lets go of words, remembers what is to be erased, and no longer than that."""

from __future__ import annotations

import json

import pytest

from indexer.ledger.erasing import Erasing
from indexer.ledger.ledger import DATABASE, Ledger
from indexer.ledger.rows import item_hash
from indexer.records import FileRecord, Item, PageRecord, SourceRecord

FEED = SourceRecord("https://a.example/feed", "feed", "A", body_hash="seen")
LIST = SourceRecord("https://b.example/til.md", "linkpage", "B")
URL = "https://a.example/1"
TOLD = Item(
    URL, "A title", "Ann", "2024-01-02", content="<p>words</p>", file="file:///1.md"
)
NOTED = Item(URL, "a link", notes=(("a note", "a link", "2024", "2024-01-01", 3),))
BARE = Item(URL, file="file:///1.md")


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path)
    for source, item in ((FEED, TOLD), (LIST, NOTED)):
        made.put_source(source)
        made.put_items(source.url, [item])
    yield made
    made.close()


def items(ledger) -> list[Item]:
    return [item for item, _ in ledger.items_of_url(URL)]


def test_of_a_forgotten_page_only_its_address_stays(ledger):
    page = PageRecord(URL, "forgotten", reason="forgotten", since="2026-01-01")
    ledger.put_links(URL, "[]")
    ledger.put_discovery(
        FEED.url, json.dumps({"waiting": [{"url": URL, "title": "A"}]})
    )
    assert ledger.has_words(page)
    ledger.put_page(page)
    ledger.drop_words(page)
    assert items(ledger) == [BARE, Item(URL)]
    assert not ledger.has_words(page)
    assert ledger.hash_of_url(URL)[:16] == item_hash(BARE)[:16]
    assert ledger.links_of_source(FEED.url) == []
    assert json.loads(ledger.discovery(FEED.url)) == {"waiting": []}


def test_of_a_page_that_is_gone_the_notes_of_others_stay_and_it_is_not_due(ledger):
    before = ledger.hash_of_url(URL)
    ledger.drop_words(PageRecord(URL, "gone"))
    assert items(ledger) == [BARE, NOTED]
    assert ledger.hash_of_url(URL) == before


@pytest.mark.parametrize(
    ("page", "stored"),
    [
        (PageRecord(URL, "forgotten"), BARE),
        (PageRecord(URL, "gone"), BARE),
        (PageRecord(URL, "gone", article=URL), TOLD),  # seen once
        (PageRecord(URL, "good", article=URL), TOLD),
    ],
)
def test_a_source_that_lists_it_still_brings_no_words_back(ledger, page, stored):
    ledger.drop_words(PageRecord(URL, "forgotten"))
    ledger.put_page(page)
    ledger.put_items(FEED.url, [TOLD])
    assert items(ledger)[0] == stored


def test_a_recalled_page_is_read_again_from_all_that_list_it(ledger):
    file = FileRecord("file:///1.md", "stamp", URL)
    ledger.put_files(FEED.url, {file.file: file})
    ledger.read_again(URL)
    assert ledger.source(FEED.url).body_hash == ""
    assert ledger.files(FEED.url) == {}


def test_a_note_of_what_is_to_be_erased_outlives_the_process(ledger, tmp_path):
    erasing = Erasing(
        (URL,), (PageRecord(URL, "forgotten"),), (FEED.url,), ("a.example",)
    )
    assert not ledger.is_erasing()
    ledger.note_erasing(erasing)
    ledger.note_erasing(Erasing())
    other = Ledger(tmp_path, read_only=True)
    assert other.erasing(settled=False) == [erasing, Erasing()]
    other.close()
    ledger.settle_erasing()
    assert ledger.erasing(settled=True) == [erasing, Erasing()]
    assert ledger.erasing(settled=False) == []


def test_a_note_that_is_struck_leaves_no_address(ledger, tmp_path):
    url = "https://nowhere-else.example/quux"
    ledger.note_erasing(Erasing((url,)))
    ledger.strike_erasing()
    assert not ledger.is_erasing()
    files = [path.read_bytes() for path in tmp_path.glob(f"{DATABASE}*")]
    assert not any(b"nowhere-else" in data for data in files)
