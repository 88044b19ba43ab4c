"""Linkblogs and entries without an address: whole runs."""

from __future__ import annotations

import pytest

from indexer.crawl.coverage import coverage_of
from indexer.ledger.ledger import Ledger
from indexer.records import Page
from tests.end_to_end.test_one_article import Web
from tests.runs import Runs
from tests.sites import text

HOME = "https://mill.example/"
FEED = f"{HOME}feed.xml"
FAR = "https://far.example/sluice"
REMARK = "I know this very sluice by the old mill pond, and it leaks whenever the wind turns north."


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def runs(tmp_path, workers, web) -> Runs:
    runs = Runs(tmp_path / "index", workers)
    runs.fetcher = web
    return runs


def put_feed(web: Web, *items: str) -> None:
    inside = "".join(f"<item>{item}</item>" for item in items)
    body = f"<rss version='2.0'><channel><title>Mill</title><link>{HOME}</link>{inside}</channel></rss>"
    web.pages[FEED] = Page(
        FEED, FEED, body.encode(), content_type="application/rss+xml"
    )


def entry(title: str, link: str = "", guid: str = "", words: str = "") -> str:
    parts = {"title": title, "link": link, "guid": guid, "description": words}
    return "".join(f"<{name}>{said}</{name}>" for name, said in parts.items() if said)


def test_a_linkblogs_entry_is_its_own_post_and_a_note_beside_the_link(runs, web):
    own = f"{HOME}linked/sluice"
    web.put(own, "A sluice", REMARK, text(3))
    web.put(FAR, "The sluice", text(1), text(2))
    put_feed(web, entry("A sluice", FAR, own, REMARK))
    runs.add(FEED)
    articles = runs.articles()
    assert set(articles) == {own, FAR}
    assert REMARK in articles[own].text
    far = articles[FAR]
    assert (far.title, far.site == "Mill", far.evidence) == (
        "The sluice",
        False,
        "article",
    )
    assert [(note.text, note.page) for note in far.notes] == [(REMARK, FEED)]


def test_a_remark_about_a_page_elsewhere_is_a_note(runs, web):
    """The entry names no post of its own, and its words are none of the page's."""
    web.put(FAR, "The sluice", text(1), text(2))
    web.put("https://b.example/1", "Another", text(4), text(5))
    put_feed(
        web,
        entry("A sluice", FAR, words=REMARK),
        entry("Another", "https://b.example/1", words=text(4)),
        entry("A third", "https://c.example/1", words="Comments"),
    )
    web.put("https://c.example/1", "A third", text(7), text(8))
    runs.add(FEED)
    assert runs.articles()["https://c.example/1"].notes == ()
    articles = runs.articles()
    far, other = articles[FAR], articles["https://b.example/1"]
    assert [(note.text, note.page) for note in far.notes] == [(REMARK, FEED)]
    assert far.site != "Mill"
    # The other entry repeats what its page says, as planets do.
    assert (other.notes, other.site) == ((), "Mill")
    # What is unchanged keeps its note.
    put_feed(
        web,
        entry("A sluice, again", FAR, words=REMARK),
        entry("Another", "https://b.example/1", words=text(4)),
    )
    runs.later(days=2)
    runs.update()
    assert [note.text for note in runs.articles()[FAR].notes] == [REMARK]


def test_an_entry_without_address_is_found_and_nothing_is_fetched_for_it(runs, web):
    web.put(f"{HOME}1", "One", text(1), text(2))
    put_feed(
        web,
        entry("One", f"{HOME}1"),
        entry("No link", guid="tag:7", words=text(6)),
        entry("Only a name"),
    )
    runs.add(FEED)
    kept = f"{HOME}#item-tag%3A7"
    articles = runs.articles()
    assert set(articles) == {f"{HOME}1", kept}
    assert "number6" in articles[kept].text
    assert HOME not in web.asked
    ledger = Ledger(runs.directory)
    try:
        (source,) = ledger.sources()
        evidence = {url: article.evidence for url, article in articles.items()}
        report = coverage_of(ledger, source, evidence.get)
    finally:
        ledger.close()
    (named,) = (gap for gap in report.not_whole if gap.title == "Only a name")
    assert named.held == "nothing"
    assert named.reason.startswith("Only a name: the feed gives neither")
