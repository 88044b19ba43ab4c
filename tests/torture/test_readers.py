"""Readers while others write, where nobody may write, and where the clock has jumped
back."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from indexer.cli.options import WRITING
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.vectors import building
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.breaking import ROOT
from tests.torture.reading import look
from tests.torture.scale import rounds
from tests.torture.soundness import found_vectors, is_kept

COMMITS = rounds(10, 200)
THREADS, PROCESSES = 2, 2

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another user or mount"
)


@pytest.fixture
def place():
    """A folder that every user may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "index"


def write(writer: SqliteWriter, edition: int, count: int = 4) -> None:
    """Every article in an edition that its text, and so its vector, tells."""
    texts = [
        f"Bread number{number} rises in a cold room, edition{edition}"
        for number in range(count)
    ]
    writer.add(
        [
            (
                Article(
                    f"https://a.example/{number}",
                    "",
                    blocks=(Block("paragraph", text),),
                ),
                [Passage(text)],
            )
            for number, text in enumerate(texts)
        ]
    )
    writer.commit()


def filled(directory: Path, *editions: int) -> None:
    with SqliteWriter(directory, HashEmbedder("hash"), splitter=1) as writer:
        for edition in editions:
            write(writer, edition)


class Elsewhere:
    """A reader in another process."""

    def __init__(self, directory: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.reading", str(directory), *options],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def look(self, what: str = "look") -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def test_four_readers_never_see_rows_of_one_generation_with_vectors_of_another(place):
    filled(place, 0)
    seen: list[dict[str, object]] = []
    done = threading.Event()

    def read_here() -> None:
        with closing(SqliteIndex(place)) as reader:
            while not done.is_set():
                try:
                    seen.append(look(reader))
                except Exception as error:  # noqa: BLE001  # it is told
                    seen.append({"error": repr(error)})

    def read_there(reader: Elsewhere) -> None:
        while not done.is_set():
            seen.append(reader.look())

    with Elsewhere(place) as one, Elsewhere(place) as other:
        assert one.look()["fits"] is other.look()["fits"] is True
        threads = [threading.Thread(target=read_here) for _ in range(THREADS)]
        threads += [
            threading.Thread(target=read_there, args=(reader,))
            for reader in (one, other)
        ]
        for thread in threads:
            thread.start()
        with SqliteWriter(place, HashEmbedder("hash"), splitter=1) as writer:
            for edition in range(1, COMMITS + 1):
                write(writer, edition)
        done.set()
        for thread in threads:
            thread.join()
    wrong = [one for one in seen if not one.get("fits") or len(one["editions"]) != 1]
    print(f"{len(seen)} looks during {COMMITS} commits")
    assert wrong == []
    assert len(seen) > COMMITS / 4


@pytest.mark.parametrize("command", WRITING)
def test_who_has_to_wait_is_told_before_anything_is_loaded(place, command):
    filled(place, 0)
    arguments = {"add": ["x"], "backfill": ["x"], "remove": ["x"], "forget": ["x"]}.get(
        command, []
    )
    with SqliteWriter(place, HashEmbedder("hash"), splitter=1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "indexer", "--delay", "0", command, "--index", str(place), *arguments],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 75
    assert b"try again" in done.stderr
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{command}: {spent:.2f} s of processor time")
    assert spent < 0.5  # a second is promised; a loaded machine takes longer for less


def test_a_clock_that_jumps_back_takes_no_vector_file_away(place, monkeypatch):
    monkeypatch.setattr(building, "TAIL_LEAST", 0)
    filled(place, 0)
    later = time.time() + 3e8
    for path in place.iterdir():
        os.utime(path, (later, later))
    filled(place, 1, 2, 3)
    assert is_kept(place)
    assert len(list(place.glob("vectors-*"))) == 2
    with SqliteIndex(place).snapshot() as index:
        assert len(found_vectors(index)) == 4


@contextmanager
def unwritable(directory: Path):
    """As nobody sees it: root's, and for reading only."""
    for path in (directory, *directory.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        directory.chmod(0o755)


@contextmanager
def mounted_to_read(directory: Path):
    """The folder on a file system that takes no writes, not even root's."""
    for options in (
        ["--bind", directory, directory],
        ["-o", "remount,bind,ro", directory],
    ):
        done = subprocess.run(["mount", *options], capture_output=True)
        if done.returncode:
            pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


def killed(directory: Path) -> None:
    """The index as a writer leaves it that is killed after a commit: with its WAL."""
    code = (
        "import os, sys; from pathlib import Path; from tests.torture.test_readers import *\n"
        "writer = SqliteWriter(Path(sys.argv[1]), HashEmbedder('hash'), splitter=1)\n"
        "write(writer, 7); os.kill(os.getpid(), 9)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(directory)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (directory / f"{DATABASE}-wal").stat().st_size > 0


@as_root
@pytest.mark.parametrize("state", ["closed well", "left by a kill"])
@pytest.mark.parametrize("how", ["nobody", "mount"])
def test_a_folder_that_can_only_be_read_serves(place, how, state):
    filled(place, 0)
    if state == "left by a kill":
        killed(place)
    before = sorted(path.name for path in place.iterdir())
    options = ("--as-nobody",) if how == "nobody" else ()
    with (
        unwritable(place) if how == "nobody" else mounted_to_read(place),
        Elsewhere(place, *options) as reader,
    ):
        edition = "edition0" if state == "closed well" else "edition7"
        # The first looks are those of readers for which nobody has prepared anything.
        assert reader.look() == {"articles": 4, "editions": [edition], "fits": True}
        assert reader.look("ask") == {"found": 4}
        if how == "mount" and state == "closed well":
            assert_commands(place)
    assert how == "nobody" or sorted(path.name for path in place.iterdir()) == before


def assert_commands(place: Path) -> None:
    """What only reads works, what writes says why it can't."""
    for arguments, code in ((["status"], 0), (["sources"], 0), (["rollback"], 3)):
        done = subprocess.run(
            [sys.executable, "-m", "indexer", "--index", str(place), *arguments],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120,
        )  # fmt: skip
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done
    assert b"Read-only file system" in done.stderr


@as_root
def test_a_reader_without_locks_takes_up_what_a_writer_does(place):
    """Nobody's reader goes on while root writes: before, during and after, always of
    one generation."""
    filled(place, 0)
    with unwritable(place), Elsewhere(place, "--as-nobody") as reader:
        assert reader.look()["editions"] == ["edition0"]
        with SqliteWriter(place, HashEmbedder("hash"), splitter=1) as writer:
            for edition in range(1, 4):
                write(writer, edition)
                for path in place.glob("vectors-*"):
                    path.chmod(0o444)
                seen = reader.look()
                assert (seen["editions"], seen["fits"]) == ([f"edition{edition}"], True)
        assert reader.look()["editions"] == ["edition3"]
        filled(place, 4)
        assert reader.look()["editions"] == ["edition4"]


@as_root
def test_a_database_whose_last_writes_can_not_be_seen_is_refused(place):
    """Its WAL holds them, and without the file beside it this user can't read that."""
    filled(place, 0)
    killed(place)
    (place / f"{DATABASE}-shm").unlink()
    with unwritable(place), Elsewhere(place, "--as-nobody") as reader:
        said = str(reader.look()["error"])
    assert said.startswith("StorageFailed")
    assert "can't be opened" in said


@as_root
def test_files_that_may_not_be_read(place):
    filled(place, 0)
    place.chmod(0o755)
    (place / DATABASE).chmod(0o644)
    (vectors,) = place.glob("vectors-*")
    vectors.chmod(0)
    with Elsewhere(place, "--as-nobody") as reader:
        assert reader.look() == {"articles": 4, "editions": ["edition0"], "fits": True}
    (place / DATABASE).chmod(0)
    with Elsewhere(place, "--as-nobody") as reader:
        assert "StorageFailed" in str(reader.look()["error"])


@pytest.mark.parametrize(
    "name", ["a b", "what?", "no#1", "100%25", "ü ö 日本", "[x]*", 'it\'s "so"']
)
def test_any_name_of_a_folder(tmp_path, name):
    directory = tmp_path / name
    filled(directory, 0, 1)
    with SqliteIndex(directory).snapshot() as index:
        assert len(found_vectors(index)) == 4
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_a_plain_copy_opens_elsewhere(tmp_path):
    filled(tmp_path / "index", 0)
    shutil.copytree(tmp_path / "index", tmp_path / "copy")
    filled(tmp_path / "index", 1)
    with closing(SqliteIndex(tmp_path / "copy")) as reader:
        assert look(reader) == {"articles": 4, "editions": ["edition0"], "fits": True}
    filled(tmp_path / "copy", 2)
    with closing(sqlite3.connect(tmp_path / "copy" / DATABASE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
