"""Ledgers of each older version: they open as they are, and nothing is fetched again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from indexer.crawl.reasons import sentence
from indexer.ledger.ledger import DATABASE, Ledger
from indexer.ledger.migrations import MIGRATIONS
from indexer.ledger.rows import HASHED, HASHED_WHERE_SAID, NOT_HASHED, item_hash
from indexer.records import FileRecord, Item, PageRecord
from indexer.text.urls import identity_of
from tests.runs import Runs
from tests.sites import serving, text

OLDER = range(1, len(MIGRATIONS))
FIRST_WITH_CODES = 7
TABLES = ("sources", "items", "pages", "discoveries", "links", "robots", "files",
          "forgotten_sites", "holds")  # fmt: skip


def as_of(directory, version: int) -> None:
    """Put a ledger back into the form that an older version wrote."""
    path = directory / DATABASE
    with closing(sqlite3.connect(path)) as new:
        rows = {table: new.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # fixed names
                for table in TABLES}  # fmt: skip
    path.unlink()
    for left in directory.glob(f"{DATABASE}-*"):
        left.unlink()
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.executescript("".join(MIGRATIONS[:version]))
        old.execute(f"PRAGMA user_version = {version}")
        made = {row[0] for row in old.execute("SELECT name FROM sqlite_schema")}
        for table in made.intersection(TABLES):
            columns = len(old.execute(f"PRAGMA table_info({table})").fetchall())
            for row in rows[table]:
                values = row
                if table == "pages" and version < FIRST_WITH_CODES:
                    values = with_sentences(row)
                values = values[:columns]  # newer versions added theirs at the end
                marks = ", ".join("?" * len(values))
                old.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608  # fixed names
        old.commit()


def with_sentences(row: tuple[str, ...]) -> tuple[str, ...]:
    url, article, value, *rest = row
    record = json.loads(value)
    detail = record.pop("detail")
    record["reason"] = sentence(record["reason"], detail)
    return url, article, json.dumps(record, ensure_ascii=False), *rest


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "Post 1", text(1))
        running.post("/2", "Post 2", text(2))
        running.put(
            "/thin", "<html><title>Thin</title><body><p>Little.</p></body></html>"
        )
        running.feed(
            ("/1", "Post 1"),
            ("/2", "Post 2"),
            ("/thin", "Thin", "<p>A bit.</p>"),
            ("/dead", "Dead"),
        )
        yield running


@pytest.mark.parametrize("version", OLDER)
def test_the_next_update_fetches_no_page(tmp_path, workers, site, version):
    runs = Runs(tmp_path / "index", workers)
    runs.add(site.url("/feed.xml"))
    paths = ("/1", "/2", "/thin", "/dead")
    before = {path: runs.page(site.url(path)) for path in paths}
    articles = runs.articles()
    as_of(runs.directory, version)
    site.asked()
    report = runs.update()
    assert set(site.asked()) <= {"/feed.xml", "/robots.txt"}
    assert [error for _, error in report.sources] == [""]
    assert runs.articles() == articles
    with closing(Ledger(runs.directory)) as ledger:
        for path in paths:
            listed = ledger.listings(identity_of(site.url(path)))
            assert [url for _, url, _ in listed] == [site.url(path)]
        stored = site.url("/1")
        assert ledger.articles_alike(identity_of(stored)) == [stored]
    for path in paths:
        after = runs.page(site.url(path))
        assert (after.state, after.due, after.item_hash) == (
            before[path].state, before[path].due, before[path].item_hash,
        )  # fmt: skip
        assert sentence(after.reason, after.detail) == sentence(
            before[path].reason, before[path].detail
        )


@pytest.mark.parametrize("version", OLDER)
def test_an_older_ledger_can_be_looked_at_without_being_changed(
    tmp_path, workers, site, version
):
    runs = Runs(tmp_path / "index", workers)
    runs.add(site.url("/feed.xml"))
    as_of(runs.directory, version)
    before = (runs.directory / DATABASE).read_bytes()
    with closing(Ledger(runs.directory, read_only=True)) as ledger:
        assert [source.url for source in ledger.sources()] == [site.url("/feed.xml")]
        assert len(ledger.pages()) == 4
    assert (runs.directory / DATABASE).read_bytes() == before


SENTENCES = {
    "": ("", ""),
    "the page holds no whole article": ("not-whole", ""),
    "a page of the site, no post; add its address to have it searched": ("site-page", ""),
    "forgotten on request": ("forgotten", ""),
    "its site is forgotten on request": ("forgotten-site", ""),
    "There is no such page (404).": ("other", "There is no such page (404)."),
    "Zeile 2 läßt sich nicht lesen.": ("other", "Zeile 2 läßt sich nicht lesen."),
}  # fmt: skip


def with_rows(directory, table: str, *values: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        db.executescript("".join(MIGRATIONS[: FIRST_WITH_CODES - 1]))
        db.execute(f"PRAGMA user_version = {FIRST_WITH_CODES - 1}")
        marks = ", ".join("?" * len(values[0]))
        db.execute(
            'INSERT INTO sources VALUES (\'s\', \'{"url": "s", "kind": "folder"}\')'
        )
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608  # fixed names
        db.commit()


def test_sentences_become_codes(tmp_path):
    records = {}
    for number, words in enumerate(SENTENCES):
        record = asdict(PageRecord(f"u{number}", "partial")) | {"reason": words}
        del record["detail"]
        records[f"u{number}"] = json.dumps(record, ensure_ascii=False)
    with_rows(tmp_path, "pages", *((url, "", value) for url, value in records.items()))
    with closing(Ledger(tmp_path)) as ledger:
        pages = [ledger.page(url) for url in records]
    assert [(page.reason, page.detail) for page in pages] == list(SENTENCES.values())
    assert [sentence(page.reason, page.detail) for page in pages] == list(SENTENCES)


def test_a_damaged_row_does_not_keep_the_others_from_their_codes(tmp_path):
    record = json.dumps({"url": "u", "state": "partial", "reason": "no one knows"})
    with_rows(tmp_path, "pages", ("d", "", '{"url": "d", "sta'), ("u", "", record))
    with closing(Ledger(tmp_path)) as ledger:
        assert (ledger.page("u").reason, ledger.page("u").detail) == (
            "other", "no one knows",
        )  # fmt: skip


LEFT_OUT = {
    "": "",
    "it is empty": "empty",
    "it is a draft": "draft",
    "by its name it is no post": "named-otherwise",
    "it is a list of posts": "list",
    "it is not among the site's posts": "not-collected",
    "it is a page of the site, not a post": "site-page",
    "it is dated 2099-01-01, a day to come": "future",
    "another file of the folder has its address": "same-address",
    "something of long ago": "other",
}


def test_files_that_were_left_out_have_codes_too(tmp_path):
    rows = []
    for number, words in enumerate(LEFT_OUT):
        file = f"file:///{number}"
        record = asdict(FileRecord(file, "1")) | {"left_out": words}
        rows.append(("s", file, json.dumps(record)))
    with_rows(tmp_path, "files", *rows)
    with closing(Ledger(tmp_path)) as ledger:
        files = ledger.files("s")
    assert [files[row[1]].left_out for row in rows] == list(LEFT_OUT.values())


# Hashes


ITEM = Item(
    "https://a.example/1", "Öne", "Ann", "2024-01-02", "2024-01-03T00:00:00", "<p>x</p>",
    "Blog", "en", notes=(("n", "a", "s", "2024-01-01", 3),),
)  # fmt: skip


def test_the_hash_of_an_item_is_what_older_ledgers_have():
    """Both were computed by the code of version 6."""
    assert item_hash(ITEM) == (
        "aa7cc9539d13b2d45a8b509577a87f9fca6a527276cdb662af34741c5a954ed0"
    )
    assert item_hash(replace(ITEM, file="file:///1", remark="r")) == (
        "ac2e8c0d73bf6f0ad676808347353f418f803abd2db7241aebaa6ac9833ab2a1"
    )


def test_every_field_is_in_the_hash_or_left_out_on_purpose():
    """A new field is to be named here, or it changes no hash."""
    named = {*HASHED, *HASHED_WHERE_SAID, *NOT_HASHED}
    assert named == set(asdict(ITEM))


@pytest.mark.parametrize("name", HASHED_WHERE_SAID)
def test_a_later_field_counts_where_it_says_something(name):
    assert item_hash(replace(ITEM, **{name: ""})) == item_hash(ITEM)
    assert item_hash(replace(ITEM, **{name: "x"})) != item_hash(ITEM)
