"""The state before a run, from the pages that the run changed: always that state, to
the byte, whatever ran, was killed or was read meanwhile."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from search.index.sqlite.connection import connect
from search.index.sqlite.rollback import (
    clear_unfinished,
    copy_state_before,
    exchange,
    finish_restore,
    names_before,
    stage,
)
from search.index.sqlite.undo import main_file, rollback_point, segment
from search.index.sqlite.undo.folders import PREVIOUS
from search.index.sqlite.undo.record import is_undo, make_whole
from search.index.sqlite.undo.rollback_point import RollbackPoint
from tests.torture.scale import rounds

NAMES = ("index.sqlite", "ledger.sqlite")
State = dict[str, list[tuple[int, bytes]]]
ROUNDS = rounds(6, 1000)


@pytest.fixture
def directory(tmp_path):
    for name in NAMES:
        with closing(connect(tmp_path / name)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value BLOB)")
            db.execute("CREATE INDEX by_value ON t (value)")
            fill(db, 60)
    return tmp_path


def fill(db: sqlite3.Connection, count: int, size: int = 900) -> None:
    many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < ?)"
    db.execute(
        f"{many} INSERT INTO t (value) SELECT randomblob(?) FROM n",  # noqa: S608
        (count, size),
    )


def rows(path) -> list[tuple[int, bytes]]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute("SELECT id, value FROM t ORDER BY id").fetchall()


def state(directory, folder) -> State:
    """What the databases hold, looked at in copies, as a look brings logs in."""
    folder.mkdir()
    for path in directory.glob("*.sqlite*"):
        if not path.name.endswith("-shm"):
            shutil.copyfile(path, folder / path.name)
    return {name: rows(folder / name) for name in NAMES}


def before(directory, folder) -> State:
    folder.mkdir()
    copy_state_before(directory, folder)
    return {name: rows(folder / name) for name in names_before(directory)}


class Run:
    """A run as the writer makes one: its connections, and the state before."""

    def __init__(self, directory) -> None:
        finish_restore(directory)
        clear_unfinished(directory)
        self.index = connect(directory / NAMES[0])
        self.index.execute("PRAGMA wal_autocheckpoint = 0")
        self.point = RollbackPoint(directory)
        self.ledger = connect(directory / NAMES[1])
        self.ledger.execute("PRAGMA wal_autocheckpoint = 0")

    def commit(self, change) -> None:
        self.index.execute("BEGIN IMMEDIATE")
        change(self.index)
        self.point.save()
        self.index.execute("COMMIT")
        self.point.publish()

    def close(self) -> None:
        self.ledger.close()
        self.point.close()
        self.index.close()


def some_change(chance: random.Random):
    """A statement that touches few pages, many, or that gives pages back."""
    low = chance.randint(0, 200)
    return chance.choice(
        [
            lambda db: fill(db, chance.randint(1, 30)),
            lambda db: db.execute(
                "UPDATE t SET value = randomblob(700) WHERE id % 7 = ?", (low % 7,)
            ),
            lambda db: db.execute(
                "DELETE FROM t WHERE id BETWEEN ? AND ?", (low, low + 40)
            ),
            lambda db: db.execute(
                "UPDATE t SET value = zeroblob(99) WHERE id = ?", (low,)
            ),
        ]
    )


class Killed(BaseException):
    """Ctrl-C, or the end of the process, whose files were copied just before."""


def die_at(monkeypatch, place: int, directory, copy) -> None:
    """End the run at one of the steps that reach the disk."""
    left = [place]

    def dying(real):
        def step(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                # The -shm file is of the processes that have it open.
                ignored = shutil.ignore_patterns("*-shm")
                shutil.copytree(directory, copy, ignore=ignored)
                raise Killed
            return real(*args, **kwargs)

        return step

    monkeypatch.setattr(segment, "read_page", dying(segment.read_page))
    monkeypatch.setattr(os, "fsync", dying(os.fsync))
    monkeypatch.setattr(shutil, "rmtree", dying(shutil.rmtree))
    for kind, name in (
        (Path, "rename"),
        (Path, "unlink"),
        (rollback_point._Database, "checkpoint"),
    ):
        monkeypatch.setattr(kind, name, dying(getattr(kind, name)))


@pytest.mark.parametrize("way", ["kill", "interrupt"])
def test_runs_and_kills_at_any_step_leave_the_state_before_or_none(
    directory, tmp_path_factory, way
):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    may_be: list[State] = []
    ended = Counter()
    for number in range(ROUNDS):
        folder = tmp_path_factory.mktemp("round")
        now = state(directory, folder / "now")
        is_whole, is_committed = one_run(directory, folder, chance)
        if not is_whole and way == "kill":
            directory = folder / "killed"
        if not is_whole:
            finish_restore(directory)
        if is_committed:
            # Killed between the commit and the record of it: still that of before.
            may_be = [now] if is_whole else [*may_be, now]
        if names_before(directory):
            found = before(directory, folder / "before")
            assert found in may_be, number
            may_be = [found]
            ended["kept"] += 1
        else:
            # A kill may take it away, and then there is none until the next change.
            assert not (is_committed and is_whole), number
            may_be = []
            ended["none"] += 1
    print(ended)
    # A few rounds may all end in a kill between the two.
    assert ended["kept"] > ended["none"] or sum(ended.values()) < 50


def one_run(directory, folder, chance: random.Random) -> tuple[bool, bool]:
    """Let a run change index and ledger beside a reader; tell if it came to its end,
    and if it committed."""
    changes = [some_change(chance) for _ in range(chance.randint(0, 3))]
    is_committed = False
    with suppress(Killed), ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        run = Run(directory)
        stack.callback(run.index.close)
        stack.callback(run.point.close)
        stack.callback(run.ledger.close)
        if chance.random() < 0.6:
            die_at(patched, chance.randint(1, 60), directory, folder / "killed")
        reader = connect(directory / chance.choice(NAMES), mode="ro")
        stack.callback(reader.close)
        for change in changes:
            some_change(chance)(run.ledger)
            if not reader.in_transaction and chance.random() < 0.3:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM t").fetchone()
            is_committed = True
            run.commit(change)
        some_change(chance)(run.ledger)
        if chance.random() < 0.5:
            reader.close()
        run.close()
    return not (folder / "killed").exists(), is_committed


def test_a_run_that_changes_the_ledger_alone_adds_to_the_state_before(
    directory, tmp_path
):
    first = state(directory, tmp_path / "first")
    run = Run(directory)
    run.commit(lambda db: fill(db, 5))
    run.close()
    for _ in range(3):
        run = Run(directory)
        run.ledger.execute("UPDATE t SET value = randomblob(50) WHERE id > 30")
        run.close()
    assert before(directory, tmp_path / "before") == first
    # The third time there was no page that it did not hold.
    assert len(list((directory / PREVIOUS).glob("ledger.sqlite.undo-*"))) == 2


def test_one_more_row_costs_its_pages(directory):
    with closing(connect(directory / NAMES[0])) as db:
        fill(db, 3000)
    run = Run(directory)
    run.commit(lambda db: fill(db, 1))
    run.close()
    kept = sum(path.stat().st_size for path in (directory / PREVIOUS).iterdir())
    assert kept < (directory / NAMES[0]).stat().st_size / 50


def test_a_reader_that_stays_makes_it_a_copy(directory, tmp_path, monkeypatch):
    monkeypatch.setattr(rollback_point, "PATIENCE", 0)
    with closing(connect(directory / NAMES[0], mode="ro")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        with closing(connect(directory / NAMES[0])) as db:
            fill(db, 1)
            first = state(directory, tmp_path / "first")
            run = Run(directory)
            run.commit(lambda db: fill(db, 1))
            run.close()
        assert not is_undo(directory / PREVIOUS)
        assert before(directory, tmp_path / "before") == first


@pytest.mark.parametrize("way", ["noted", "copied", "made whole"])
def test_a_rollback_goes_back_and_forth(directory, tmp_path, way, monkeypatch):
    first = state(directory, tmp_path / "first")
    with monkeypatch.context() as patched:
        if way == "copied":  # as older programs did
            patched.setattr(rollback_point._Database, "has_log", lambda _: False)
        run = Run(directory)
        run.commit(lambda db: fill(db, 5))
        run.close()
    if way == "made whole":
        make_whole(directory)
    assert is_undo(directory / PREVIOUS) == (way == "noted")
    second = state(directory, tmp_path / "second")
    for number, wanted in enumerate((first, second, first)):
        with stage(directory) as staged:
            copy_state_before(directory, staged)
            exchange(directory, staged)
        assert state(directory, tmp_path / str(number)) == wanted


def test_a_disk_that_is_full_is_no_reason_not_to_commit(directory, monkeypatch, caplog):
    run = Run(directory)
    run.commit(lambda db: fill(db, 1))
    run.close()

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = Run(directory)
    monkeypatch.setattr(segment, "read_page", full)
    run.commit(lambda db: fill(db, 1))
    run.close()
    assert names_before(directory) == []
    assert "No space left on device" in caplog.text
    with closing(connect(directory / NAMES[0])) as db:
        assert db.execute("SELECT count(*) FROM t").fetchone() == (62,)


def test_few_files_are_kept_open(directory, tmp_path):
    for number in range(main_file.LIMIT + 5):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(bytes([number]) * 10)
        assert main_file.read_page(path, 1, 10) == bytes([number]) * 10
    assert len(main_file._open) <= main_file.LIMIT
