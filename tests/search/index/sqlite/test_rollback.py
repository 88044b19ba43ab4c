"""Whole states of a directory: exchanged, put in place, and kept beside."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import pytest

from search.index.sqlite.directory_snapshot import INDEX, copy_databases
from search.index.sqlite.rollback import (
    exchange,
    keep_damaged,
    put_in_place,
    stage,
)
from search.index.sqlite.undo.folders import PREVIOUS
from search.index.sqlite.undo.rollback_point import RollbackPoint


def write(path, value: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS t (value TEXT)")
        db.execute("DELETE FROM t")
        db.execute("INSERT INTO t VALUES (?)", (value,))
        db.commit()


def read(path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT value FROM t").fetchone()[0]


@pytest.fixture
def directory(tmp_path):
    write(tmp_path / INDEX, "old")
    write(tmp_path / "ledger.sqlite", "old")
    return tmp_path


def test_an_exchange_keeps_the_state_before(directory):
    with stage(directory) as staged:
        write(staged / INDEX, "new")
        write(staged / "ledger.sqlite", "new")
        exchange(directory, staged)
    assert read(directory / INDEX) == read(directory / "ledger.sqlite") == "new"
    assert read(directory / PREVIOUS / INDEX) == "old"
    assert {path.name for path in directory.iterdir() if path.is_dir()} == {PREVIOUS}


def test_an_exchange_keeps_what_is_damaged_beside(directory):
    (directory / "ledger.sqlite").write_bytes(b"dear diary, " * 1000)
    with stage(directory) as staged:
        write(staged / INDEX, "new")
        write(staged / "ledger.sqlite", "new")
        exchange(directory, staged)
    assert read(directory / INDEX) == read(directory / "ledger.sqlite") == "new"
    (aside,) = directory.glob("ledger.sqlite.damaged-*")
    assert aside.read_bytes() == b"dear diary, " * 1000


def test_what_is_put_in_place_leaves_the_rest_and_no_state_before(directory):
    with stage(directory) as staged:
        write(staged / INDEX, "new")
        put_in_place(directory, staged)
    assert read(directory / INDEX) == "new"
    assert read(directory / "ledger.sqlite") == "old"
    assert not (directory / PREVIOUS).exists()


def test_a_stage_that_fails_is_removed(directory):
    with suppress(ZeroDivisionError), stage(directory) as staged:
        write(staged / INDEX, "new")
        1 / 0  # noqa: B018
    assert read(directory / INDEX) == "old"
    assert not any(path.is_dir() for path in directory.iterdir())


def test_a_file_that_is_no_database_is_kept_and_replaced(directory):
    (directory / INDEX).write_bytes(b"dear diary, " * 1000)
    first, second = keep_damaged(directory / INDEX), keep_damaged(directory / INDEX)
    assert first != second
    with stage(directory) as staged:
        write(staged / INDEX, "new")
        put_in_place(directory, staged)
    assert read(directory / INDEX) == "new"
    # Each is as large as an index: the newest is enough.
    assert second.read_bytes() == b"dear diary, " * 1000
    assert list(directory.glob("*.damaged-*")) == [second]


def test_a_damaged_directory_is_copied_file_by_file(directory):
    (directory / INDEX).write_bytes(b"dear diary, " * 1000)
    (directory / "copies").mkdir()
    copy_databases(directory, directory / "copies")
    assert (directory / "copies" / INDEX).read_bytes() == b"dear diary, " * 1000
    assert read(directory / "copies" / "ledger.sqlite") == "old"


def test_a_rollback_journal_does_not_make_a_run_wait_for_itself(directory):
    # A disk that failed as the ledger was made leaves it without a WAL; each run after
    # that waited 30 s for its own reading of the state before, and ended as busy.
    point = RollbackPoint(directory)
    with closing(sqlite3.connect(directory / "ledger.sqlite", timeout=0)) as ledger:
        assert ledger.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal"
        ledger.execute("UPDATE t SET value = 'new'")
        ledger.commit()
    point.save()
    point.publish()
    assert read(directory / PREVIOUS / "ledger.sqlite") == "old"
    assert read(directory / "ledger.sqlite") == "new"
