"""The modes of an index's files: a new one is its owner's alone, a shared one shared."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from indexer.maintenance.restore import restore_backup, roll_back
from search.index.private_files import make_file, mode_beside, mode_of
from search.index.sqlite.backup import write_backup
from search.index.sqlite.undo.folders import PREVIOUS
from search.index.sqlite.writer import DATABASE
from tests.stocked import stock


@pytest.fixture(params=["0o022", "0o000", "0o077"])
def umask(request):
    before = os.umask(int(request.param, 8))
    yield int(request.param, 8)
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """The mode of each file and folder below one, by its kind."""
    found = {}
    for path in folder.rglob("*"):
        name = "vectors" if path.suffix == ".faiss" else path.name
        found[f"{path.parent.name}/{name}"] = stat.S_IMODE(path.stat().st_mode)
    return found


def test_a_new_index_is_its_owners_alone(tmp_path, umask):
    index = tmp_path / "data" / "index"
    stock(index, 2)
    stock(index, 1, first=2)
    write_backup(index, tmp_path / "b.tar")
    restore_backup(index, tmp_path / "b.tar")
    roll_back(index)
    restore_backup(tmp_path / "other", tmp_path / "b.tar")
    for folder in (index, tmp_path / "other"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        found = modes(folder)
        assert f"{folder.name}/{DATABASE}" in found
        assert {mode for mode in found.values() if mode != 0o700} == {0o600}
    assert stat.S_IMODE((index / PREVIOUS).stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600


def test_an_index_that_is_shared_stays_so(tmp_path, umask):
    """As an older program made it, or its owner wants a web server to read it."""
    index = tmp_path / "index"
    stock(index, 2)
    index.chmod(0o750)
    for path in index.iterdir():
        path.chmod(0o640)
    stock(index, 1, first=2)
    write_backup(index, tmp_path / "b.tar")
    restore_backup(index, tmp_path / "b.tar")
    roll_back(index)
    assert stat.S_IMODE(index.stat().st_mode) == 0o750
    for path in index.iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o640, path.name
    # The state before is for whoever may write.
    assert stat.S_IMODE((index / PREVIOUS).stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600


def test_a_damaged_database_that_is_replaced_keeps_its_mode(tmp_path):
    index = tmp_path / "index"
    stock(index, 2)
    write_backup(index, tmp_path / "b.tar")
    (index / DATABASE).write_bytes(b"no database" * 500)
    (index / DATABASE).chmod(0o640)
    restore_backup(index, tmp_path / "b.tar")
    assert mode_of(index / DATABASE) == 0o640
    kept = list(index.glob("*.damaged-*"))
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_file_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0o644)
    make_file(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "x"
    assert mode_of(tmp_path / "a") == 0o644
    assert mode_of(tmp_path / "missing") == mode_beside(tmp_path / "new") == 0o600
    make_file(tmp_path / "nowhere" / "b")  # whoever opens it says so
    shutil.rmtree(tmp_path)
