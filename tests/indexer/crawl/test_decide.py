"""Every branch of the decision what an attempt means for the stored article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl.decide import Decision, decide, is_gone
from indexer.crawl.forgotten import Forgotten
from indexer.crawl.tasks import Attempt, Task
from indexer.documents.read_page import ExtractedArticle
from indexer.extract.article import Extraction
from indexer.ledger.schedule import timestamp
from indexer.records import (
    FetchError,
    Item,
    NotModified,
    Page,
    PageRecord,
    SourceRecord,
    Validators,
)
from indexer.runtime.parser_pool import ParseError
from search.types import Article, Block

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URL = "https://a.example/1"
FEED = SourceRecord("https://a.example/feed", "feed")
FOLDER = SourceRecord("file:///blog", "folder")
TITLED = [(Item(URL, "One"), FEED)]
BARE = [(Item(URL), FEED)]
ON_DISK = [(Item(URL, "One", file="file:///blog/1.md"), FOLDER)]

WORDS = "Bread takes time and flour. " * 20
WHOLE = Article(URL, "One", evidence="article", blocks=(Block("paragraph", WORDS),))
SUMMARY = Article(
    URL, "One", evidence="summary", blocks=(Block("paragraph", "Bread."),)
)

PAGE = Page(URL, URL, b"")
SAME = NotModified(URL)
LOST = FetchError(URL, "not-found", "There is no such page (404).", status=404)
REMOVED = FetchError(URL, "gone", "Removed (410).", status=410)
DOWN = FetchError(URL, "server-error", "Trouble (500).", status=500)
BROKEN = ParseError("it can't be read")


def read(words: str = WORDS, *, whole: bool = True, **page: bool) -> ExtractedArticle:
    blocks = (Block("paragraph", words),) if words else ()
    return ExtractedArticle(Extraction(URL, blocks=blocks, **page), blocks, whole)


def fed(words: str, *, whole: bool = False) -> ExtractedArticle:
    blocks = (Block("paragraph", words),) if words else ()
    return ExtractedArticle(None, blocks, whole)


def known(state: str = "good", **fields: object) -> PageRecord:
    return PageRecord(URL, state, **({"article": URL} | fields))


@dataclass
class Case:
    action: str
    known: PageRecord | None = None
    stored: Article | None = None
    extracted: ExtractedArticle | None = None
    page: Page | NotModified | None = None
    error: Exception | None = None
    items: object = None
    copy: str = ""


LATER = timestamp(NOW + timedelta(hours=3))
EARLIER = timestamp(NOW - timedelta(hours=3))
CASES = {
    "a new page": Case("store", extracted=read(), page=PAGE),
    "a changed page": Case("store", known(), WHOLE, read("New. " * 90), PAGE),
    "noindex in the header": Case(
        "exclude", known(), WHOLE, read(), Page(URL, URL, b"", noindex=True)
    ),
    "noindex in the page": Case("exclude", known(), WHOLE, read(noindex=True), PAGE),
    "noindex of a new page": Case("exclude", extracted=read(noindex=True), page=PAGE),
    "404 for the first time": Case("wait", known(), WHOLE, fed(""), error=LOST),
    "404 again too soon": Case(
        "wait", known("gone", due=LATER), WHOLE, fed(""), error=LOST
    ),
    "404 on another day": Case(
        "withdraw", known("gone", due=EARLIER), WHOLE, fed(""), error=LOST
    ),
    "410": Case("withdraw", known(), WHOLE, fed(""), error=REMOVED),
    "404, and lost from the index": Case("withdraw", known(), None, fed(""), error=LOST),
    "gone before, and any error now": Case(
        "withdraw", known("gone", article=""), None, fed(""), error=DOWN
    ),
    "404, but an archived copy is read": Case(
        "store", known("failed"), SUMMARY, read(), error=LOST, copy="https://archive.example/1"
    ),
    "404 of what the feed alone gave": Case(
        "refresh", known(reason="not-found"), WHOLE, fed("Bread."), error=LOST
    ),
    "unchanged": Case("refresh", known(), WHOLE, None, SAME),
    "unchanged, the feed has a little more": Case(
        "refresh", known(), WHOLE, fed(WORDS + "More."), SAME
    ),
    "unchanged, the feed has much more": Case(
        "store", known(), WHOLE, fed(WORDS * 2), SAME
    ),
    "unchanged, but lost from the index": Case("fail", known(), None, None, SAME),
    "unchanged, and kept out as before": Case(
        "exclude", known(article=""), None, None, SAME
    ),
    "the server is down": Case("refresh", known(), WHOLE, fed("Bread."), error=DOWN),
    "down, the feed has all, a page gave the stored text": Case(
        "refresh", known(), WHOLE, fed(WORDS * 2, whole=True), error=DOWN
    ),
    "down, the feed has all, the feed gave the stored text": Case(
        "store", known(reason="server-error"), WHOLE, fed(WORDS, whole=True), error=DOWN
    ),
    "down, a summary is stored": Case(
        "store", known("failed"), SUMMARY, fed("Bread, at length."), error=DOWN
    ),
    "a new page that is down": Case("store", extracted=fed("Bread."), error=DOWN),
    "a new page that is down, with a title": Case("store", extracted=fed(""), error=DOWN),
    "a new page that is down, with its address alone": Case(
        "fail", extracted=fed(""), error=DOWN, items=BARE
    ),
    "a file that cannot be read": Case(
        "fail", extracted=fed(""), error=BROKEN, items=ON_DISK
    ),
    "an address alone whose page has no text": Case(
        "store", extracted=read("", whole=False), page=PAGE, items=BARE
    ),
}  # fmt: skip


def attempt_of(case: Case) -> Attempt:
    task = Task(URL, case.items or TITLED, "h", case.known, aliases=(URL,))
    return Attempt(
        task, case.extracted, case.page, case.error, copy=case.copy, address=URL
    )


@pytest.mark.parametrize("name", CASES)
def test_the_decision(name):
    case = CASES[name]
    decision = decide(attempt_of(case), case.stored, forgotten=Forgotten(), now=NOW)
    assert decision.action == case.action


@pytest.mark.parametrize(
    ("forgotten", "reason"),
    [
        (Forgotten(articles=frozenset(["a.example/1"])), "forgotten"),
        (Forgotten(sites=("a.example",)), "forgotten-site"),
    ],
)
def test_what_leads_to_a_forgotten_article_is_left_out(forgotten, reason):
    elsewhere = Extraction(URL, blocks=(Block("paragraph", WORDS),))
    task = Task("https://b.example/go", TITLED, "h", None)
    article = ExtractedArticle(elsewhere, elsewhere.blocks, True)
    attempt = Attempt(task, article, PAGE, address=URL)
    decision = decide(attempt, None, forgotten=forgotten, now=NOW)
    assert decision == Decision("forget", None, URL, reason)


def test_a_stored_article_that_is_forgotten_is_left_out_though_it_is_down():
    case = Case("forget", known(), WHOLE, fed("Bread."), error=DOWN)
    sites = Forgotten(sites=("a.example",))
    assert decide(attempt_of(case), WHOLE, forgotten=sites, now=NOW).action == "forget"


@pytest.mark.parametrize(
    ("record", "error", "expected"),
    [
        (None, LOST, False),
        (known(), None, False),
        (known(), LOST, True),
        (known(), REMOVED, True),
        (known(), DOWN, False),
        (known(reason="other", detail="The feed alone gave it."), LOST, False),
        (known("failed"), LOST, False),
        (known("partial", reason="not-whole"), LOST, False),
        (known("gone"), REMOVED, True),
        (known("gone"), DOWN, False),
        (known("gone", article=""), BROKEN, True),
    ],
)
def test_only_a_page_that_was_fetched_can_be_gone(record, error, expected):
    assert is_gone(attempt_of(Case("", record, error=error))) is expected


def test_validators_make_no_difference():
    seen = FetchError(URL, "not-found", "No.")
    seen.seen = Validators(last_modified="x")
    case = Case("wait", known(), WHOLE, fed(""), error=seen)
    assert (
        decide(attempt_of(case), WHOLE, forgotten=Forgotten(), now=NOW).action == "wait"
    )
