"""The address and the text of an article to which several addresses lead."""

from __future__ import annotations

import pytest

from indexer.crawl.place import place
from indexer.crawl.tasks import Attempt, Task
from indexer.records import PageRecord
from search.types import Article, Block, Note
from tests.sites import text

HTTP, HTTPS = "http://a.example/1", "https://a.example/1"
OTHER = "https://b.example/copy"
NOTE = Note("Good.", "one", "", None, "https://c.example/", 0)


def article(url: str, words: str = "", *, evidence: str = "article") -> Article:
    blocks = (Block("paragraph", words or text(1)),)
    return Article(url, "One", evidence=evidence, blocks=blocks, notes=(NOTE,))


def placed(made, there, *, asked=HTTPS, known=None, records=()) -> Article:
    attempt = Attempt(Task(asked, (), "h", known))
    return place(made, attempt, there=there, records=records)


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
    own = PageRecord(HTTP, "good", HTTPS)
    longer = f"{text(1)} {text(2)}"
    made = placed(article(HTTPS, longer), article(HTTPS), asked=OTHER, records=[own])
    assert made.text == text(1)
    failed = PageRecord(HTTP, "failed", HTTPS)
    made = placed(article(HTTPS, longer), article(HTTPS), asked=OTHER, records=[failed])
    assert made.text == longer
