"""Dead links and the archived copies beside them, on a local server that stands for all
hosts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from indexer.crawl.pipeline import Pipeline
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.ledger.ledger import Ledger
from indexer.records import SourceRecord
from indexer.sources.archived_copies import (
    archived_address,
    copies,
    is_copy,
    reading_address,
)
from indexer.sources.discover import DiscoveredSource
from indexer.sources.link_pages import parse_link_page
from indexer.split.split import SPLITTER_VERSION
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.serialization import as_json
from tests.fakes import Elsewhere, HashEmbedder
from tests.runs import Silence
from tests.servers import Served, scripted
from tests.sites import page, text

DEAD = "https://old.example/kiln"
SNAPSHOT = f"https://web.archive.org/web/20190102030405/{DEAD}"
LINKS = f"""# Links

- 2019-02-03 [Kiln]({DEAD}) on ash glaze ([archived]({SNAPSHOT}))
- 2019-02-04 [Wheel](https://old.example/wheel) on throwing
- 2019-02-05 [Alive](https://new.example/clay) on clay, [copy](https://archive.ph/AbC12)
"""
TOOLBAR = b"<!-- BEGIN WAYBACK TOOLBAR INSERT --><p>8 captures</p><!-- END WAYBACK TOOLBAR INSERT -->"


@pytest.mark.parametrize(
    ("url", "original"),
    [
        (SNAPSHOT, DEAD),
        (
            "http://web.archive.org/web/2019id_/http:/a.example/x?y=1",
            "http://a.example/x?y=1",
        ),
        ("https://archive.is/20190102/http://a.example/x", "http://a.example/x"),
        ("https://archive.today/newest/http://a.example/", "http://a.example/"),
        ("https://archive.ph/AbC12", ""),
        ("https://web.archive.org/web/2019/not an address", ""),
        ("https://a.example/web/2019/http://b.example/", ""),
    ],
)
def test_the_address_that_a_copy_is_of(url, original):
    assert archived_address(url) == original


def test_pages_of_an_archive_are_no_copies():
    assert not is_copy("https://archive.org/details/some-film")
    assert not is_copy("https://archive.org/")
    assert is_copy("https://perma.cc/ABCD-1234")
    assert is_copy("https://ghostarchive.org/archive/abc12")


def test_a_copy_is_read_without_toolbar():
    assert (
        reading_address(SNAPSHOT)
        == f"https://web.archive.org/web/20190102030405id_/{DEAD}"
    )
    assert reading_address("https://archive.ph/AbC12") == "https://archive.ph/AbC12"


def test_copies_belong_to_the_link_that_they_name_or_stand_beside():
    entries = parse_link_page(LINKS.encode(), "https://b.example/links.md").entries
    assert copies(entries) == {
        "old.example/kiln": SNAPSHOT,
        "new.example/clay": "https://archive.ph/AbC12",
    }


def test_a_copy_of_something_else_stays_a_link_of_its_own():
    lines = f"- [One](https://a.example/1) and [a talk]({SNAPSHOT})\n- [archived](https://archive.ph/AbC12)\n"
    assert (
        copies(parse_link_page(lines.encode(), "https://b.example/links.md").entries)
        == {}
    )


class Days:
    """Daily runs over the link page."""

    def __init__(self, directory, site, fetcher, workers) -> None:
        self.directory, self.site, self.fetcher, self.workers = (
            directory,
            site,
            fetcher,
            workers,
        )
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        site.pages["/b.example/links.md"] = Served(
            LINKS.encode(), 200, (("Content-Type", "text/markdown"),)
        )
        site.pages["/new.example/clay"] = Served(page("Clay", text(1)).encode())
        site.pages["/old.example/wheel"] = Served(page("Wheel", text(2)).encode())

    def run(self, days: int = 0) -> None:
        self.now += timedelta(days=days)
        embedder = HashEmbedder()
        with SqliteWriter(self.directory, embedder, splitter=SPLITTER_VERSION) as index:
            ledger = Ledger(self.directory)
            source = SourceRecord("https://b.example/links.md", "linkpage")
            pipeline = Pipeline(UnitOfWork(ledger, index, embedder), fetcher=self.fetcher, workers=self.workers,
                progress=Silence(), clock=lambda: self.now,
            )  # fmt: skip
            pipeline.run([DiscoveredSource(ledger.source(source.url) or source)])
            ledger.close()

    def held(self, url: str):
        with open_index(self.directory).snapshot() as index:
            return index.article(url)


@pytest.fixture
def days(tmp_path, workers):
    with (
        scripted() as site,
        HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web,
    ):
        yield Days(tmp_path / "index", site, Elsewhere(site.base, web), workers)


def test_a_dead_link_is_marked_after_a_second_try_and_read_from_its_copy(days):
    copy = page("Ash glaze", text(7)).encode().replace(b"<nav>", TOOLBAR + b"<nav>")
    days.site.pages[f"/web.archive.org/web/20190102030405id_/{DEAD}"] = Served(copy)
    days.run()
    assert (days.held(DEAD).evidence, days.held(DEAD).dead_since) == ("link", None)
    assert days.held(SNAPSHOT) is None
    days.run(days=2)
    held = days.held(DEAD)
    assert (held.evidence, held.dead_since, held.archived) == (
        "article",
        date(2026, 3, 1),
        SNAPSHOT,
    )
    assert "captures" not in held.text
    assert text(7)[:50] in held.text
    for gap in (5, 20, 80):
        days.run(days=gap)
    assert days.held(DEAD) == held
    assert sum("web.archive.org/web" in path for path in days.site.paths) == 1
    (hit,) = as_json(
        Engine(open_index(days.directory), embedder=HashEmbedder()).search(
            "ash glaze", limit=1
        )
    )["results"]
    assert (hit["url"], hit["dead_since"], hit["archived"]) == (
        DEAD,
        "2026-03-01",
        SNAPSHOT,
    )


def test_a_dead_link_whose_copy_is_not_to_be_had_keeps_its_note_and_offers_the_copy(
    days,
):
    days.run()
    days.run(days=2)
    held = days.held(DEAD)
    assert (held.evidence, held.dead_since, held.archived) == (
        "link",
        date(2026, 3, 1),
        SNAPSHOT,
    )


def test_a_link_that_dies_later_and_comes_back(days):
    days.run()
    wheel = "https://old.example/wheel"
    alive = days.site.pages.pop("/old.example/wheel")
    days.run(days=2)
    days.run(days=2)
    held = days.held(wheel)
    assert (held.evidence, held.dead_since, held.archived) == (
        "link",
        date(2026, 3, 3),
        "",
    )
    days.site.pages["/old.example/wheel"] = alive
    days.run(days=30)
    assert (days.held(wheel).evidence, days.held(wheel).dead_since) == ("article", None)


def test_a_server_in_trouble_is_no_dead_link(days):
    days.site.pages["/old.example/kiln"] = Served(b"", 503)
    for _ in range(3):
        days.run(days=3)
    assert days.held(DEAD).dead_since is None
