"""The record that an attempt leaves: state, reason, due date, dead since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer.crawl.decide import Decision
from indexer.crawl.page_record import Ending, conclude, dead_since, ending_of
from indexer.crawl.tasks import Attempt, Task
from indexer.ledger.schedule import (
    FIRST_GAP,
    FIRST_GAP_PERMANENT,
    FIRST_LOOK,
    timestamp,
)
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
LOST = FetchError(URL, "not-found", "There is no such page (404).")
DOWN = FetchError(URL, "server-error", "Trouble (500).")
DOWN.seen = Validators(last_modified="Monday")
BROKEN = ParseError("It broke.")
ARTICLE = Article(URL, "One", evidence="article")


def attempt(known=None, item=None, source=FEED, **fields) -> Attempt:
    return Attempt(Task(URL, [(item or Item(URL), source)], "h", known), **fields)


WHOLE = Article(URL, "One", evidence="article", blocks=(Block("paragraph", "Bread."),))
SUMMARY = Article(URL, "One", evidence="summary")
LINK = Article(URL, "One", evidence="link")
ENDINGS = {
    "a new article": ("store", ARTICLE, True, None, ("article", None, "", "")),
    "the same article": ("store", ARTICLE, False, None, ("unchanged", None, "", "")),
    "a summary": ("store", SUMMARY, True, None, ("summary", None, "not-whole", "")),
    "the same summary": ("store", SUMMARY, False, None, ("summary", None, "not-whole", "")),
    "a summary of a lost page": ("store", SUMMARY, True, LOST, ("summary", None, "not-found", str(LOST))),
    "a page that breaks the parser": ("fail", None, False, BROKEN, ("failed", None, "unreadable", "It broke.")),
    "a page that asks to be left out": ("exclude", None, True, None, ("excluded", None, "", "")),
    "a forgotten page": ("forget", None, True, LOST, ("excluded", "forgotten", "forgotten-site", "")),
    "gone for the first time": ("wait", ARTICLE, False, LOST, ("unchanged", "gone", "not-found", str(LOST))),
    "gone for good": ("withdraw", None, True, LOST, ("failed", "gone", "not-found", str(LOST))),
    "gone, with notes": ("withdraw", LINK, True, LOST, ("link", "gone", "not-found", str(LOST))),
    "gone at one address": ("withdraw", WHOLE, True, LOST, ("unchanged", "gone", "not-found", str(LOST))),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_how_an_attempt_ends(name):
    action, article, is_new, error, expected = ENDINGS[name]
    decision = Decision(
        action, None, URL, "forgotten-site" if action == "forget" else ""
    )
    ending = ending_of(decision, attempt(error=error), article, is_new=is_new)
    assert (ending.result, ending.state, ending.reason, ending.detail) == expected


def test_a_remark_on_a_file_is_told_where_all_else_is_well():
    item = Item(URL, file="file:///blog/1.md", remark="Line 2 is no YAML.")
    made = attempt(item=item, source=FOLDER)
    ending = ending_of(Decision("store"), made, ARTICLE, is_new=True)
    assert (ending.reason, ending.detail) == ("read-in-part", "Line 2 is no YAML.")
    record = conclude(made, ending, NOW)
    assert (record.state, record.due) == ("good", "")


def test_a_whole_article_is_looked_at_again_later():
    page = Page(
        URL, URL, b"", moved_to="https://a.example/one", validators=Validators("x")
    )
    record = conclude(attempt(page=page, size=9), Ending("article", ARTICLE), NOW)
    assert (record.state, record.article, record.item_hash) == ("good", URL, "h")
    assert (record.size, record.moved, record.attempts) == (9, page.moved_to, 1)
    assert record.validators["etag"] == "x"
    assert record.due == timestamp(NOW + FIRST_LOOK)


@pytest.mark.parametrize(
    ("error", "gap"), [(LOST, FIRST_GAP_PERMANENT), (DOWN, FIRST_GAP)]
)
def test_a_failure_is_tried_again_by_its_reason(error, gap):
    record = conclude(attempt(error=error), Ending("failed"), NOW)
    assert (record.state, record.due) == ("failed", timestamp(NOW + gap))
    assert record.away == error.seen.last_modified


def test_what_is_stored_is_as_good_as_it_was_while_a_server_is_down():
    known = PageRecord(URL, "good", URL, size=7, validators={"etag": "x"})
    record = conclude(attempt(known, error=DOWN), Ending("unchanged", ARTICLE), NOW)
    assert (record.state, record.reason, record.detail) == ("good", "", "")
    assert (record.size, record.validators) == (7, {"etag": "x"})
    lost = conclude(
        attempt(known, error=DOWN), Ending("failed", reason="server-error"), NOW
    )
    assert (lost.reason, lost.validators) == ("server-error", {})


def test_an_unchanged_page_keeps_its_size():
    known = PageRecord(URL, "good", URL, size=7, attempts=1)
    made = attempt(known, page=NotModified(URL, validators=Validators("y")))
    record = conclude(made, Ending("unchanged", ARTICLE), NOW)
    assert (record.size, record.validators["etag"], record.attempts) == (7, "y", 2)


def test_a_second_404_counts_on_another_day_only():
    due = timestamp(NOW + timedelta(hours=5))
    known = PageRecord(URL, "gone", URL, due=due, attempts=1)
    again = conclude(
        attempt(known, error=LOST), Ending("unchanged", ARTICLE, state="gone"), NOW
    )
    assert (again.due, again.attempts) == (due, 1)
    past = PageRecord(URL, "gone", URL, due=timestamp(NOW), attempts=1)
    later = conclude(
        attempt(past, error=LOST), Ending("unchanged", ARTICLE, state="gone"), NOW
    )
    assert later.attempts == 2


@pytest.mark.parametrize(
    ("before", "error", "expected"),
    [
        ("", None, ""),
        ("2026-01-01", None, ""),
        ("", LOST, "2026-05-04"),
        ("2026-01-01", LOST, "2026-01-01"),
        ("", DOWN, ""),
        ("2026-01-01", DOWN, "2026-01-01"),
    ],
)
def test_a_link_is_dead_from_its_first_404_on(before, error, expected):
    known = PageRecord(URL, "failed", dead=before)
    assert dead_since(attempt(known, error=error), NOW) == expected
    dead_twice = before != "" and error is LOST
    assert attempt(known, error=error).is_dead is dead_twice
