"""Items: feeds, link pages and single articles in the one form that the rest of the run
knows."""

from dataclasses import replace
from datetime import date

import pytest

from indexer.crawl.assemble import notes_of
from indexer.ledger.rows import item_hash
from indexer.records import Item, Page, SourceRecord
from indexer.sources.feed.model import FeedError
from indexer.sources.listing import list_items
from indexer.text.urls import canonical_of
from tests.runs import Inline
from tests.sites import rss

BASE = "https://a.example"
FEED = SourceRecord(f"{BASE}/feed.xml", "feed")


def listing(source, body, **more):
    page = Page(
        source.url,
        source.url,
        body if isinstance(body, bytes) else body.encode(),
        **more,
    )
    return list_items(source, page, Inline())


def test_a_feed_gives_its_items_once_an_address():
    found = listing(
        FEED,
        rss(
            BASE,
            (("/1?utm_source=rss", "One", "<b>x</b>"), ("/1", "Same"), ("/2", "Two")),
        ),
    )
    assert (found.title, found.home) == ("The Blog", f"{BASE}/")
    assert [(i.url, i.title) for i in found.items] == [
        (f"{BASE}/1", "One"),
        (f"{BASE}/2", "Two"),
    ]
    first = found.items[0]
    assert (first.content, first.published, first.site) == (
        "<b>x</b>",
        "2024-01-01",
        "The Blog",
    )


def test_a_link_page_gives_one_item_an_address_with_all_its_notes():
    source = SourceRecord(f"{BASE}/til.md", "linkpage")
    text = (
        "# 2024-02-03\n- [here](https://b.example/x) for the talk\n"
        "# 2024-02-01\n- [The whole talk](https://b.example/x#top) again\n- [c](https://c.example/) other\n"
    )
    found = listing(source, text, content_type="text/markdown")
    assert [(i.url, i.title, len(i.notes)) for i in found.items] == [
        ("https://b.example/x", "The whole talk", 2),
        ("https://c.example/", "c", 1),
    ]
    notes = notes_of([(found.items[0], source)])
    assert [(n.text, n.section, n.noted, n.page) for n in notes] == [
        ("here for the talk", "2024-02-03", date(2024, 2, 3), source.url),
        ("The whole talk again", "2024-02-01", date(2024, 2, 1), source.url),
    ]


def test_notes_without_a_day_come_last():
    item = Item(
        "u",
        notes=(
            ("none", "", "", "", 1),
            ("old", "", "", "2020-01-01", 2),
            ("new", "", "", "2021-01-01", 3),
        ),
    )
    assert [n.text for n in notes_of([(item, FEED)])] == ["new", "old", "none"]


def test_an_address_that_is_neither_is_an_article_of_its_own():
    found = listing(SourceRecord(f"{BASE}/p?utm_medium=x", "article"), b"")
    assert found.items == (Item(url=f"{BASE}/p"),)


def test_what_is_no_feed_any_more_is_told():
    with pytest.raises(FeedError):
        listing(FEED, b"<html><p>We moved</p></html>")


def test_local_feeds_list_files_beside_them_and_no_others(tmp_path):
    source = SourceRecord((tmp_path / "feed.xml").as_uri(), "feed")
    found = listing(source, rss("", (("posts/1.html", "a"), ("/etc/passwd", "b"), ("../x.html", "c"),
                                     ("file:///etc/passwd", "d"), ("https://a.example/1", "e"))))  # fmt: skip
    assert [i.url for i in found.items] == [
        (tmp_path / "posts/1.html").as_uri(),
        "https://a.example/1",
    ]


def test_the_hash_changes_with_anything_the_source_says():
    item = Item("u", "t")
    assert item_hash(item) == item_hash(replace(item))
    changed = [
        replace(item, title="x"),
        replace(item, content="x"),
        replace(item, notes=(("a", "", "", "", 1),)),
    ]
    assert len({item_hash(i) for i in (item, *changed)}) == 4


def test_a_local_file_keeps_its_address():
    assert canonical_of("file:///home/me/a%20b.html") == "file:///home/me/a%20b.html"
    assert (
        canonical_of("HTTPS://A.example:443/x?utm_source=y#z") == "https://a.example/x"
    )
