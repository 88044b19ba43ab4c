"""Checksums: every change of what is stored is seen, and put down to its article."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from search.index.sqlite.checksums import rows as checksums
from search.index.sqlite.directory_snapshot import INDEX
from tests.stocked import stock


@pytest.fixture
def db(tmp_path):
    stock(tmp_path / "index", 3)
    with closing(sqlite3.connect(tmp_path / "index" / INDEX)) as db:
        yield db


def test_what_was_stored_has_its_checksums(db):
    assert checksums.are_stored(db)
    assert checksums.changed_articles(db) == {}
    assert checksums.failed_checksums(db) == []


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("UPDATE articles SET title = 'x' WHERE id = 2", {2: "article"}),
        ("UPDATE articles SET published = NULL WHERE id = 2", {2: "article"}),
        ("UPDATE passages SET text = 'x' WHERE article = 3", {3: "passages"}),
        ("UPDATE passages SET vector = x'00' WHERE article = 3", {3: "passages"}),
        ("UPDATE passages SET position = position + 9 WHERE article = 1", {1: "passages"}),
        ("DELETE FROM tokens WHERE passage = 1", {1: "passages"}),
        ("DELETE FROM digests WHERE article = 1", {1: "article"}),
    ],
)  # fmt: skip
def test_each_change_is_seen_and_put_down_to_its_article(db, statement, changed):
    db.execute(statement)
    assert checksums.changed_articles(db) == changed


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE texts SET version = 0", "copies"),
        ("DELETE FROM vocabulary_data WHERE id > 10", "vocabulary"),
        ("DELETE FROM passages_fts_docsize WHERE id = 1", "fulltext"),
        ("UPDATE meta SET value = value || ' ' WHERE key = 'manifest'", "manifest"),
        ("UPDATE meta SET value = 'x' WHERE key = 'seal'", checksums.KEY),
    ],
)
def test_a_derived_table_that_changes_is_named(db, statement, name):
    db.execute(statement)
    assert checksums.failed_checksums(db) == [name]


def test_values_that_run_into_each_other_have_other_checksums(db):
    """The title's end and the next column's beginning change places."""
    db.execute("UPDATE articles SET title = 'ab', site = 'c' WHERE id = 1")
    db.execute("DELETE FROM digests")
    checksums.store_article_checksums(db)
    db.execute("UPDATE articles SET title = 'a', site = 'bc' WHERE id = 1")
    assert checksums.changed_articles(db) == {1: "article"}
