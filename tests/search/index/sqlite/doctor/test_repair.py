"""A database from the sound rows of another: whole, or refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from search.errors import IndexDamaged
from search.index.sqlite.directory_snapshot import INDEX
from search.index.sqlite.doctor.check import examine_index
from search.index.sqlite.doctor.repair import derive_again
from search.index.sqlite.readable import readable_urls
from search.index.stored_standing import stored_standing
from search.standing import Standing, StandingQuestion
from tests.stocked import stock


@pytest.fixture
def directory(tmp_path):
    stock(tmp_path / "index", 3)
    return tmp_path / "index"


def change(directory, statement: str) -> None:
    with closing(sqlite3.connect(directory / INDEX)) as db:
        db.execute(statement)
        db.commit()


def rows(path) -> list[tuple]:
    with closing(sqlite3.connect(path)) as db:
        return [
            db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608
            for table in ("articles", "passages", "tokens", "digests", "copies")
        ]


def test_a_sound_index_is_derived_again_row_by_row(directory):
    new = directory / "new.sqlite"
    assert derive_again(directory / INDEX, new) == []
    assert rows(new) == rows(directory / INDEX)
    assert examine_index(new, directory) == []
    assert not list(directory.glob("new.sqlite-*"))  # it is one file


def test_an_article_keeps_no_passages_that_are_not_sound(directory):
    change(directory, "UPDATE passages SET vector = zeroblob(256) WHERE article = 2")
    new = directory / "new.sqlite"
    assert derive_again(directory / INDEX, new) == ["https://a.example/1"]
    assert len(readable_urls(new) or ()) == 3
    assert [one.code for one in examine_index(new, directory)] == ["passages"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET blocks = '[]' WHERE id = 1",
        "UPDATE meta SET value = 'x' WHERE key = 'manifest'",
    ],
)
def test_what_is_lost_is_refused_and_nothing_is_said_to_be_sound(directory, statement):
    change(directory, statement)
    before = (directory / INDEX).read_bytes()
    with pytest.raises(IndexDamaged):
        derive_again(directory / INDEX, directory / "new.sqlite")
    assert (directory / INDEX).read_bytes() == before


def test_a_file_that_is_no_database_has_nothing_to_read(directory):
    (directory / INDEX).write_bytes(b"dear diary, " * 1000)
    assert readable_urls(directory / INDEX) is None
    (finding,) = examine_index(directory / INDEX, directory)
    assert not finding.mendable


@pytest.mark.parametrize("is_damaged", [False, True])
def test_standing_questions_are_kept_unless_they_are_damaged(directory, is_damaged):
    stored = stored_standing(Standing((StandingQuestion("bread", "bread"),)))
    if is_damaged:
        stored = stored[:-1]
    with closing(sqlite3.connect(directory / INDEX)) as db, db:
        db.execute("INSERT INTO meta VALUES ('standing', ?)", (stored,))
    told = [one.code for one in examine_index(directory / INDEX, directory)]
    assert ("standing" in told) == is_damaged
    new = directory.parent / "new.sqlite"
    derive_again(directory / INDEX, new)
    with closing(sqlite3.connect(new)) as db:
        kept = db.execute("SELECT value FROM meta WHERE key = 'standing'").fetchall()
    assert kept == ([] if is_damaged else [(stored,)])
