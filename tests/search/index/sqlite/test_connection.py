"""Connections: the time limit of what a thread reads, and the writer's lock."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

import pytest

from search import engine as engines
from search.engine import Engine
from search.errors import IndexBusy, QueryError
from search.index.open import open_index
from search.index.sqlite import connection
from search.index.sqlite.connection import is_locked, lock, time_limit, watch
from tests.fakes import HashEmbedder
from tests.web.made import made_index

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_what_would_read_for_ever_is_stopped_and_said_in_a_sentence():
    db = sqlite3.connect(":memory:")
    watch(db)
    began = time.thread_time()
    with pytest.raises(QueryError, match="fewer words") as caught, time_limit(0.1):
        db.execute(ENDLESS)
    assert caught.value.code == "too-slow"
    assert time.thread_time() - began < 2
    assert db.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError), time_limit(0.1):
        db.execute("SELECT * FROM nothing")
    db.close()


def test_the_time_that_others_take_does_not_count():
    db = sqlite3.connect(":memory:")
    watch(db)
    with time_limit(0.1):
        time.sleep(0.3)
        assert db.execute("SELECT 1").fetchone() == (1,)
    db.close()


def test_a_question_ends_at_its_deadline_and_the_next_one_is_answered(
    tmp_path, monkeypatch
):
    words = made_index(tmp_path, 10)
    monkeypatch.setattr(connection, "STEPS", 1)
    engine = Engine(open_index(tmp_path), embedder=HashEmbedder())
    monkeypatch.setattr(engines, "SECONDS", 0.0)
    with pytest.raises(QueryError) as caught:
        engine.search(f"{words[0]} -{words[1]}")
    assert caught.value.code == "too-slow"
    monkeypatch.undo()
    assert engine.search(words[0]).total > 0
    engine.close()


def test_a_lock_that_is_closed_is_free_though_a_new_process_has_its_file(tmp_path):
    """The copy stands for that of a process between its fork and its program."""
    held = lock(tmp_path)
    copy = os.dup(held.file.fileno())
    try:
        with pytest.raises(IndexBusy):
            lock(tmp_path)
        held.close()
        held.close()
        with closing(lock(tmp_path)):
            assert is_locked(tmp_path)
        assert not is_locked(tmp_path)
    finally:
        os.close(copy)
