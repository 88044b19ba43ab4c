"""A failure over damaged rows is told as damage, and a fault of a program as itself."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from search.engine import Engine
from search.errors import IndexDamaged
from search.index.sqlite.doctor import verdict
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import DATABASE
from tests.fakes import HashEmbedder
from tests.stocked import stock

# Of an article's rows, and not of what one question happens to read.
DAMAGES = {
    "another shape": "UPDATE articles SET notes = '[7]'",
    "no date": "UPDATE articles SET published = 'soon'",
    "no article": "DELETE FROM articles WHERE id < 4",
    "no passages": "DELETE FROM passages WHERE article < 4",
    "no heading": "UPDATE passages SET heading = '[1]'",
    "tokens cut short": "UPDATE tokens SET bits = x'0011'",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    directory = tmp_path_factory.mktemp("whole") / "index"
    stock(directory, 6)
    return directory


@pytest.fixture
def index(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "index")


def change(directory, statement: str) -> None:
    with closing(sqlite3.connect(directory / DATABASE)) as db:
        db.execute(statement)
        db.commit()


def ask(index: SqliteIndex) -> None:
    Engine(index, embedder=HashEmbedder()).search("bread in a cold room", limit=50)


@pytest.mark.parametrize("statement", DAMAGES.values(), ids=DAMAGES)
def test_a_failure_over_damaged_rows_is_damage(index, statement):
    change(index, statement)
    with pytest.raises(IndexDamaged, match="blog-indexer doctor") as raised:
        ask(SqliteIndex(index))
    # What failed is not lost to whoever looks for it.
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    "error", [KeyError(5), TypeError("no"), AttributeError("no"), ValueError("no")]
)
def test_a_fault_of_a_program_over_a_sound_index_stays_one(index, error, monkeypatch):
    examined = []
    real = verdict.first_damage
    monkeypatch.setattr(
        verdict, "first_damage", lambda db: examined.append(1) or real(db)
    )
    opened = SqliteIndex(index)
    for _ in range(3):
        with pytest.raises(type(error)) as raised, opened.snapshot():
            raise error
        assert raised.value is error
        assert raised.value.__cause__ is None
    # A fault that comes with each question must not cost an examination each time.
    assert examined == [1]
    opened.require_sound()


def test_an_index_of_an_older_program_is_not_taken_for_damaged(index):
    change(index, "DROP TABLE digests")
    change(index, "DROP TABLE tokens")
    change(index, "PRAGMA user_version = 6")
    opened = SqliteIndex(index)
    error = KeyError(5)
    with pytest.raises(KeyError), opened.snapshot():
        raise error
    change(index, "DELETE FROM articles WHERE id < 4")
    with pytest.raises(IndexDamaged), opened.snapshot():
        raise error


def test_damage_is_remembered_until_it_is_repaired(index, whole):
    change(index, DAMAGES["no date"])
    opened = SqliteIndex(index)
    opened.require_sound()  # nobody has met it yet
    with pytest.raises(IndexDamaged):
        ask(opened)
    for _ in range(2):
        with pytest.raises(IndexDamaged):
            opened.require_sound()
    # A change that mends nothing ends nothing.
    change(index, "UPDATE meta SET value = value")
    with pytest.raises(IndexDamaged):
        opened.require_sound()
    with (
        closing(sqlite3.connect(whole / DATABASE)) as source,
        closing(sqlite3.connect(index / DATABASE)) as target,
    ):
        source.backup(target)
    opened.require_sound()
    ask(opened)


def test_damage_that_tells_of_itself_is_remembered_as_well(index):
    opened = SqliteIndex(index)
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with pytest.raises(IndexDamaged), opened.snapshot():
        raise error
    with pytest.raises(IndexDamaged):
        opened.require_sound()
