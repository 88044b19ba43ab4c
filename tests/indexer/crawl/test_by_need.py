"""What a run looks at: that which changed, is due or is in trouble, and nothing else.

That it comes to the same as looking at everything is compared at each run of tests/runs.py.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from indexer.crawl import coverage
from indexer.ledger.ledger import Ledger
from tests.runs import CheckedPlanner, Runs
from tests.sites import serving, text


@pytest.fixture
def site():
    with serving() as running:
        for number in range(1, 6):
            running.post(f"/{number}", f"Post {number}", text(number))
        running.feed(("/1", "Post 1"), ("/2", "Post 2"), path="/a.xml")
        running.feed(("/3", "Post 3"), ("/gone", "Gone"), path="/b.xml")
        yield running


@pytest.fixture
def runs(tmp_path, workers, site):
    runs = Runs(tmp_path / "index", workers)
    runs.add(site.url("/a.xml"), site.url("/b.xml"))
    return runs


@pytest.fixture
def counted(monkeypatch):
    """The sources that were counted for the coverage report."""
    found = []
    real = coverage.coverage_of

    def count(ledger, source, evidence_of):
        found.append(source.url)
        return real(ledger, source, evidence_of)

    monkeypatch.setattr(coverage, "coverage_of", count)
    return found


def looked_at(site):
    return {url.removeprefix(site.base) for url in CheckedPlanner.looked_at}


def test_what_is_good_and_not_due_is_not_looked_at(runs, site, counted):
    runs.update()
    assert looked_at(site) == {"/gone"}  # what is in trouble is told of at each run
    assert counted == []
    site.feed(("/1", "Post 1"), ("/2", "Post 2"), ("/4", "Post 4"), path="/a.xml")
    runs.update()
    assert looked_at(site) == {"/4", "/gone"}
    assert counted == [site.url("/a.xml")]
    runs.later(days=30)
    runs.update()
    assert looked_at(site) == {"/1", "/2", "/3", "/4", "/gone"}


def test_what_its_source_says_otherwise_is_looked_at(runs, site):
    site.feed(("/1", "Post 1"), ("/2", "Post two"), path="/a.xml")
    runs.update()
    assert looked_at(site) == {"/2", "/gone"}
    runs.update()
    assert looked_at(site) == {"/gone"}


def test_a_further_source_of_an_article_has_it_looked_at_and_both_counted(
    runs, site, counted
):
    site.feed(("/3", "Post 3"), ("/gone", "Gone"), ("/1", "One"), path="/b.xml")
    runs.update()
    assert looked_at(site) == {"/1", "/gone"}
    assert sorted(counted) == [site.url("/a.xml"), site.url("/b.xml")]


def test_all_is_looked_at_where_the_index_is_another_than_the_ledger_knows(
    runs, site, counted
):
    with closing(sqlite3.connect(runs.directory / "ledger.sqlite")) as db:
        db.execute("UPDATE index_seen SET checksum = 'of another'")
        db.commit()
    runs.update()
    assert looked_at(site) == {"/1", "/2", "/3", "/gone"}
    assert len(counted) == 2
    counted.clear()
    runs.update()
    assert looked_at(site) == {"/gone"}
    assert counted == []


def test_what_a_source_lists_no_longer_leaves_no_note(tmp_path, runs, site):
    with closing(Ledger(runs.directory)) as ledger, ledger.transaction():
        ledger.unsettle_all()
        ledger.drop_source(site.url("/a.xml"))
        ledger.drop_items(site.url("/b.xml"), [site.url("/3")])
    with closing(sqlite3.connect(runs.directory / "ledger.sqlite")) as db:
        notes = db.execute("SELECT * FROM unsettled").fetchall()
        sources = db.execute("SELECT * FROM uncounted").fetchall()
    assert [one.rpartition("/")[2] for (one,) in notes] == ["gone"]
    assert sources == [(site.url("/b.xml"),)]
