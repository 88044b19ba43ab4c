"""The unit of work: what it knows before a commit, and what is written by one."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from indexer.crawl import unit_of_work
from indexer.crawl.tasks import Attempt, Task
from indexer.crawl.unfollow import drop_source
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.ledger.ledger import Ledger
from indexer.records import Item, Page, PageRecord, SourceRecord, Validators
from indexer.split.split import SPLITTER_VERSION
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block
from tests.fakes import HashEmbedder
from tests.sites import text

HTTP, HTTPS = "http://a.example/1", "https://a.example/1"
COPY = "https://b.example/copy"
FEED = SourceRecord("https://a.example/feed", "feed")
LINKS = SourceRecord("https://c.example/til", "linkpage")


def article(url: str, seed: int = 1) -> Article:
    blocks = (Block("paragraph", text(seed)),)
    return Article(url, "One", evidence="article", blocks=blocks)


def task(url: str, known: PageRecord | None = None) -> Task:
    return Task(url, [(Item(url), FEED)], "h", known, aliases=(url,))


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path)
    with ledger.transaction():
        for source, url in ((FEED, HTTP), (LINKS, COPY)):
            ledger.put_source(source)
            ledger.put_items(source.url, [Item(url)])
    yield ledger
    ledger.close()


@pytest.fixture
def work(tmp_path, ledger):
    embedder = HashEmbedder()
    with SqliteWriter(tmp_path, embedder, splitter=SPLITTER_VERSION) as index:
        yield UnitOfWork(ledger, index, embedder)


def lead(work: UnitOfWork, url: str, to: Article) -> None:
    work.lead_to(to, task(url))
    work.note(PageRecord(url, "good", to.url))


def test_what_is_put_is_known_at_once_and_written_with_the_commit(work, ledger):
    lead(work, HTTP, article(HTTP))
    assert work.article(HTTP) == article(HTTP)
    assert (work.alike(HTTPS), work.leading_to(HTTP)) == (HTTP, [HTTP])
    assert (work.index.article(HTTP), ledger.page(HTTP)) == (None, None)
    work.commit()
    assert work.index.article(HTTP) == article(HTTP)
    assert ledger.page(HTTP).article == HTTP
    assert not work.put(article(HTTP))
    assert work.put(article(HTTP, 2))


def test_an_article_takes_over_the_addresses_of_its_alias(work):
    lead(work, HTTP, article(HTTP))
    lead(work, COPY, article(HTTP))
    work.commit()
    work.put(article(HTTPS))
    work.commit()
    assert (work.evidence_of(HTTPS), work.evidence_of(HTTP)) == ("article", None)
    assert work.index.urls() == [HTTPS]
    assert work.leading_to(HTTPS) == [HTTP, COPY]


def test_what_a_killed_run_left_in_the_index_is_known_by_its_identity(work, ledger):
    assert ledger.is_of(None)
    work.put(article(HTTP))
    work._add()
    work.index.commit()  # and the ledger was not
    for _ in range(2):
        again = UnitOfWork(ledger, work.index, HashEmbedder())
        assert again.alike(HTTPS) == HTTP
        again.commit()
        assert not ledger.is_of(work.index.manifest)
    lead(again, HTTP, article(HTTP, 2))
    again.commit()
    assert ledger.is_of(work.index.manifest)
    assert UnitOfWork(ledger, work.index, HashEmbedder()).alike(HTTPS) == HTTP


def test_an_index_that_was_put_in_place_of_another_is_noted_once(work, ledger):
    lead(work, HTTP, article(HTTP))
    work.commit()
    assert ledger.is_of(work.index.manifest)
    work.index.forget(HTTP)
    work.index.commit()  # and the ledger was not
    again = UnitOfWork(ledger, work.index, HashEmbedder())
    assert not ledger.is_of(work.index.manifest)
    assert (again.alike(HTTPS), again.evidence_of(HTTP)) == ("", None)
    again.commit()
    assert ledger.is_of(work.index.manifest)


def test_an_article_goes_with_the_last_address_that_leads_to_it(work):
    lead(work, HTTP, article(HTTP))
    lead(work, COPY, article(HTTP))
    neighbours = work.neighbours(HTTP, task(COPY))
    assert (neighbours.urls, neighbours.is_asked) == ((HTTP,), False)
    assert (neighbours.has_own_page, neighbours.there) == (True, article(HTTP))
    work.lead_to(None, task(COPY, work.record(COPY)))
    work.note(PageRecord(COPY, "good"))
    assert work.article(HTTP) is not None
    work.lead_to(None, task(HTTP, work.record(HTTP)))
    assert (work.article(HTTP), work.alike(HTTP)) == (None, "")
    assert work.evidence_of(HTTP) is None


def test_a_source_leaves_both_at_once(work, ledger):
    lead(work, HTTP, article(HTTP))
    lead(work, COPY, article(COPY, 2))
    drop_source(work, FEED.url)
    assert work.index.urls() == [COPY]
    assert ledger.sources() == [LINKS]
    assert ledger.page(HTTP) is None
    assert FEED.url not in work.identities.to_plan(datetime.now(UTC))
    assert work.aliases.of_urls([HTTP]) == []


def test_what_fails_inside_leaves_the_ledger_as_it_was(work, ledger):
    lead(work, HTTP, article(HTTP))
    with suppress(ZeroDivisionError), work.dropping([HTTP]):
        ledger.drop_source(FEED.url)
        raise ZeroDivisionError
    assert ledger.sources() == [FEED, LINKS]
    assert work.index.article(HTTP) is not None


def test_an_attempt_is_noted_for_each_alias_and_for_its_shared_page(work, ledger):
    shared = Page(HTTP, HTTP, b"", validators=Validators("x"))
    both = Task(HTTP, (), "h", None, aliases=(HTTP, HTTPS), shared=f"{HTTP}#")
    work.note_attempt(Attempt(both, shared=shared), PageRecord(HTTP, "good"))
    work.note_forgotten_site("d.example")
    work.commit()
    assert [page.url for page in ledger.pages()] == [HTTP, HTTPS, f"{HTTP}#"]
    assert ledger.page(f"{HTTP}#").validators["etag"] == "x"
    assert work.forgotten().sites == ("d.example",)


def test_links_without_a_text_are_added_in_batches_too(work, monkeypatch):
    monkeypatch.setattr(unit_of_work, "BATCH", 3 * unit_of_work.LEAST)
    stored = []
    for number in range(7):
        work.put(Article(f"https://a.example/{number}", "A link", evidence="link"))
        stored.append(len(work.index.urls()))
    assert stored == [0, 0, 3, 3, 3, 6, 6]


class SlowCommits:
    """A clock that a commit of the index moves on by some seconds."""

    def __init__(self, index, seconds: float) -> None:
        self.now, self.seconds, self.count = 0.0, seconds, 0
        self._commit = index.commit

    def monotonic(self) -> float:
        return self.now

    def commit(self) -> None:
        self._commit()
        self.now += self.seconds
        self.count += 1


@pytest.mark.parametrize(
    ("seconds", "longest"), [(0.0, 60), (2.0, 60), (6.0, 120), (10.0, 200), (99.0, 300)]
)
def test_what_a_kill_costs_has_a_bound_that_grows_with_a_commits_time(
    work, monkeypatch, seconds, longest
):
    clock = SlowCommits(work.index, seconds)
    monkeypatch.setattr(unit_of_work, "time", clock)
    monkeypatch.setattr(work.index, "commit", clock.commit)
    work.commit()
    ended, pauses = clock.now, []
    step = longest / 20
    for number in range(45):  # two pauses
        clock.now += step
        before = clock.count
        work.put(article(f"https://d.example/{number}"))
        if clock.count > before:
            pauses.append(clock.now - clock.seconds - ended)
            ended = clock.now
    assert pauses == [longest + step] * 2
