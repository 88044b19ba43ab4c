"""A source's permission for private addresses is its own host's: nothing that a redirect
or a list names elsewhere has it.

The source lies on 127.0.0.1, which it may; the other host is 127.0.0.2, to which no
socket may be told to connect.
"""

from datetime import UTC, datetime

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.permission import allows_private
from indexer.records import FetchError, Page, SourceRecord
from indexer.sources.discover import DiscoveredSource
from indexer.sources.poll import ask_source
from tests.runs import Inline, Runs
from tests.sites import page, rss, serving, text
from tests.watching import watching

HOME, OTHER = "127.0.0.1", "127.0.0.2"
FEED_LINK = '<link rel=alternate type="application/rss+xml" href="{}">'


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "One", text(1))
        running.post("/2", "Two", text(2))
        yield running


def moved(site, path: str, to: str, status: int = 302) -> str:
    site.put(path, b"", status=status, headers=(("Location", to),))
    return site.url(path)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("article", [False, True])
def test_a_redirect_to_another_host_has_no_permission(site, status, article):
    other = site.base.replace(HOME, OTHER)
    begin = moved(site, "/begin", site.url("/next"), status)
    moved(site, "/next", f"{other}/1", status)
    with watching(HOME) as watch, HttpFetcher(Limits(delay=0, tries=1)) as fetcher:
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(begin, article=article, allow_private=True)
        assert caught.value.reason == "private-address"
        assert watch.forbidden == []
    assert {"/begin", "/next"} <= set(site.asked())


def test_a_run_may_allow_all_of_ones_own_networks(site):
    begin = moved(site, "/begin", site.base.replace(HOME, "localhost") + "/1")
    limits = Limits(delay=0, tries=1, allow_private=True)
    with HttpFetcher(limits) as fetcher:
        assert fetcher.fetch(begin).status == 200


def test_a_robots_txt_elsewhere_is_not_asked_for(site):
    moved(site, "/robots.txt", site.base.replace(HOME, OTHER) + "/robots.txt")
    with watching(HOME) as watch, HttpFetcher(Limits(delay=0, tries=1)) as fetcher:
        with pytest.raises(FetchError):
            fetcher.fetch(site.url("/1"), article=True, allow_private=True)
        assert watch.forbidden == []


def treacherous(site) -> None:
    """A blog on a permitted host, whose every address may lead to another."""
    other = site.base.replace(HOME, OTHER)
    older = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{other}/older"/>'
    item = f"<item><title>In</title><link>{other}/post</link></item>"
    feed = rss(site.base, (("/1", "One"), ("/2", "Two"), ("/away", "Away")))
    feed = feed.replace("</channel>", f"{older}{item}</channel>")
    site.put("/feed.xml", feed, kind="application/rss+xml")
    feeds = FEED_LINK.format(f"{other}/feed") + FEED_LINK.format("/feed.xml")
    archive = f'<a href="{other}/archive">Archive</a>'
    site.put("/", page("Home", archive, head=feeds))
    robots = f"User-agent: *\nAllow: /\nSitemap: {other}/sitemap.xml\n"
    site.put("/robots.txt", robots, kind="text/plain")
    moved(site, "/away", f"{other}/away")
    site.put("/2", page("Two", text(2), f'<a rel=prev href="{other}/0">Previous</a>'))
    links = f"# 2024-03-01\n\n- [in]({other}/x) is in\n- [b](/2) is it\n- [c](/away)\n"
    site.put("/til.md", links, kind="text/markdown")
    opml = f'<opml><body><outline xmlUrl="{other}/f"/></body></opml>'
    site.put("/list.opml", opml, kind="text/x-opml")


def test_nothing_that_a_source_leads_to_has_its_permission(site, tmp_path, workers):
    treacherous(site)
    runs = Runs(tmp_path / "index", workers)
    with watching(HOME) as watch:
        for path in ("/", "/til.md", "/list.opml"):
            runs.add(site.url(path), older=True)
        runs.later(days=3)
        runs.update()
        assert watch.forbidden == []
    assert {site.url("/1"), site.url("/2")} <= set(runs.articles())
    assert "private" in runs.page(site.url("/away")).detail


class Moved:
    """A server that has moved a feed for good."""

    def __init__(self, to: str) -> None:
        self._to = to

    def fetch(self, url, validators=None, **_):
        body = rss("http://a.example", (("/1", "One"),)).encode()
        return Page(url, self._to, body, moved_to=self._to)


@pytest.mark.parametrize(
    ("to", "is_kept"),
    [("http://nas.local/new", True), ("https://b.example/feed", False)],
)
def test_a_source_that_moves_to_another_host_leaves_its_permission(to, is_kept):
    source = SourceRecord("http://nas.local/feed", "feed", allow_private=True)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    polled = ask_source(DiscoveredSource(source), Moved(to), workers=Inline(), now=now)
    assert polled.record.url == to
    assert polled.record.allow_private == is_kept


@pytest.mark.parametrize(
    ("source", "url", "is_allowed"),
    [
        ("http://nas.local/feed", "http://nas.local:8080/1", True),
        ("http://nas.local/feed", "https://NAS.local/1", True),
        ("http://nas.local/feed", "http://router.local/", False),
        ("http://nas.local/feed", "http://nas.local.example/", False),
        ("http://nas.local/feed", "http://a.nas.local/", False),
        ("http://nas.local/feed", "http://[", False),
        ("file:///home/me/til.md", "http://nas.local/1", True),
    ],
)
def test_permission_is_by_host(source, url, is_allowed):
    record = SourceRecord(source, "feed", allow_private=True)
    assert allows_private(record, url) == is_allowed
    assert not allows_private(SourceRecord(source, "feed"), url)
