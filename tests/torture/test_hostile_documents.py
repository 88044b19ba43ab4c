"""Documents made to hold a reader up: each ends within its limits, and what comes after
it is read.

Shortly a few of each kind are read with a second of processor time for each, fully all
with the limits that hold in use.
"""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from indexer.documents.read_page import read
from indexer.runtime.parser_pool import TIME_LIMIT, ParseError, Workers
from indexer.runtime.worker_process import MEMORY_LIMIT
from indexer.sources import feeds
from indexer.sources import link_reader as linkreader
from indexer.sources.feeds import MOST_ITEMS, parse_feed
from indexer.sources.link_pages import parse_link_page
from search.errors import BlogsearchError
from tests.runs import Runs
from tests.servers import scripted
from tests.sites import serving, text
from tests.torture.hostile_documents import DOCUMENTS
from tests.torture.hostile_feeds import FEEDS, many_items
from tests.torture.hostile_links import LINK_PAGES
from tests.torture.hostile_pages import PAGES
from tests.torture.made import URL
from tests.torture.scale import FULL, rounds

ALL = FEEDS, PAGES, LINK_PAGES, DOCUMENTS
CASES = [pytest.param(make, id=name) for kind in ALL for name, make in kind.items()]
IN_SHORT = ("billion laughs", "deep nesting", "colspan", "a tree of 10^30 pages", "front matter of aliases",
            "Markdown brackets", "tables that name each other")  # fmt: skip
SMALL = b"<rss version='2.0'><channel><item><title>a</title><link>/1</link></item></channel></rss>"


@pytest.fixture(scope="module")
def readers():
    with Workers(1, time_limit=rounds(1, int(TIME_LIMIT))) as running:
        yield running


def cost(function, *arguments) -> float:
    """Seconds of processor time that a call takes; runs in a worker."""
    began = time.process_time()
    with suppress(BlogsearchError):
        function(*arguments)
    return time.process_time() - began


@pytest.mark.parametrize(
    "make", [case for case in CASES if FULL or case.id in IN_SHORT]
)
def test_a_hostile_document_ends_in_time_and_the_next_is_read(readers, make):
    function, arguments = make()
    try:
        assert readers.run(cost, function, *arguments) <= TIME_LIMIT + 0.1
    except ParseError as error:
        assert any(words in str(error) for words in ("more than", "too much memory"))  # noqa: PT017
    assert [item.title for item in readers.run(parse_feed, SMALL, URL).items] == ["a"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_200_000_items_the_newest_come(readers, monkeypatch, newest_first):
    count, most = rounds(3_000, 200_000), rounds(100, MOST_ITEMS)
    monkeypatch.setattr(feeds, "MOST_ITEMS", most)
    run = readers.run if FULL else lambda function, *arguments: function(*arguments)
    feed = run(parse_feed, many_items(count, newest_first=newest_first), URL)
    assert {item.url for item in feed.items} == {
        f"https://a.example/{n}" for n in range(count - most + 1, count + 1)
    }
    assert feed.left_out == count - most
    assert feed.title == "t"


def test_of_many_links_the_first_come(monkeypatch):
    monkeypatch.setattr(linkreader, "MOST_LINKS", 100)
    body = "<ul>" + "".join(
        f"<li><a href=http://b.example/{n}>x</a> y" for n in range(200)
    )
    page = parse_link_page(body.encode(), URL)
    assert [entry.url for entry in page.entries] == [
        f"http://b.example/{n}" for n in range(100)
    ]


def test_memory_is_bounded(readers):
    with pytest.raises(ParseError, match="too much memory"):
        readers.run(bytearray, MEMORY_LIMIT)


def test_external_entities_are_neither_fetched_nor_opened(readers, tmp_path):
    """Whatever their address: no connection comes in, no content of a file comes
    out."""

    secret = tmp_path / "secret"
    secret.write_text("what nobody is told")
    with scripted() as server:
        for address in (secret.as_uri(), str(secret), f"{server.base}/entity"):
            for declaration in (
                f"<!ENTITY x SYSTEM '{address}'>",
                f"<!ENTITY % y SYSTEM '{address}'> %y;",
                f"<!ENTITY x PUBLIC 'a' '{address}'>",
            ):
                include = f"<i:include parse='text' href='{address}'/>"
                item = f"<item><title>a &x;</title><link>/1</link><description>&x;{include}</description></item>"
                body = (
                    f"<?xml version='1.0'?><!DOCTYPE rss SYSTEM '{address}' [{declaration}]>"
                    f"<rss xmlns:i='http://www.w3.org/2001/XInclude'><channel>{item}</channel></rss>"
                )
                feed = readers.run(parse_feed, body.encode(), "https://a.example/")
                assert "nobody" not in repr(feed) + repr(feed.items)
        assert server.asked == []


# Seconds. A worker's first page waits for its imports, 3 on a slow machine; what is
# hostile below takes more than 40.
SHORT = 5


def test_nobody_elses_page_is_lost_and_the_run_goes_on(tmp_path):
    with Workers(2, time_limit=SHORT) as few, serving() as site:
        few.run(read, b"<p>imports are not what is limited here", URL)
        good, bad = [f"/good/{n}" for n in range(8)], ["/deep", "/nested"]
        for number, path in enumerate(good):
            site.post(path, f"Post {number}", text(number))
        site.put("/deep", "<div>word " * 300_000)
        site.put("/nested", "<ul><li>word" * 200_000)
        mixed = [*good[:3], bad[0], *good[3:6], bad[1], *good[6:]]
        site.feed(*((path, path) for path in mixed))
        site.put(
            "/hostile.xml",
            b"<rss><channel><item>" + b"<category>x</category>" * 800_000,
        )
        report = Runs(tmp_path / "index", few).add(
            site.url("/feed.xml"), site.url("/hostile.xml")
        )
    ended = {
        outcome.url.removeprefix(site.base): outcome for outcome in report.outcomes
    }
    assert {path: ended[path].result for path in good} == dict.fromkeys(good, "article")
    assert all(f"more than {SHORT} seconds" in ended[path].detail for path in bad)
    errors = {
        record.url.removeprefix(site.base): error for record, error in report.sources
    }
    assert errors["/feed.xml"] == ""
    assert f"more than {SHORT} seconds" in errors["/hostile.xml"]
