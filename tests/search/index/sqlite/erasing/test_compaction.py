"""A database written anew has no byte of what was deleted, whoever read it meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from search.index.sqlite.erasing import compaction
from search.index.sqlite.erasing.compaction import compact, compact_unread

WORD = "zqovamupilek"


@pytest.fixture
def path(tmp_path):
    """A database from which rows were deleted, and not overwritten."""
    made = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(made, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
        rows = [(n, f"{WORD if n % 3 else 'kept'} {n} " * 40) for n in range(300)]
        db.executemany("INSERT INTO t VALUES (?, ?)", rows)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("DELETE FROM t WHERE n % 3")
    assert WORD.encode() in made.read_bytes()
    return made


def held(path) -> bool:
    return any(WORD.encode() in each.read_bytes() for each in path.parent.iterdir())


def count(path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM t").fetchone()[0]


def test_what_is_deleted_is_gone(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert compact(db)
        assert not held(path)
    assert count(path) == 100


def test_a_reader_keeps_it_and_is_not_disturbed(path, monkeypatch):
    monkeypatch.setattr(compaction, "PATIENCE", 0)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as db,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        assert not compact(db)
        assert held(path)
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (100,)
        reader.execute("COMMIT")
        assert compact(db)
        assert not held(path)


def test_a_file_that_nobody_has_open_is_replaced(path):
    before = path.stat().st_ino
    path.with_name("a.sqlite.partial").write_bytes(b"of a run that was killed")
    compact_unread(path)
    assert not held(path)
    assert path.stat().st_ino != before
    assert [each.name for each in path.parent.iterdir()] == ["a.sqlite"]
    assert count(path) == 100


def test_a_log_that_a_kill_left_is_not_lost(path, tmp_path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE t SET text = 'new'")
        # As a kill leaves it: the log is not in the database yet.
        copied = tmp_path / "b"
        copied.mkdir()
        for each in tmp_path.glob("a.sqlite*"):
            (copied / each.name).write_bytes(each.read_bytes())
    compact_unread(copied / "a.sqlite")
    with closing(sqlite3.connect(copied / "a.sqlite")) as db:
        assert db.execute("SELECT DISTINCT text FROM t").fetchall() == [("new",)]
