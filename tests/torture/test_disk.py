"""A full and a failing disk, at each place of a run: one sentence, exit code 3, what
was held is served and the next run completes it."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager, suppress

import pytest

from search.index.sqlite.connection import lock
from search.index.sqlite.home import SqliteIndex
from tests.torture.breaking import FAIL, FAIL_ON, Order
from tests.torture.scale import rounds
from tests.torture.soundness import assert_sound, state

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="LD_PRELOAD and mount as Linux has them"
)

FAULTS = (("EIO once", FAIL, errno.EIO), ("full from there on", FAIL_ON, errno.ENOSPC))
PLACES = rounds(1, 30)  # of each command and fault, at random
# here all there are: a commit of index and ledger from end to end
WHOLLY = {"forget": rounds(1, 10_000)}
SIZES = rounds(2, 12)


def assert_told(ended, note) -> None:
    """Exit code 3 and one sentence that names the trouble, or 0 where it was none."""
    assert ended.code in (0, 3), (note, ended)
    assert "Traceback" not in ended.said, (note, ended)
    if ended.code == 3:
        assert any(word in ended.said for word in ("disk", "grow larger", "can't")), (
            note,
            ended,
        )
        assert "run this again" in ended.said, (note, ended)


def assert_served(stage, scene, before: SqliteIndex | None, note) -> None:
    """A reader that was open and one that is opened now have the old index or the new
    one, whole."""
    if scene.base is None:
        return
    stage.assert_between(scene)
    if before is not None:
        with before.snapshot() as index:
            assert set(index.urls()) == state(stage.index).keys() - {"model"}, note


@contextmanager
def open_reader(stage, scene):
    """A reader that has the index open before it breaks."""
    if scene.base is None:
        yield None
        return
    with closing(SqliteIndex(stage.index)) as reader:
        with reader.snapshot() as index:
            assert index.urls()
        yield reader


@pytest.mark.parametrize(
    "name", ["add", "update", "rebuild", "forget", "remove", "backfill"]
)
def test_each_call_that_can_fail_fails_once(stage, name):
    scene = stage.scene(name)
    for what, how, code in FAULTS:
        places = range(1, scene.calls + 1)
        if len(places) > (most := WHOLLY.get(name, PLACES)):
            places = random.sample(places, most)
        codes = []
        for place in places:
            note = (name, what, place)
            stage.set(scene)
            with open_reader(stage, scene) as reader:
                ended = stage.run(scene, how, place, code=code)
                assert_told(ended, note)
                assert_served(stage, scene, reader, note)
                if stage.index.is_dir():
                    assert_sound(stage.index)
                stage.complete(scene)
            codes.append(ended.code)
        assert_sound(stage.index)
        print(f"{name}, {what}: {len(codes)} places, {codes.count(3)} ended the run")


def test_a_limit_on_the_size_of_files(stage):
    scene = stage.scene("update")
    stage.set(scene)
    largest = max(path.stat().st_size for path in stage.index.iterdir())
    for step in range(1, SIZES + 1):
        most = 1024 + largest * step // (SIZES + 1)
        stage.set(scene)
        ended = stage.run(scene, most=most)
        assert_told(ended, most)
        assert ended.code == 3 or step > SIZES // 2, (most, ended)
        assert_served(stage, scene, None, most)
        stage.complete(scene)


@contextmanager
def small_disk(at, size: int):
    """A file system of so many bytes; skips where this user may not mount one."""
    at.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", at], capture_output=True
    )
    if done.returncode:
        pytest.skip(
            f"no file system can be mounted here: {done.stderr.decode().strip()}"
        )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", at], check=True)


def test_a_disk_that_is_full_indeed(stage):
    """Here the readers have no room either, not even for what SQLite keeps beside an
    open database."""
    scene = stage.scene("update")
    stage.set(scene)
    used = sum(
        -(-path.stat().st_size // 4096) * 4096 for path in stage.index.rglob("*")
    )
    for step in range(SIZES):
        size = used + 4096 * (1 + step * 40 // SIZES)
        # Over the very folder: its address is in what the scene is held against.
        stage.index.rename(kept := stage.index.with_name("kept"))
        with small_disk(stage.index, size):
            subprocess.run(["cp", "-r", f"{scene.base}/.", stage.index], check=True)
            fill = stage.index / "fill"
            with suppress(OSError), fill.open("wb", buffering=0) as out:
                while step == 0:
                    out.write(b"x" * 4096)
            ended = stage.run(scene)
            assert_told(ended, size)
            assert ended.code == 3 or step, ended
            assert_served(stage, scene, None, size)
            fill.unlink(missing_ok=True)
            subprocess.run(
                ["mount", "-o", f"remount,size={size * 10}", stage.index], check=True
            )
            stage.complete(scene)
            assert_sound(stage.index)
        stage.index.rmdir()
        kept.rename(stage.index)


@pytest.mark.parametrize("where", ["a full disk", "a closed pipe", "nothing"])
def test_a_log_that_can_not_be_written_changes_no_exit_code(tmp_path, where):
    """The program as it is, with a message that goes nowhere."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "indexer", "--index", str(tmp_path), "update"]
    streams = {
        "a full disk": "2>/dev/full",
        "a closed pipe": "",
        "nothing": ">&- 2>&-",
    }[where]
    with closing(lock(tmp_path)):
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {streams}', "-", *command],
            stderr=writing,
            timeout=120,
        )
    assert done.returncode == 75
    os.close(writing)


def test_what_is_printed_to_a_full_disk_is_told_and_to_a_closed_pipe_is_enough(stage):
    scene = stage.scene("update")
    stage.set(scene)
    argv = ["--index", str(stage.index), "sources"]
    ended = stage.breaker.run(Order(argv, str(stage.index), out="/dev/full"))
    assert (ended.code, ended.said.count("\n")) == (3, 1), ended
    assert "The disk is full: what is printed can't be written." in ended.said
    assert (
        stage.breaker.run(Order(argv, str(stage.index), out="a closed pipe")).code == 0
    )
    ended = stage.breaker.run(Order(argv, str(stage.index)))
    assert ended.code == 0
    assert ended.said.count("\n") == 3


@pytest.fixture(scope="module")
def backed_up(stage):
    """An index after an update, and a backup of it from before."""
    scene = stage.scene("update")
    stage.set(scene)
    file = stage.folder / "before.tar"
    argv = ["--index", str(stage.index), "backup", str(file)]
    assert stage.breaker.run(Order(argv, str(stage.index))).code == 0
    assert stage.run(scene).code == 0
    base = shutil.copytree(stage.index, stage.folder / "updated")
    yield stage, base, file
    file.unlink()
    shutil.rmtree(base)


def kept_in(directory):
    """The names in a folder, but for what SQLite puts beside an open database."""
    names = {path.name for path in directory.iterdir()}
    return {name for name in names if not name.endswith(("-wal", "-shm"))}


def restored(stage, base, command, **how):
    """A restore or rollback that meets this; the index's state after it."""
    shutil.rmtree(stage.index, ignore_errors=True)
    shutil.copytree(base, stage.index)
    argv = ["--index", str(stage.index), *command]
    return stage.breaker.run(Order(argv, str(stage.index), **how))


@pytest.mark.parametrize("name", ["restore", "rollback"][: rounds(1, 2)])
def test_a_restore_under_a_limit_is_told_as_that_and_touches_nothing(backed_up, name):
    stage, base, file = backed_up
    command = {"restore": ["restore", str(file)], "rollback": ["rollback"]}[name]
    before, names = state(base), kept_in(base)
    largest = max(path.stat().st_size for path in base.iterdir())
    for step in range(1, SIZES + 1):
        most = 1024 + largest * step // (SIZES + 1)
        ended = restored(stage, base, command, most=most)
        assert ended.code == 3, (most, ended)
        assert "may not grow larger" in ended.said, (most, ended)
        assert "damaged" not in ended.said
        assert ended.said.count("\n") == 1
        assert kept_in(stage.index) == names
        assert state(stage.index) == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_restore_that_meets_a_failing_disk_takes_no_index_for_damaged(
    backed_up, code
):
    stage, base, file = backed_up
    before = state(base)
    command = ["restore", str(file)]
    calls = restored(stage, base, command).calls
    after = state(stage.index)
    for place in random.sample(range(1, calls + 1), min(calls, rounds(2, 60))):
        ended = restored(stage, base, command, how=FAIL_ON, place=place, code=code)
        note = (errno.errorcode[code], place, ended)
        assert ended.code in (0, 3), note
        assert "Traceback" not in ended.said, note
        assert not list(stage.index.glob("*.damaged-*")), note
        if ended.code == 3:
            assert "damaged" not in ended.said, note
        # The next run that writes completes it, or nothing was touched.
        is_under_way = (stage.index / "restore").is_dir()
        assert is_under_way or state(stage.index) in (before, after), note
        assert stage.breaker.run(
            Order(["--index", str(stage.index), "doctor"], str(stage.index))
        ).code in (0, 1), note
