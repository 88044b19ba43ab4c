"""The books of sources, over small sites that the real fetcher and pipeline have
read."""

from __future__ import annotations

import json
import sqlite3
from contextlib import nullcontext
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.backfill.backfill import Backfill
from indexer.backfill.budget import Budget
from indexer.backfill.frontier import Frontier
from indexer.backfill.site_search import BY_LINKS
from indexer.cli import commands as cli
from indexer.cli import session
from indexer.cli.report import coverage_lines
from indexer.crawl.coverage import KEPT_OUT, LOST, NOT_TRIED, WAITS, coverage_of
from indexer.crawl.pipeline import Pipeline
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.ledger.ledger import Ledger
from indexer.records import Item, PageRecord, SourceRecord
from indexer.sources.discover import SourceFinder
from indexer.split.split import SPLITTER_VERSION
from search.coverage_report import Coverage, NotWhole
from search.index.open import open_index
from search.index.sqlite.writer import DATABASE, SqliteWriter
from tests.fakes import HashEmbedder
from tests.runs import Runs, Silence
from tests.sites import serving, text
from tests.torture.scale import rounds

NOINDEX = '<meta name="robots" content="noindex">'


@pytest.fixture(autouse=True)
def quick(monkeypatch, workers):
    monkeypatch.setattr(session, "Workers", lambda: nullcontext(workers))
    monkeypatch.setattr(session, "open_embedder", HashEmbedder)
    monkeypatch.delenv("BLOGSEARCH_INDEX", raising=False)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def runs(directory, workers):
    return Runs(directory, workers)


@pytest.fixture
def run(directory, capsys):
    """Run a command over this test's index: (exit code, what it printed, what it
    said)."""

    def run_it(*arguments: str):
        code = cli.main(["--index", str(directory), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run_it


@pytest.fixture
def site():
    """A feed of five: two whole ones, a summary, a dead one and one that asks to be
    kept out."""
    with serving() as running:
        running.post("/1", "Post 1", text(1))
        running.post("/2", "Post 2", text(2))
        running.post("/out", "Out", text(4), head=NOINDEX)
        running.feed(
            ("/1", "Post 1"), ("/2", "Post 2"), ("/short", "Short", "<p>Only this much.</p>"),
            ("/dead", "Dead"), ("/out", "Out"),
        )  # fmt: skip
        running.put(
            "/til.md",
            "# 2024-03-01\n\n- [Post 1](/1) is good\n- [Gone](/dead2) was good\n- [Two](/2) is, too\n",
            kind="text/markdown",
        )
        yield running


def stored(directory) -> tuple[Coverage, ...]:
    with open_index(directory).snapshot() as index:
        return index.coverage()


def gaps(books: Coverage) -> dict[str, tuple[str, str]]:
    return {one.url: (one.held, one.reason) for one in books.not_whole}


def test_each_address_is_counted_as_what_it_is_held_with_its_reason(
    site, runs, directory
):
    runs.add(site.url("/feed.xml"), site.url("/til.md"))
    feed, links = stored(directory)
    no_page = "There is no such page (404)."
    assert (feed.source, feed.kind, feed.title, feed.error) == (
        site.url("/feed.xml"), "feed", "The Blog", "",
    )  # fmt: skip
    assert (feed.shown, feed.known, feed.search, feed.found) == (5, 5, "none", ())
    assert gaps(feed) == {
        site.url("/short"): ("summary", no_page),
        site.url("/dead"): ("summary", no_page),
        site.url("/out"): ("nothing", KEPT_OUT),
    }
    assert (feed.article, feed.summary, feed.link, feed.missing, feed.same) == (
        2,
        2,
        0,
        1,
        0,
    )
    assert (links.kind, links.shown, links.article, links.link, links.missing) == (
        "linkpage",
        3,
        2,
        1,
        0,
    )
    assert gaps(links) == {site.url("/dead2"): ("link", no_page)}


def test_nothing_new_leaves_the_books_and_every_file_alone(site, runs, directory):
    runs.add(site.url("/feed.xml"))
    books, files = stored(directory), runs.files()
    runs.update()
    assert (stored(directory), runs.files()) == (books, files)


def test_the_books_follow_what_the_feed_shows_and_its_errors(site, runs, directory):
    runs.add(site.url("/feed.xml"))
    site.post("/3", "Post 3", text(3))
    site.feed(("/3", "Post 3"))
    runs.update()
    (books,) = stored(directory)
    assert (books.shown, books.known, books.article) == (1, 6, 3)
    site.put("/feed.xml", b"", status=403)
    runs.update()
    (books,) = stored(directory)
    assert "403" in books.error
    assert (books.shown, books.article) == (1, 3)


def test_an_index_without_books_gets_them_with_the_next_run(site, runs, directory):
    runs.add(site.url("/feed.xml"))
    books = stored(directory)
    with sqlite3.connect(directory / DATABASE) as db:
        db.execute("DELETE FROM meta WHERE key = 'coverage'")
    assert stored(directory) == ()
    runs.update()
    assert stored(directory) == books


def test_forgotten_and_removed(site, runs, run, directory):
    runs.add(site.url("/feed.xml"), site.url("/til.md"))
    assert run("forget", site.url("/1"))[0] == 0
    feed, links = stored(directory)
    assert (
        gaps(feed)[site.url("/1")]
        == gaps(links)[site.url("/1")]
        == ("nothing", "forgotten on request")
    )
    assert (feed.article, links.article) == (1, 1)
    assert run("remove", site.url("/til.md"))[0] == 0
    assert stored(directory) == (feed,)


def test_two_addresses_of_one_article_are_one(site, runs, directory):
    twice = f'<link rel="canonical" href="{site.url("/1")}">'
    site.post("/again", "Post 1", text(1), head=twice)
    site.feed(("/1", "Post 1"), ("/again", "Post 1"))
    runs.add(site.url("/feed.xml"))
    (books,) = stored(directory)
    assert (books.known, books.article, books.same, books.not_whole) == (2, 1, 1, ())


def backfilled(directory, workers, address, most=None) -> None:
    with (
        HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web,
        SqliteWriter(directory, HashEmbedder(), splitter=SPLITTER_VERSION) as index,
    ):
        ledger = Ledger(directory)
        try:
            found = SourceFinder(web, workers, allow_private=True).find(address)
            known = ledger.source(address)
            found = [replace(found[0], record=known)] if known else found
            pipeline = Pipeline(
                UnitOfWork(ledger, index, HashEmbedder()),
                fetcher=web,
                workers=workers,
                progress=Silence(),
            )
            pipeline.run(found, Backfill(ledger, web, workers, budget=Budget(most)))
        finally:
            ledger.close()


def test_older_posts_are_told_by_the_way_they_were_found(site, workers, directory):
    posts = [f"/2012/post-{number}/" for number in range(1, 9)]
    for number, path in enumerate(posts):
        site.post(path, f"Post {number}", text(number))
    site.post(posts[4], "Fifth", f'{text(4)} <a href="/2011/post-0/">Before</a>')
    site.post("/2011/post-0/", "The first", text(20))
    listed = "".join(
        f"<url><loc>{site.url(path)}</loc></url>" for path in [*posts, "/2012/post-99/"]
    )
    site.put("/sitemap.xml", f"<urlset>{listed}</urlset>", kind="application/xml")
    site.feed(*((path, f"Post {path}") for path in posts[5:]))
    backfilled(directory, workers, site.url("/feed.xml"), most=8)
    (books,) = stored(directory)
    assert (books.shown, books.search, dict(books.found)["sitemaps"]) == (3, "open", 6)
    waiting = [url for url, gap in gaps(books).items() if gap == ("nothing", WAITS)]
    assert 0 < len(waiting) < 6
    assert books.known == 9
    for _ in range(3):
        backfilled(directory, workers, site.url("/feed.xml"))
    (books,) = stored(directory)
    assert books.search == "whole"
    assert dict(books.found) == {"sitemaps": 6, BY_LINKS: 1}
    assert (books.known, books.article, books.missing) == (10, 9, 1)
    assert gaps(books) == {
        site.url("/2012/post-99/"): ("nothing", "There is no such page (404).")
    }


def test_json_is_what_the_index_keeps(site, runs, run, directory):
    runs.add(site.url("/feed.xml"), site.url("/til.md"))
    code, out, _ = run("coverage", "--json")
    assert code == 0
    feed, links = json.loads(out)["sources"]
    assert list(feed) == [
        "source", "kind", "title", "error", "shown", "found", "search", "known", "article", "summary",
        "link", "missing", "same", "not_whole",
    ]  # fmt: skip
    assert feed["found"] == {}
    assert feed["not_whole"][1] == {
        "url": site.url("/dead"), "title": "Dead", "held": "summary",
        "reason": "There is no such page (404).",
    }  # fmt: skip
    assert [links] == json.loads(run("coverage", site.url("/til.md"), "--json")[1])[
        "sources"
    ]
    assert feed["source"] == stored(directory)[0].source


def test_the_account_on_paper(site, runs, run):
    runs.add(site.url("/feed.xml"))
    code, out, err = run("coverage")
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["The", "Blog"]
    for row in (
        ["shows", "5"],
        ["known", "of", "5"],
        ["full", "text", "2"],
        ["not", "indexed", "1"],
    ):
        assert row in rows
    assert ["older", "posts", "not", "looked", "for"] in rows
    assert (
        f"  summary only  {site.url('/dead')}  There is no such page (404)."
        in out.splitlines()
    )


def test_exit_codes(site, runs, run, directory):
    code, out, err = run("coverage")
    assert (code, out) == (3, "")
    assert "There is no index" in err
    runs.add(site.url("/feed.xml"))
    code, out, err = run("coverage", "https://nobody.example/feed")
    assert (code, out) == (3, "")
    assert "https://nobody.example/feed is not followed" in err
    code, out, err = run(
        "coverage", site.url("/feed.xml"), "https://nobody.example/feed"
    )
    assert code == 1
    assert "known of" in out
    with pytest.raises(SystemExit) as ended:
        run("coverage", "--what")
    assert ended.value.code == 2
    assert run("remove", site.url("/feed.xml"))[0] == 0
    code, _, err = run("coverage")
    assert code == 3
    assert "Nothing is followed yet" in err


def test_a_feed_of_which_nothing_is_held_has_its_books_too(site, runs, run):
    site.feed(("/out", "Out"))
    runs.add(site.url("/feed.xml"))
    code, out, _ = run("coverage", "--json")
    (books,) = json.loads(out)["sources"]
    assert (code, books["known"], books["missing"]) == (0, 1, 1)


# Without a site


@pytest.fixture
def ledger(directory):
    ledger = Ledger(directory)
    yield ledger
    ledger.close()


def listed(ledger, *pages: tuple[str, PageRecord | None]) -> SourceRecord:
    source = SourceRecord("https://a.example/feed", "feed")
    ledger.put_source(source)
    items = [Item(url) for url, _ in pages]
    ledger.put_items(source.url, items)
    for page in (page for _, page in pages if page):
        ledger.put_page(page)
    return source


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (None, NOT_TRIED),
        (PageRecord("u", "failed", reason="It took too long."), "It took too long."),
        (PageRecord("u", "gone", reason="It is gone (410)."), "It is gone (410)."),
        (
            PageRecord("u", "forgotten", reason="forgotten on request"),
            "forgotten on request",
        ),
        (PageRecord("u", "good"), KEPT_OUT),
        (PageRecord("u", "good", article="u"), LOST),
    ],
)
def test_no_gap_is_without_a_reason(ledger, page, reason):
    books = coverage_of(ledger, listed(ledger, ("u", page)), {}.get)
    assert books.not_whole == (NotWhole("u", "", "nothing", reason),)
    assert (books.known, books.missing) == (1, 1)


def test_what_answered_404_once_is_held_all_the_same(ledger):
    source = listed(
        ledger,
        (
            "u",
            PageRecord("u", "gone", article="u", reason="There is no such page (404)."),
        ),
    )
    books = coverage_of(ledger, source, {"u": "article"}.get)
    assert (books.article, books.not_whole) == (1, ())


@settings(max_examples=rounds(60, 1000), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["good", "partial", "failed"]),
            st.sampled_from(["", "a", "b", "c"]),
        ),
        max_size=12,
    ),
    st.dictionaries(
        st.sampled_from("abc"), st.sampled_from(["article", "summary", "link"])
    ),
    st.integers(0, 3),
)
def test_the_books_always_add_up(tmp_path_factory, fates, held, waiting):
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    try:
        pages = [
            (f"u{n}", PageRecord(f"u{n}", state, article))
            for n, (state, article) in enumerate(fates)
        ]
        source = listed(ledger, *pages)
        posts = [Item(f"w{n}") for n in range(waiting)]
        ledger.put_discovery(source.url, Frontier(waiting=posts).write())
        books = coverage_of(ledger, source, held.get)
    finally:
        ledger.close()
    assert books.known == len(fates) + waiting
    assert len(books.not_whole) == books.summary + books.link + books.missing
    assert books.article + books.summary + books.link == len(
        {a for _, a in fates} & set(held)
    )
    assert all(one.reason for one in books.not_whole)


def test_books_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up"):
        Coverage("u", "feed", known=2, article=1)


def test_nothing_in_a_line_acts_upon_the_terminal():
    bad = NotWhole("u", "t", "nothing", "a\x1b[31m\nb")
    lines = coverage_lines(
        Coverage("u", "feed", "T\n\x9b", known=1, missing=1, not_whole=(bad,))
    )
    assert all(line.isprintable() for line in lines)
