"""Posts that a feed lists by fragments of one page are told apart; the page is asked
for once."""

from __future__ import annotations

from collections import Counter

import pytest

from indexer.crawl.forget import forget_article
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.ledger import Ledger
from indexer.split.split import SPLITTER_VERSION
from search.index.sqlite.writer import SqliteWriter
from tests.runs import Runs, results
from tests.sites import Site, page, serving, text

MONTH = "/archives/2004_05.html"


@pytest.fixture
def site():
    with serving() as running:
        yield running


@pytest.fixture
def runs(tmp_path, workers):
    return Runs(tmp_path / "index", workers)


def entry(number: int, body: str, *, permalink: bool) -> str:
    """A post as Movable Type writes it on a page with others."""
    name = f"{number:06}"
    own = f'<a href="/archives/{name}.html">10:0{number}</a> | ' if permalink else ""
    return (
        f'<h2 class="date">May {number}, 2004</h2><div class="blogbody"><a name="{name}"></a>'
        f'<h3 class="title">Post {number}</h3><p>{body}</p>'
        f'<span class="posted">Posted by Jo at {own}<a href="/archives/{name}.html#comments">Comments</a>'
        "</span></div>"
        if permalink
        else f'<a name="{name}"></a><h3 class="title">Post {number}</h3><p>{body}</p>'
    )


def month(site: Site, *numbers: int, permalinks: bool = False) -> None:
    """The page of a month, and the feed that lists its posts, newest first."""
    entries = "".join(entry(n, text(n), permalink=permalinks) for n in numbers)
    site.put(
        MONTH,
        f"<html><title>May 2004</title><body><div id=content>{entries}</div></body></html>",
    )
    if permalinks:
        for n in numbers:
            site.post(
                f"/archives/{n:06}.html",
                f"Post {n}",
                text(n),
                f"Only at its own address: {n}.",
            )
    site.feed(*((f"{MONTH}#{n:06}", f"Post {n}") for n in numbers))


def test_posts_of_one_page_are_articles_of_their_own_and_the_page_is_asked_for_once(
    site: Site, runs: Runs
):
    month(site, 3, 2, 1)
    report = runs.add(site.url("/feed.xml"))
    urls = [site.url(f"{MONTH}#{n:06}") for n in (1, 2, 3)]
    assert results(report) == dict.fromkeys(urls, "article")
    held = runs.articles()
    for n, url in enumerate(urls, 1):
        assert f"number{n}" in held[url].text
        assert not any(f"number{other}" in held[url].text for other in {1, 2, 3} - {n})
        assert held[url].title == f"Post {n}"
    assert site.asked().count(MONTH) == 1
    runs.later(days=2)
    runs.update()
    assert [
        (asked.path, asked.status) for asked in site.log if asked.path == MONTH
    ] == [(MONTH, 304)]
    assert runs.articles() == held


def test_a_post_that_joins_its_month_costs_one_conditional_request(
    site: Site, runs: Runs
):
    month(site, 2, 1)
    runs.add(site.url("/feed.xml"))
    month(site, 3, 2, 1)
    site.log.clear()
    report = runs.update()
    assert results(report)[site.url(f"{MONTH}#000003")] == "article"
    assert len(runs.articles()) == 3
    assert [
        (bool(asked.if_none_match), asked.status)
        for asked in site.log
        if asked.path == MONTH
    ] == [(True, 200)]


def test_a_post_s_own_page_is_the_article_and_the_page_of_the_month_is_left_alone(
    site: Site, runs: Runs
):
    month(site, 3, 2, 1, permalinks=True)
    runs.add(site.url("/feed.xml"))
    urls = sorted(site.url(f"/archives/{n:06}.html") for n in (1, 2, 3))
    held = runs.articles()
    assert sorted(held) == urls
    assert all(
        f"Only at its own address: {n}." in held[url].text
        for n, url in enumerate(urls, 1)
    )
    site.log.clear()
    for _ in range(2):
        runs.later(days=2)
        runs.update()
    assert MONTH not in [asked.path for asked in site.log]
    assert all(
        asked.status == 304 for asked in site.log if asked.path.startswith("/archives/")
    )
    assert sorted(runs.articles()) == urls


def test_a_post_that_is_also_found_under_its_own_address_is_one_article(
    site: Site, runs: Runs
):
    month(site, 2, 1, permalinks=True)
    runs.add(site.url("/feed.xml"))
    site.feed(*((f"/archives/{n:06}.html", f"Post {n}") for n in (1, 2)), path="/b.xml")
    site.log.clear()
    runs.add(site.url("/b.xml"))
    assert sorted(runs.articles()) == [
        site.url(f"/archives/{n:06}.html") for n in (1, 2)
    ]
    assert [
        asked.status for asked in site.log if asked.path.startswith("/archives/")
    ] == [304, 304]


def test_backfill_takes_no_month_s_page_for_a_post_and_holds_none_twice(
    site: Site, runs: Runs
):
    month(site, 4, 3, 2, 1, permalinks=True)
    site.feed(*((f"{MONTH}#{n:06}", f"Post {n}") for n in (4, 3)))
    site.post("/", "Home", f'<a href="{MONTH}">May 2004</a>')
    own = [f"/archives/{n:06}.html" for n in (1, 2, 3, 4)]
    urls = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in own)
    site.put("/sitemap.xml", f"<urlset>{urls}</urlset>", kind="application/xml")
    for _ in range(2):
        runs.add(site.url("/feed.xml"), older=True)
        assert set(runs.articles()) <= {site.url(path) for path in own}
        assert {site.url(path) for path in own[2:]} <= set(runs.articles())


@pytest.mark.parametrize("permalinks", [True, False])
def test_the_search_for_older_posts_and_the_posts_ask_for_their_page_once_together(
    site, runs, permalinks
):
    month(site, 4, 3, permalinks=permalinks)
    site.post("/", "Home", f'<a href="{MONTH}">May 2004</a>')
    runs.add(site.url("/feed.xml"), older=True)
    assert site.asked().count(MONTH) == 1


@pytest.mark.parametrize("permalinks", [True, False])
def test_a_later_search_asks_for_it_on_condition(site, runs, permalinks):
    month(site, 4, 3, permalinks=permalinks)
    site.post("/", "Home", f'<a href="{MONTH}">May 2004</a>')
    runs.add(site.url("/feed.xml"))
    held = runs.articles()
    site.log.clear()
    runs.add(site.url("/feed.xml"), older=True)
    assert [
        (bool(asked.if_none_match), asked.status)
        for asked in site.log
        if asked.path == MONTH
    ] == [(True, 304)]
    assert runs.articles() == held


def test_the_home_page_that_led_to_a_feed_is_where_the_search_begins(site, runs):
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.post(
        "/",
        "Home",
        '<a href="/1">One</a> <a href="/old">Old</a> <a href="/archive">Archive</a>',
        head=feed,
    )
    site.put(
        "/archive", "".join(f'<li><a href="/{n}">Post {n}</a></li>' for n in (1, 2, 3))
    )
    for n in (1, 2, 3):
        site.post(f"/{n}", f"Post {n}", text(n))
    site.feed(("/1", "Post 1"), ("/2", "Post 2"))
    runs.add(site.url("/"), older=True)
    assert max(Counter(site.asked()).values()) == 1
    assert site.url("/3") in runs.articles()


def test_a_link_in_a_heading_that_leads_to_another_post_is_no_permalink(
    site: Site, runs: Runs
):
    site.post("/other", "Another post", text(9))
    entries = (
        f'<h3 id="p-{n}"><a href="/other">On another post, {n}</a></h3><p>{text(n)}</p>'
        for n in (1, 2)
    )
    site.put("/may", f"<html><body>{''.join(entries)}</body></html>")
    site.feed(("/may#p-1", "One"), ("/may#p-2", "Two"))
    runs.add(site.url("/feed.xml"))
    held = runs.articles()
    assert sorted(held) == [site.url("/may#p-1"), site.url("/may#p-2")]
    assert "number9" not in "".join(article.text for article in held.values())


def test_a_post_that_its_page_lacks_is_what_the_feed_gives(site: Site, runs: Runs):
    site.put("/may", page("May", text(7)))
    site.feed(
        ("/may#a", "A", f"<p>{text(1, 500)}</p>"), ("/may#b", "B", "<p>A summary.</p>")
    )
    assert results(runs.add(site.url("/feed.xml"))) == {
        site.url("/may#a"): "article",
        site.url("/may#b"): "summary",
    }


@pytest.mark.parametrize(
    "fragments", [("#comments", "#more-12"), ("", "#comment-7"), ("#c12", "#c13")]
)
def test_places_within_a_post_are_the_post(site: Site, runs: Runs, fragments):
    site.post("/post", "Post", text(1))
    site.feed(*((f"/post{fragment}", "Post") for fragment in fragments))
    runs.add(site.url("/feed.xml"))
    assert list(runs.articles()) == [site.url("/post")]


def test_a_link_page_s_links_to_sections_of_one_page_are_two_notes(
    site: Site, runs: Runs
):
    site.post("/doc", "Manual", text(1))
    links = "".join(f"- [{n}](/doc#{n}) is about {n}\n" for n in ("install", "usage"))
    site.put(
        "/til.md",
        f"# 2024-03-01\n\n{links}- [x](/x)\n- [y](/y)\n",
        kind="text/markdown",
    )
    runs.add(site.url("/til.md"))
    article = runs.articles()[site.url("/doc")]
    assert sorted(note.text for note in article.notes) == [
        "install is about install",
        "usage is about usage",
    ]


def test_a_month_s_first_post_is_told_apart_once_a_second_joins_it_and_stays_so(
    site: Site, runs: Runs
):
    month(site, 1)
    runs.add(site.url("/feed.xml"))
    assert list(runs.articles()) == [site.url(MONTH)]
    month(site, 2, 1)
    runs.update()
    both = [site.url(f"{MONTH}#{n:06}") for n in (1, 2)]
    assert sorted(runs.articles()) == both
    site.feed((f"{MONTH}#000002", "Post 2"))  # the first has left the feed
    runs.update()
    assert sorted(runs.articles()) == both


def test_a_post_of_a_page_can_be_forgotten_by_itself(site: Site, runs: Runs):
    month(site, 2, 1)
    runs.add(site.url("/feed.xml"))
    with SqliteWriter(
        runs.directory, runs.embedder, splitter=SPLITTER_VERSION
    ) as index:
        ledger = Ledger(runs.directory)
        assert forget_article(
            UnitOfWork(ledger, index, runs.embedder), site.url(f"{MONTH}#000001")
        )
        ledger.close()
    runs.later(days=2)
    runs.update()
    assert list(runs.articles()) == [site.url(f"{MONTH}#000002")]
