"""The address and the text of an article to which several addresses lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.crawl.compose import Neighbours, compose, place
from indexer.crawl.decide import Decision
from indexer.crawl.tasks import Attempt, Task
from indexer.records import FetchError, Item, Page, PageRecord, SourceRecord
from search.types import Article, Block, Note
from tests.sites import text

HTTP, HTTPS = "http://a.example/1", "https://a.example/1"
OTHER = "https://b.example/copy"
NOTE = Note("Good.", "one", "", None, "https://c.example/", 0)


def article(url: str, words: str = "", *, evidence: str = "article") -> Article:
    blocks = (Block("paragraph", words or text(1)),)
    return Article(url, "One", evidence=evidence, blocks=blocks, notes=(NOTE,))


def placed(made, there, *, asked=HTTPS, known=None, has_own_page=False) -> Article:
    attempt = Attempt(Task(asked, (), "h", known))
    others = Neighbours(
        there, (OTHER,), is_asked=asked != OTHER, has_own_page=has_own_page
    )
    return place(made, attempt, others)


@pytest.mark.parametrize(
    ("made", "there", "url"),
    [(HTTPS, HTTP, HTTPS), (HTTP, HTTPS, HTTPS), (HTTP, HTTP, HTTP)],
)
def test_https_comes_before_http(made, there, url):
    assert placed(article(made), article(there)).url == url


def test_nothing_there_changes_nothing():
    assert placed(article(HTTP), None) == article(HTTP)


def test_a_whole_article_is_not_replaced_by_a_summary():
    there = Article(HTTP, "One", evidence="article", blocks=article(HTTP).blocks)
    made = placed(article(HTTPS, "Short.", evidence="summary"), there)
    assert (made.url, made.evidence, made.notes) == (HTTP, "article", (NOTE,))


def test_another_text_refutes_the_claim_to_be_the_article():
    made = placed(article(HTTPS, text(9)), article(HTTPS, text(1)), asked=OTHER)
    assert (made.url, made.text) == (OTHER, text(9))


def test_an_address_that_led_there_before_may_bring_another_text():
    known = PageRecord(OTHER, "good", HTTPS)
    made = placed(
        article(HTTPS, text(9)), article(HTTPS, text(1)), asked=OTHER, known=known
    )
    assert (made.url, made.text) == (HTTPS, text(9))


def test_the_page_at_the_article_s_own_address_gives_the_text():
    longer = f"{text(1)} {text(2)}"
    made = placed(
        article(HTTPS, longer), article(HTTPS), asked=OTHER, has_own_page=True
    )
    assert made.text == text(1)
    made = placed(article(HTTPS, longer), article(HTTPS), asked=OTHER)
    assert made.text == longer


def test_an_article_without_neighbours_stays_where_it_is():
    attempt = Attempt(Task(OTHER, (), "h", None))
    there = Neighbours(article(HTTP), (), is_asked=False)
    assert place(article(HTTPS), attempt, there) == article(HTTPS)


# What is made of a decision


LOST = FetchError(OTHER, "not-found", "There is no such page (404).")
DOWN = FetchError(OTHER, "server-error", "Trouble (500).")
LINKS = SourceRecord("https://c.example/", "linkpage")
NOTED = Item(
    OTHER,
    "One",
    notes=(("Good.", "one", "", "", 0),),
    archived="https://archive.example/1",
)
DEAD = PageRecord(OTHER, "failed", dead="2026-01-01")


def made(action, *, stored=None, others=None, items=((NOTED, LINKS),), **fields):
    task = Task(OTHER, items, "h", fields.pop("known", None))
    attempt = Attempt(task, address=OTHER, **fields)
    return compose(Decision(action, stored, OTHER), attempt, others or Neighbours())


@pytest.mark.parametrize("action", ["exclude", "forget", "fail"])
def test_nothing_is_stored_of_what_is_left_out(action):
    assert made(action, stored=article(HTTPS)) is None


def test_what_waits_stays_as_it_is():
    assert made("wait", stored=article(HTTPS), error=LOST) == article(HTTPS)


def test_of_a_page_that_is_gone_the_notes_stay():
    left = made("withdraw", stored=article(OTHER), known=DEAD, error=LOST)
    assert (left.evidence, left.blocks, [note.text for note in left.notes]) == (
        "link", (), ["Good."],
    )  # fmt: skip
    assert (str(left.dead_since), left.archived) == (
        "2026-01-01", "https://archive.example/1",
    )  # fmt: skip
    feed = SourceRecord("https://b.example/feed", "feed")
    items = ((Item(OTHER, "One"), feed),)
    assert made("withdraw", stored=article(OTHER), items=items, error=LOST) is None


def test_of_a_page_that_is_gone_all_stays_where_others_lead_to_it():
    others = Neighbours(article(HTTPS), (HTTP,))
    left = made("withdraw", stored=article(HTTPS), others=others, error=LOST)
    assert (left.url, left.text, left.dead_since) == (HTTPS, text(1), None)


def test_the_sources_of_all_addresses_are_heard():
    other = Item(HTTP, notes=(("Fine.", "it", "", "", 1),))
    others = Neighbours(None, (HTTP,), ((other, LINKS),))
    kept = made("refresh", stored=article(HTTPS), others=others)
    assert [note.text for note in kept.notes] == ["Good.", "Fine."]


def test_a_wish_for_no_snippet_outlives_the_page():
    wish = replace(article(OTHER), nosnippet=True)
    assert made("store", stored=wish, error=DOWN).nosnippet
    page = Page(OTHER, OTHER, b"")
    assert not made("store", stored=wish, page=page).nosnippet
    asks = replace(page, nosnippet=True)
    assert made("store", page=asks).nosnippet


def test_only_a_noted_link_is_marked_as_dead():
    marked = made("store", known=DEAD, error=LOST)
    assert str(marked.dead_since) == "2026-01-01"
    assert made("refresh", stored=marked, known=DEAD, error=DOWN).dead_since
    assert made("refresh", stored=marked, known=DEAD).dead_since is None
    assert (
        made("store", known=DEAD, error=LOST, items=((Item(OTHER), LINKS),)).dead_since
        is None
    )
