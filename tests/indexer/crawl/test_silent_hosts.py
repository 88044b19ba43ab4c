"""Runs over sources whose posts lie on hosts that say nothing: who is asked, in which
order, how often, and what becomes of the rest."""

from __future__ import annotations

import io
import threading
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from indexer.cli.report import print_report
from indexer.crawl import pipeline
from indexer.fetch.fetcher import Limits
from indexer.fetch.host_queues import THREADS
from indexer.fetch.lost_time import LostTime
from indexer.ledger.place import Place
from tests.blogs import Blog, numbered
from tests.runs import Inline, Runs, results
from tests.servers import scripted, silent

HONEST = numbered(6)


@pytest.fixture
def site(tmp_path):
    with scripted() as script:
        yield Blog(tmp_path / "index", Inline(), script)


@pytest.fixture
def runs(tmp_path):
    runs = Runs(tmp_path / "index", Inline())
    runs.limits = Limits(delay=0, deadline=3.0, short=0.2, tries=3, backoff=0.01)
    return runs


@pytest.fixture
def grant(monkeypatch):
    """Let each source lose so many seconds in a run."""
    return lambda seconds: monkeypatch.setattr(
        pipeline, "LostTime", lambda: LostTime(seconds)
    )


def feed_of(site, path, urls):
    """A feed on the site that lists posts of other hosts."""
    site.rss(path, [])
    items = "".join(f"<item><title>T</title><link>{url}</link></item>" for url in urls)
    page = site.script.pages[path]
    page.body = page.body.replace(b"</channel>", items.encode() + b"</channel>")


def asked_late(site, asked) -> list[int]:
    """Note at each request for an honest post how many silent hosts were asked by then."""
    counts = []
    take = site.script.take

    def noting(path, headers):
        if path in HONEST:
            counts.append(len(asked()))
        return take(path, headers)

    site.script.take = noting
    return counts


def reasons(report) -> Counter[str]:
    """Count why posts were not read."""
    return Counter(outcome.reason for outcome in report.outcomes if outcome.reason)


def printed(report, runs) -> str:
    console = Console(file=io.StringIO(), width=300)
    print_report(console, report, place=Place(runs.directory, runs.directory))
    return console.file.getvalue()


def test_a_blog_is_read_while_a_source_before_it_waits_for_silent_hosts(site, runs):
    with silent(36) as (hosts, asked):
        silent_posts = [f"{host}/{post}" for post in range(2) for host in hosts]
        feed_of(site, "/silent.xml", silent_posts)
        site.rss("/honest.xml", site.posts(HONEST))
        by_then = asked_late(site, asked)
        base = site.script.base
        report = runs.add(f"{base}/silent.xml", f"{base}/honest.xml")
        assert len(by_then) == len(HONEST)
        # The first threads were given out when nothing was known of any host.
        assert max(by_then) <= THREADS
        # One try a host, not one a post, and none again.
        assert len(asked()) == len(set(asked()))
    ends = results(report)
    assert [ends[base + path] for path in HONEST] == ["article"] * len(HONEST)
    assert report.left == {f"{base}/silent.xml": 36}
    said = printed(report, runs)
    assert "ok; 36 posts left for the next run: their hosts didn't answer" in said
    # One that was asked and its other one wait as the retry schedule has it.
    records = [runs.page(f"{hosts[0]}/{post}") for post in range(2)]
    ends = [(record.reason, record.attempts) for record in records]
    assert sorted(ends) == [("robots-unreachable", 1), ("silent-host", 1)]


def test_a_silent_host_is_asked_again_when_it_is_due(site, runs):
    with silent() as ([host], asked):
        feed_of(site, "/f.xml", [f"{host}/{n}" for n in range(9)])
        runs.add(f"{site.script.base}/f.xml")
        runs.update()
        assert len(asked()) == 1
        runs.later(hours=2)
        runs.update()
        assert len(asked()) == 2


def test_a_source_that_lost_its_time_goes_on_in_the_next_run(site, runs, grant):
    grant(0.5)
    with silent(100) as (hosts, asked):
        feed_of(site, "/silent.xml", hosts)
        url = f"{site.script.base}/silent.xml"
        report = runs.add(url)
        first = asked()
        # Those that were under way when the time was up come to their end.
        assert len(first) <= 3 + 2 * THREADS
        assert reasons(report) == {
            "robots-unreachable": 100 - report.left[url],
            "put-off": report.left[url],
        }
        # The next run, however soon, asks others.
        runs.update()
        second = asked()[len(first) :]
        assert second
        assert not set(first) & set(second)


def test_an_update_ends_though_every_host_is_silent(site, runs, grant):
    grant(0.2)
    with silent(120) as (hosts, asked):
        shares = [hosts[start::4] for start in range(4)]
        for source, share in enumerate(shares):
            feed_of(site, f"/{source}.xml", share)
        report = runs.add(*[f"{site.script.base}/{source}.xml" for source in range(4)])
        # So many as the budgets and the threads allow.
        assert len(asked()) <= 4 * 2 + 2 * THREADS
        assert report.left.total() == reasons(report)["put-off"]
        # No source was left out for another's sake.
        assert all(set(share) & set(asked()) for share in shares)


def test_what_a_silent_source_lists_of_another_is_read(site, runs, grant):
    grant(0.2)
    with silent(60) as (hosts, _):
        base = site.script.base
        site.rss("/honest.xml", site.posts(HONEST))
        feed_of(site, "/silent.xml", [*hosts, *(base + path for path in HONEST)])
        ends = results(runs.add(f"{base}/silent.xml", f"{base}/honest.xml"))
        assert [ends[base + path] for path in HONEST] == ["article"] * len(HONEST)


def test_posts_that_are_listed_do_not_wait_for_a_search(site, runs):
    site.rss("/f.xml", site.posts(HONEST))
    runs.add(f"{site.script.base}/f.xml", older=True)
    listed = max(map(site.asked.index, HONEST))
    assert listed < site.asked.index("/sitemap.xml")


def test_a_search_for_older_posts_goes_on_when_its_site_answers_again(site, runs):
    with silent() as ([home], _):
        pass  # the port is free: connections there are refused
    older = numbered(8)
    feed_of(site, "/feed.xml", [home + path for path in older[:2]])
    page = site.script.pages["/feed.xml"]
    page.body = page.body.replace(site.script.base.encode(), home.encode())
    url = f"{site.script.base}/feed.xml"
    runs.add(url, older=True)
    runs.later(hours=2)
    with scripted(port=int(home.rpartition(":")[2])) as back:
        blog = Blog(runs.directory, Inline(), back)
        listed = "".join(
            f"<url><loc>{home}{path}</loc></url>" for path in blog.posts(older)
        )
        blog.put("/robots.txt", "Sitemap: BASE/map.xml", headers=())
        blog.put("/map.xml", f"<urlset>{listed}</urlset>")
        runs.add(url, older=True)
    assert set(runs.articles()) == {home + path for path in older}


def test_a_page_that_hangs_does_not_keep_the_others_of_its_blog_away(site, runs):
    runs.limits = replace(runs.limits, deadline=0.8, tries=1)
    site.rss("/f.xml", site.posts(HONEST))
    site.script.pages[HONEST[0]].wait = never = threading.Event()
    ends = results(runs.add(f"{site.script.base}/f.xml"))
    never.set()
    got = [ends[site.script.base + path] for path in HONEST]
    assert got == ["summary"] + ["article"] * (len(HONEST) - 1)


def test_a_host_whose_pages_all_hang_is_asked_for_others_the_next_time(site, runs):
    runs.limits = replace(runs.limits, deadline=0.5, tries=1)
    site.rss("/f.xml", site.posts(HONEST))
    never = threading.Event()
    for path in HONEST:
        site.script.pages[path].wait = never
    report = runs.add(f"{site.script.base}/f.xml")
    first = set(HONEST) & set(site.asked)
    assert report.left.total() == len(HONEST) - len(first) > 0
    site.script.asked.clear()
    runs.update()
    second = set(HONEST) & set(site.asked)
    never.set()
    assert second
    assert not first & second
